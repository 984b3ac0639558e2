"""A service's folder can be written, fixed and read back; what a person changed in it stays."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from bot.errors import UserError
from bot.generate.files.folder import Blueprint, changed_files, only_texts_change, read_service, service_files, texts
from bot.values.naming import TESTING_FILES
from bot.values.service import Fixture, Scenario, Service, Spec, Strategy

SPEC = Spec(
    slug="qr-code",
    title="QR code",
    summary="Draws a QR code.",
    input_schema={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    output_schema={"type": "object", "properties": {"image": {"type": "string", "contentEncoding": "base64"}}},
    scenarios=(Scenario(name="example", text="https://www.example.com"),),
    assumptions=("The image is a PNG.",),
)
STRATEGY = Strategy(name="segno", approach="Use segno.", packages=("segno",), risks="none")
SERVICE = Service(
    interface="INTERFACE = 1\n",
    executor="EXECUTOR = 1\n",
    tests="TESTS = 1\n",
    requirements="segno==1.6.6\n",
    system_packages=("libgl1", "libstdc++6"),
    example={"text": "ä"},
)

FOLDER = "services/qr-code"


def on_branch(service: Service = SERVICE) -> dict[str, str]:
    files = service_files(Blueprint(SPEC, STRATEGY, issue=7, base_image="python:3.13-slim@sha256:0"), service)
    assert all(path.startswith("services/qr-code/") for path in files)
    return {path.removeprefix("services/qr-code/"): str(text) for path, text in files.items()}


def test_a_folder_is_read_back_as_it_was_written() -> None:
    files = on_branch()
    assert set(files) == {
        "interface.py",
        "executor.py",
        "test_executor.py",
        "requirements.txt",
        "Dockerfile",
        "server.py",
        "service.json",
        ".dockerignore",
        *TESTING_FILES,
    }
    assert read_service(files) == (SPEC, STRATEGY, SERVICE)
    assert json.loads(files["service.json"])["issue"] == 7


def test_fixtures_lie_in_a_folder_of_their_own_as_they_are() -> None:
    bytes_of = {"page.html": b"<p>no line end", "photo.png": b"\x89PNG\r\n\0"}
    fixtures = tuple(
        Fixture(name=name, url=f"https://a.example/{name}", media_type="image/png", data=b64encode(content).decode())
        for name, content in bytes_of.items()
    )
    files = service_files(Blueprint(SPEC, STRATEGY, 7, "python:3.13-slim", fixtures), SERVICE)
    assert {path: files[path] for path in files if "/fixtures/" in path} == {
        f"services/qr-code/fixtures/{name}": content for name, content in bytes_of.items()
    }
    assert "COPY fixtures/" in str(files["services/qr-code/Dockerfile"])
    assert "COPY fixtures/" not in on_branch()["Dockerfile"]


SAMPLES = 'def test_x(call, sample):\n    assert call(sample("csv", text="a,b"))[0] == 200\n'


def test_the_samples_of_the_tests_are_made_as_fixtures() -> None:
    files = service_files(
        Blueprint(SPEC, STRATEGY, 7, "python:3.13-slim"), SERVICE.model_copy(update={"tests": SAMPLES})
    )
    assert [content for path, content in files.items() if "/fixtures/sample-" in path] == [b"a,b"]
    assert "COPY fixtures/" in str(files["services/qr-code/Dockerfile"])


def test_a_review_of_the_tests_brings_the_samples_that_they_need() -> None:
    after = SERVICE.model_copy(update={"tests": SAMPLES})
    changed = changed_files(FOLDER, SERVICE, after, on_branch())
    assert [content for path, content in changed.items() if "/fixtures/sample-" in path] == [b"a,b"]
    assert "\nCOPY fixtures/ /tests/fixtures/\nCOPY test_executor.py /tests/\n" in str(
        changed["services/qr-code/Dockerfile"]
    )
    more = after.model_copy(update={"tests": SAMPLES.replace("a,b", "c,d")})
    assert not any(path.endswith("Dockerfile") for path in changed_files(FOLDER, after, more, on_branch(after)))


def test_the_first_package_of_the_tests_is_installed_as_in_a_new_service() -> None:
    after = SERVICE.model_copy(update={"test_requirements": "pillow==12.0.0\n"})
    changed = changed_files(FOLDER, SERVICE, after, on_branch())
    assert changed["services/qr-code/Dockerfile"] == on_branch(after)["Dockerfile"]
    assert changed["services/qr-code/test_requirements.txt"] == "pillow==12.0.0\n"
    more = after.model_copy(update={"test_requirements": "pillow==12.0.0\npypdf==6.0.0\n"})
    assert list(changed_files(FOLDER, after, more, on_branch(after))) == ["services/qr-code/test_requirements.txt"]
    # A person has installed it already.
    own = on_branch() | {"Dockerfile": on_branch(after)["Dockerfile"]}
    assert list(changed_files(FOLDER, SERVICE, after, own)) == ["services/qr-code/test_requirements.txt"]
    with pytest.raises(UserError, match="no step that installs pytest"):
        changed_files(FOLDER, SERVICE, after, on_branch() | {"Dockerfile": "FROM scratch\n"})


def test_the_dockerfile_is_the_services_own_in_two_lines_only() -> None:
    other = on_branch(SERVICE.model_copy(update={"system_packages": ()}))["Dockerfile"].splitlines()
    lines = on_branch()["Dockerfile"].splitlines()
    assert 'ARG SYSTEM_PACKAGES="libgl1 libstdc++6"' in lines
    assert "FROM python:3.13-slim@sha256:0 AS dependencies" in lines
    assert sum(before != after for before, after in zip(lines, other, strict=True)) == 1
    assert not any(line.startswith("# syntax") for line in lines)


def test_nothing_is_installed_after_the_sources_are_copied() -> None:
    stages = on_branch()["Dockerfile"].split("FROM ")
    for stage in stages[2:]:
        _, _, after = stage.partition("COPY interface.py") if "COPY interface.py" in stage else stage.partition("COPY")
        assert "install" not in after


def test_a_fix_of_the_code_changes_the_code_alone() -> None:
    after = SERVICE.model_copy(update={"executor": "EXECUTOR = 2"})
    assert changed_files(FOLDER, SERVICE, after, on_branch()) == {"services/qr-code/executor.py": "EXECUTOR = 2\n"}


def test_what_only_a_model_writes_need_not_be_read_to_be_changed() -> None:
    on_it = on_branch()
    assert texts(SERVICE) == {name: on_it[name] for name in texts(SERVICE)}
    code = SERVICE.model_copy(update={"executor": "EXECUTOR = 2", "requirements": "segno==1.6.7\n"})
    assert only_texts_change(SERVICE, code, None)
    assert changed_files(FOLDER, SERVICE, code, texts(SERVICE)) == changed_files(FOLDER, SERVICE, code, on_it)
    assert not only_texts_change(SERVICE, code, SPEC)
    for name, value in {"system_packages": (), "example": {}, "test_requirements": "x==1\n", "tests": SAMPLES}.items():
        assert not only_texts_change(SERVICE, SERVICE.model_copy(update={name: value}), None)


def test_a_fix_that_changes_nothing_has_no_files() -> None:
    assert changed_files(FOLDER, SERVICE, SERVICE, on_branch()) == {}


def test_of_an_edited_dockerfile_only_the_packages_change() -> None:
    files = on_branch()
    files["Dockerfile"] = files["Dockerfile"].replace("WORKDIR /service", "WORKDIR /service\nENV MINE=1")
    after = SERVICE.model_copy(update={"system_packages": ("ffmpeg",)})
    changed = changed_files(FOLDER, SERVICE, after, files)
    assert list(changed) == ["services/qr-code/Dockerfile"]
    text = str(changed["services/qr-code/Dockerfile"])
    assert "ENV MINE=1" in text
    assert 'ARG SYSTEM_PACKAGES="ffmpeg"\n' in text
    assert "libgl1" not in text
    assert read_service({**files, "Dockerfile": text})[2] == after


def test_a_new_example_keeps_what_a_person_set() -> None:
    files = on_branch()
    described = json.loads(files["service.json"])
    described["resources"]["memory"] = 4096
    files["service.json"] = json.dumps(described)
    after = SERVICE.model_copy(update={"example": {"text": "b"}})
    changed = json.loads(changed_files(FOLDER, SERVICE, after, files)["services/qr-code/service.json"])
    assert changed["example"] == {"text": "b"}
    assert changed["resources"]["memory"] == 4096


def test_a_dockerfile_without_the_line_is_left_to_the_person() -> None:
    files = {**on_branch(), "Dockerfile": "FROM scratch\n"}
    with pytest.raises(UserError, match="SYSTEM_PACKAGES"):
        changed_files(FOLDER, SERVICE, SERVICE.model_copy(update={"system_packages": ("ffmpeg",)}), files)


@pytest.mark.parametrize("name", ["lib; rm -rf /", '"', "$(id)", "-y", "LibGL", ""])
def test_what_is_no_package_never_reaches_the_shell(name: str) -> None:
    with pytest.raises(UserError, match="No Debian package"):
        on_branch(SERVICE.model_copy(update={"system_packages": (name,)}))


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("service.json", "{", "not valid JSON"),
        ("service.json", "[]", "does not describe"),
        ("service.json", '{"slug": "a"}', "does not describe"),
    ],
)
def test_a_broken_description_is_named(name: str, text: str, word: str) -> None:
    with pytest.raises(UserError, match=word):
        read_service({**on_branch(), name: text})


def test_a_missing_file_is_named() -> None:
    files = on_branch()
    del files["executor.py"]
    with pytest.raises(UserError, match=r"no `executor\.py`"):
        read_service(files)
