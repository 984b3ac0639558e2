"""Which files of a page count, and what a page that makes no sense says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.clients.packages.base_image import wheel_tags
from bot.clients.packages.index import Index
from bot.clients.packages.pages import File, releases, upload_times
from bot.errors import TransientError
from tests.fakes.github_http import FakeGitHub
from tests.fakes.index_pages import JSON, OLD, file, say, say_html
from tests.unit.clients.packages.conftest import MakeIndex


def test_json_page(server: FakeGitHub, index: Index) -> None:
    say(
        server,
        "qrcode",
        file("qrcode-7.0.tar.gz"),
        file("qrcode-8.0-py3-none-any.whl", upload_time="2016-01-01T00:00:00Z"),
        file("qrcode-8.1-py3-none-any.whl", requires_python="<3.13"),
        file("qrcode-8.2-py3-none-any.whl", yanked="broken"),
        file("qrcode-9.0rc1-py3-none-any.whl"),
        file("other-9.0-py3-none-any.whl"),
    )

    project = index.project("qrcode")

    assert project is not None
    assert project.name == "qrcode"
    assert project.first_upload == datetime(2015, 3, 1, 10, tzinfo=UTC)
    assert project.versions == ("7.0", "8.0", "8.1")
    assert project.for_image == ("7.0", "8.0")
    assert project.sources == ("7.0",)
    assert server.requests[0].headers["accept"].startswith(JSON)


def test_html_page(server: FakeGitHub, index: Index) -> None:
    say_html(
        server,
        "ruamel-yaml",
        f'ruamel.yaml-0.1.zip data-upload-time="{OLD}"',
        'ruamel.yaml-0.2-py3-none-any.whl data-requires-python="&gt;=3.9" data-upload-time="2020-01-01T00:00:00+00:00"',
        f'ruamel_yaml-0.3-py3-none-any.whl data-requires-python="&gt;=3.14" data-upload-time="{OLD}"',
        f'ruamel_yaml-0.4-py3-none-any.whl data-yanked="" data-upload-time="{OLD}"',
        f'ruamel.yaml-0.1-py2.5.egg data-upload-time="{OLD}"',
    )

    project = index.project("ruamel.yaml")

    assert project is not None
    assert project.first_upload == datetime(2015, 3, 1, 10, tzinfo=UTC)
    assert project.versions == ("0.1", "0.2", "0.3")
    assert (project.for_image, project.sources) == (("0.1", "0.2"), ("0.1",))
    assert len(server.requests) == 1


def test_empty_html_page_is_a_project_without_files(server: FakeGitHub, index: Index) -> None:
    say_html(server, "empty")

    project = index.project("empty")

    assert project is not None
    assert project.versions == ()


@pytest.mark.parametrize(
    "files",
    [
        (),
        (file("trap-1.0-py3-none-any.whl", yanked=True), file("trap-1.0.tar.gz", yanked="malware")),
        (file("trap-1.0a1-py3-none-any.whl"), file("trap-1.0.dev3.tar.gz")),
    ],
)
def test_what_was_never_released_has_no_versions(
    server: FakeGitHub, index: Index, files: tuple[dict[str, object], ...]
) -> None:
    say(server, "trap", *files)

    project = index.project("trap")

    assert project is not None
    assert project.versions == project.for_image == ()


@pytest.mark.parametrize(
    ("wheel", "fits"),
    [
        ("x-1-py3-none-any.whl", True),
        ("x-1-py2.py3-none-any.whl", True),
        ("x-1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
        ("x-1-1build-cp313-cp313-manylinux1_x86_64.whl", True),
        ("x-1-cp38-abi3-manylinux_2_40_x86_64.whl", True),
        ("x-1-py3-none-manylinux2014_x86_64.whl", True),
        ("x-1-cp313-cp313-linux_x86_64.whl", True),
        ("x-1-cp312-cp312-manylinux_2_17_x86_64.whl", False),
        ("x-1-cp314-abi3-manylinux_2_17_x86_64.whl", False),
        ("x-1-cp313-cp313t-manylinux_2_17_x86_64.whl", False),
        ("x-1-cp313-cp313-manylinux_2_41_x86_64.whl", False),
        ("x-1-cp313-cp313-musllinux_1_2_x86_64.whl", False),
        ("x-1-cp313-cp313-manylinux_2_17_aarch64.whl", False),
        ("x-1-cp313-cp313-win_amd64.whl", False),
        ("x-1-cp313-cp313-macosx_11_0_arm64.whl", False),
        ("x-1-py2-none-any.whl", False),
    ],
)
def test_wheels_for_the_image(server: FakeGitHub, index: Index, wheel: str, fits: bool) -> None:
    say(server, "x", file(wheel))

    project = index.project("x")

    assert project is not None
    assert project.versions == ("1",)
    assert project.for_image == (("1",) if fits else ())


def test_wheels_for_another_platform(server: FakeGitHub, make_index: MakeIndex) -> None:
    index = make_index(f"{server.url}/simple", platform="aarch64")
    say(
        server,
        "x",
        file("x-1-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"),
        file("x-2-cp313-cp313-manylinux_2_17_x86_64.whl"),
    )

    project = index.project("x")

    assert project is not None
    assert project.for_image == ("1",)


def test_best_wheel_of_a_version_is_taken() -> None:
    names = [
        "x-1-py3-none-any.whl",
        "x-1-cp313-cp313-manylinux_2_17_x86_64.whl",
        "x-1-cp39-abi3-manylinux_2_17_x86_64.whl",
    ]
    by_version = releases("x", [File(name, name) for name in names], wheel_tags("x86_64"))

    assert by_version["1"].wheel == "x-1-cp313-cp313-manylinux_2_17_x86_64.whl"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b"{"),
        (JSON, b"[]"),
        (JSON, b'{"files": 1}'),
        (JSON, b'{"files": [1]}'),
        (JSON, b'{"files": [{}]}'),
        (JSON, b"\xff\xfe"),
        ("text/html", b"busy"),
        ("text/html", b""),
        ("text/html", b'<html><form><a href="/login">Log in to the network</a></form></html>'),
        ("text/plain", b"<html><a href='qrcode-1.0-py3-none-any.whl'>qrcode-1.0-py3-none-any.whl</a></html>"),
        ("application/octet-stream", b"\x00" * 100),
    ],
)
def test_garbage_is_transient(server: FakeGitHub, index: Index, content_type: str, body: bytes) -> None:
    server.on("GET", "/simple/qrcode/", 200, body, Content_Type=content_type)

    with pytest.raises(TransientError, match="makes no sense"):
        index.project("qrcode")


def test_upload_times_of_odd_answers() -> None:
    assert upload_times(b'{"releases": {"1": [{"upload_time": "never"}, 5], "2": 3}, "urls": null}') == []
    assert upload_times(b"nonsense") == []
    assert upload_times(b"[]") == []
