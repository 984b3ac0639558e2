"""Paths of a commit stay in one service's folder, and mean the same file on every file system."""

from __future__ import annotations

import pytest

from bot.guard.paths import COUNT_LIMIT, FIXTURE_LIMIT, TEXT_LIMIT, TOP_NAMES, look_alike, path_faults

FOLDER = "services/text-tools/"


def faults(path: str, existing: tuple[str, ...] = ()) -> str:
    return "\n".join(map(str, path_faults({path: "x"}, "text-tools", existing)))


@pytest.mark.parametrize("name", [*sorted(TOP_NAMES), "fixtures/page.html", "fixtures/a-b_c.1.PNG"])
def test_the_files_of_a_service_pass(name: str) -> None:
    others = ("README.md", "services/other/executor.py", f"{FOLDER}executor.py", f"{FOLDER}fixtures/old.txt")
    assert faults(FOLDER + name, others) == ""


def test_a_service_passes_as_a_whole() -> None:
    files: dict[str, str | bytes] = {f"{FOLDER}{name}": "x" for name in TOP_NAMES}
    files[f"{FOLDER}fixtures/a.bin"] = b"\xff\0"
    assert path_faults(files, "text-tools") == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "executor.py",
        "/executor.py",
        "/etc/passwd",
        "~/executor.py",
        "C:/executor.py",
        "C:executor.py",
        "services/other/executor.py",
        "services/text-tools",
        "services/text-tools/",
        "services/text-toolsx/executor.py",
        "services/executor.py",
        "Services/text-tools/executor.py",
        "services/Text-Tools/executor.py",
        FOLDER + "../other/executor.py",
        FOLDER + "../../.github/workflows/x.yml",
        FOLDER + "./executor.py",
        FOLDER + "/executor.py",
        FOLDER + "fixtures/../executor.py",
        FOLDER + "fixtures/..",
        FOLDER + "fixtures/a/b.txt",
        FOLDER + "fixtures/",
        FOLDER + "fixtures/.hidden",
        "services\\text-tools\\executor.py",
        FOLDER + "..\\executor.py",
        ".git/config",
        ".github/workflows/x.yml",
        FOLDER + ".git/config",
        FOLDER + ".GIT/config",
        FOLDER + ".gIt",
        FOLDER + ".git./config",
        FOLDER + ".git /config",
        FOLDER + "GIT~1/config",
        FOLDER + ".git::$INDEX_ALLOCATION/config",
        FOLDER + ".g\u200cit/config",
        FOLDER + ".\ufeffgit/config",
        FOLDER + ".ɡit/config",
        FOLDER + ".github/workflows/x.yml",
        FOLDER + ".gitmodules",
        FOLDER + ".gitattributes",
        FOLDER + "Executor.py",
        FOLDER + "EXECUTOR.PY",
        FOLDER + "executor.py ",
        FOLDER + " executor.py",
        FOLDER + "executor.py.",
        FOLDER + "executor.py:stream",
        FOLDER + "executor.py::$DATA",
        FOLDER + "еxecutor.py",
        FOLDER + "ｅxecutor.py",
        FOLDER + "execu\u00adtor.py",
        FOLDER + "executor.py\u200b",
        FOLDER + "executor.py\u202e",
        FOLDER + "executor.p\u0443",
        FOLDER + "executor\u2024py",
        FOLDER + "executor.py\n",
        FOLDER + "executor.py\0",
        FOLDER + "execu\ttor.py",
        FOLDER + "dockerfile",
        FOLDER + "fixtures/e\u0301.txt",
        FOLDER + "fixtures/é.txt",
        FOLDER + "Fixtures/a.txt",
        FOLDER + "CON",
        FOLDER + "fixtures/aux.txt",
        FOLDER + "fixtures/COM1",
        FOLDER + "fixtures/nul.tar.gz",
        FOLDER + "fixtures/" + "a" * 81,
        FOLDER + "fixtures/" + "a" * 300,
        FOLDER + "conftest.py",
        FOLDER + "pytest.ini",
        FOLDER + "sitecustomize.py",
        FOLDER + "setup.cfg",
        FOLDER + "executor.pyc",
        FOLDER + "executor.py/__init__.py",
        FOLDER + "__pycache__/executor.cpython-313.pyc",
        FOLDER + "fixtures/<a>.txt",
        FOLDER + "fixtures/a?.txt",
        FOLDER + "fixtures/a*",
    ],
)
def test_no_path_leads_elsewhere(path: str) -> None:
    assert faults(path) != ""


@pytest.mark.parametrize("path", ["../x", "a\u202eb", "a\nb"])
def test_a_reason_shows_a_path_as_it_is(path: str) -> None:
    said = faults(path)
    assert said.isascii()
    assert "\n" not in said


@pytest.mark.parametrize("slug", ["", "..", "A", "a/b", "a-", "../x", "é"])
def test_a_slug_is_a_name(slug: str) -> None:
    assert [str(fault) for fault in path_faults({f"services/{slug}/executor.py": "x"}, slug)] == [
        f"{slug!r} is no name of a service"
    ]


@pytest.mark.parametrize(
    "existing",
    [
        FOLDER + "Executor.py",
        FOLDER + "executor.PY",
        FOLDER + "еxecutor.py",
        FOLDER + "executor.py.",
        FOLDER + "executor.py/old",
        "services",
        "services/text-tools",
        "services/Text-Tools/README.md",
        "Services/other/README.md",
        "ſervices/other",
    ],
)
def test_nothing_on_the_branch_is_a_twin_or_in_the_way(existing: str) -> None:
    assert faults(FOLDER + "executor.py", (existing,)) != ""


def test_two_files_of_a_commit_are_no_twins() -> None:
    files = {f"{FOLDER}fixtures/a.txt": "x", f"{FOLDER}fixtures/A.txt": "x"}
    assert "is the same as" in "\n".join(map(str, path_faults(files, "text-tools")))
    files = {f"{FOLDER}fixtures/a": "x", f"{FOLDER}fixtures/a/b": "x"}
    assert "to be a folder, which is a file" in "\n".join(map(str, path_faults(files, "text-tools")))


def test_twins_that_were_there_before_are_nobodys_fault() -> None:
    assert faults(FOLDER + "executor.py", ("README.md", "readme.md", FOLDER + "executor.py")) == ""


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("executor.py", "x" * (TEXT_LIMIT + 1), f"at most {TEXT_LIMIT} are taken"),
        ("executor.py", "é" * (TEXT_LIMIT // 2 + 1), f"at most {TEXT_LIMIT} are taken"),
        ("executor.py", "\ud800", "must be text in UTF-8"),
        ("executor.py", b"\xff", "must be text in UTF-8"),
        ("executor.py", "x\0", "must not have null characters"),
        ("fixtures/a.bin", b"x" * (FIXTURE_LIMIT + 1), f"at most {FIXTURE_LIMIT} are taken"),
    ],
)
def test_contents_are_text_of_a_size(name: str, content: str | bytes, words: str) -> None:
    assert words in "\n".join(map(str, path_faults({FOLDER + name: content}, "text-tools")))


def test_a_commit_is_of_a_size() -> None:
    large = {f"{FOLDER}fixtures/{number}.bin": b"x" * (FIXTURE_LIMIT - 1) for number in range(3)}
    assert "bytes together" in "\n".join(map(str, path_faults(large, "text-tools")))
    many = {f"{FOLDER}fixtures/{number}": "x" for number in range(COUNT_LIMIT + 1)}
    assert f"at most {COUNT_LIMIT}" in "\n".join(map(str, path_faults(many, "text-tools")))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("executor.py", None),
        ("../executor.py", "executor.py"),
        ("/etc/executor.py", "executor.py"),
        ("C:\\x\\executor.py", "executor.py"),
        ("Executor.py", "executor.py"),
        ("еxecutor.py", "executor.py"),
        ("executor.py.", "executor.py"),
        ("executor.py::$DATA", "executor.py"),
        ("dockerfile", "Dockerfile"),
        ("other.py", None),
        ("", None),
    ],
)
def test_what_is_taken_for_another_file_is_known(path: str, name: str | None) -> None:
    assert look_alike(path, TOP_NAMES) == name
