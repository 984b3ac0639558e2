"""Files are read from a reply strictly, though not more strictly than small models write."""

from __future__ import annotations

import pytest

from bot.clients.llm import Refused
from bot.generate.files.reply import LIMITS, disputes, read_files


def block(path_line: str, content: str = "x = 1", fence: str = "```") -> str:
    return f"{path_line}\n{fence}python\n{content}\n{fence}\n"


@pytest.mark.parametrize(
    "line",
    [
        "executor.py",
        "  executor.py  ",
        "executor.py:",
        "**executor.py**",
        "**executor.py:**",
        "`executor.py`",
        "**`executor.py`**:",
        "### executor.py",
        "### `executor.py`",
        "1. executor.py",
        "- executor.py",
        "## 2. **executor.py**",
        "File: executor.py",
        "./executor.py",
        "**`./executor.py`**",
        "### File: `executor.py`",
        "executor.py\n",
    ],
)
def test_a_path_may_be_decorated(line: str) -> None:
    assert read_files(block(line)).files == {"executor.py": "x = 1\n"}


def test_a_path_may_stand_in_the_block_as_a_comment() -> None:
    assert read_files("```python\n# executor.py\nx = 1\n```").files == {"executor.py": "x = 1\n"}


def test_prose_comes_before_the_files() -> None:
    reply = read_files("The cause:\n```\nError: x\n```\nSo I changed it.\n\n" + block("### executor.py"))
    assert reply.prose == "The cause:\n```\nError: x\n```\nSo I changed it."
    assert list(reply.files) == ["executor.py"]


def test_several_files_and_words_around_them() -> None:
    text = f"Sure!\n\n{block('executor.py')}\nAnd:\n\n{block('test_executor.py', 'y = 2')}\n"
    text += "requirements.txt\n```\n```\nRun it:\n```bash\npytest\n```\nGood luck!"
    files = read_files(text).files
    assert files == {"executor.py": "x = 1\n", "test_executor.py": "y = 2\n", "requirements.txt": "\n"}


@pytest.mark.parametrize(("fence", "inner"), [("````", "```\nx\n```"), ("~~~", "```"), ("```", "a ``` b")])
def test_a_file_may_hold_fences_that_are_shorter_or_inside_a_line(fence: str, inner: str) -> None:
    assert read_files(block("executor.py", inner, fence)).files["executor.py"] == inner + "\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (block("executor.py") + block("executor.py"), "comes twice"),
        (block("executor.py") + block("Now the test:"), "has no path"),
        (block("../executor.py"), "not one of your files"),
        (block("/etc/executor.py"), "not one of your files"),
        (block("services/x/executor.py"), "not one of your files"),
        (block("Executor.py"), "not one of your files"),
        (block("server.py"), "not one of your files"),
        (block("README.md"), "not one of your files"),
        ("executor.py\n```python\nx = 1\n", "not closed"),
        (block("packages.txt", "x" * LIMITS["packages.txt"]), "at most"),
    ],
)
def test_what_is_not_clear_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_files(text)


def test_missing_files_are_named() -> None:
    with pytest.raises(Refused, match=r"Missing: test_executor\.py, example\.json\."):
        read_files(block("executor.py"), ("executor.py", "test_executor.py", "example.json"))


def test_a_block_whose_path_is_only_mentioned_is_no_file() -> None:
    assert read_files(block("I would change executor.py like this:")).files == {}


@pytest.mark.parametrize(
    "path",
    [
        "../executor.py",
        "././executor.py",
        "./../executor.py",
        "/executor.py",
        "services/other/executor.py",
        "services\\other\\executor.py",
        "C:\\executor.py",
        "~/executor.py",
        "Executor.py",
        "EXECUTOR.PY",
        "еxecutor.py",
        "ехесutоr.ру",
        "ｅxecutor.py",
        "execu\u00adtor.py",
        "executor\u2024py",
        "exe\u200bcutor.py",
        "executor.py\u200b",
        "executor.py.",
        "executor.py::$DATA",
        "test_Executor.py",
        "Requirements.txt",
        "..\\example.json",
        ".git/config.txt",
        ".github/workflows/x.yml",
        "Dockerfile",
        "dockerfile",
        "conftest.py",
        "fixtures/a.txt",
        "service.json",
        "pytest.ini",
    ],
)
@pytest.mark.parametrize("line", ["{}", "`{}`", "**{}**", "### {}", "File: {}"])
def test_a_path_that_is_not_ours_never_becomes_a_file(path: str, line: str) -> None:
    with pytest.raises(Refused, match="not one of your files"):
        read_files(block(line.format(path)))
    with pytest.raises(Refused, match=r"not one of your files|has no path"):
        read_files(block("requirements.txt") + block(line.format(path)))


@pytest.mark.parametrize("path", ["еxecutor.py", "../executor.py", "Executor.py"])
def test_nor_does_one_in_the_block(path: str) -> None:
    with pytest.raises(Refused, match="not one of your files"):
        read_files(f"```python\n# {path}\nx = 1\n```")


def test_what_a_path_looks_like_is_shown() -> None:
    with pytest.raises(
        Refused, match=r"`\\u0435xecutor\.py` is not one of your files. Write the plain name `executor.py`"
    ):
        read_files(block("еxecutor.py"))


@pytest.mark.parametrize(
    "line", ["The log says", "executor.py failed in", "In Executor.py", "See ../executor.py here:"]
)
def test_an_excerpt_after_a_sentence_is_no_file(line: str) -> None:
    assert read_files(block(line)).files == {}


@pytest.mark.parametrize(
    "line",
    [
        "Wrong test: test_hello: It expects lower case letters.",
        "wrong test: test_hello: It expects lower case letters.",
        "- Wrong test: `test_hello`: It expects lower case letters.",
        "* **Wrong test:** `test_hello`: It expects lower case letters.",
        "**Wrong test: test_hello:** It expects lower case letters.",
        "**Wrong test**: test_hello - It expects lower case letters.",
        "1. Wrong test: hello: It expects lower case letters.",
        "> Wrong test: test_hello(): It expects lower case letters.",
        "### Wrong test: test_executor.py::test_hello — It expects lower case letters.",
        "  Wrong test :  test_hello :  It  expects lower case letters. ",
    ],
)
def test_a_test_may_be_disputed(line: str) -> None:
    (dispute,) = disputes(f"The build died of a test.\n\n{line}\n")
    assert (dispute.test, dispute.reason) == ("test_hello", "It expects lower case letters.")


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "The test test_hello is wrong: it expects lower case letters.",
        "Wrong test: test_hello",
        "Wrong test: test_hello:",
        "Wrong test: test_hello: wrong",
        "Wrong test: test_hello: is wrong",
        "Wrong test: test_hello: . . . .",
        "Wrong test: : It expects lower case letters.",
        "I see no wrong test: test_hello: it is as it should be.",
        "```\nWrong test: test_hello: It expects lower case letters.\n```",
        "~~~~ log\nWrong test: test_hello: It expects lower case letters.\n~~~\n~~~~",
    ],
)
def test_without_a_line_and_a_reason_nothing_is_disputed(prose: str) -> None:
    assert disputes(prose) == ()


def test_of_several_disputes_of_a_test_the_first_counts_and_reasons_are_short() -> None:
    prose = (
        f"Wrong test: test_a: the first reason\nWrong test: a: the second reason\nWrong test: test_b: {'why ' * 200}"
    )
    first, second = disputes(prose)
    assert (first.test, first.reason) == ("test_a", "the first reason")
    assert second.test == "test_b"
    assert len(second.reason) == 500
