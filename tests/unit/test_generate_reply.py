"""Files are read from a reply strictly, though not more strictly than small models write."""

from __future__ import annotations

import pytest

from bot.clients.llm import Refused
from bot.generate.reply import LIMITS, read_files


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
