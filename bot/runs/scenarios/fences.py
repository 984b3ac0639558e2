"""Fences that hold several tests: commands as people show them with curl, test functions, lines with an arrow."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise

_COMMAND = re.compile(r"\s*(?:[$>%]\s+)?(?P<command>(?:curl|https?|xh|wget)\s.*)")
_COMMENT = re.compile(r"\s*#+\s*(?:(?:->|=>|→|⇒)\s*)?(?P<text>.*)")
_FUNCTION = re.compile(r"^(?:@.*\n)*(?:async )?def test(?P<name>\w*)\(", re.MULTILINE)
_BETWEEN = re.compile(r"\S\s*(?:->|=>|→|⇒)\s*\S")
# Blanks that only put the arrows below each other.
_BLANKS = re.compile(r"\s{2,}(?=->|=>|→|⇒)|(?<=->|=>)\s{2,}|(?<=→|⇒)\s{2,}")
_ARROW = re.compile(r"\s*(?:->|=>|→|⇒)\s*")


def split_fence(content: str) -> list[str] | None:
    """Return the tests that a fence holds, each as Markdown; None where it holds less than two."""
    return _commands(content) or _functions(content) or _lines(content)


def _functions(content: str) -> list[str] | None:
    """Return each test function of a file in Python, in a fence below its name."""
    found = list(_FUNCTION.finditer(content))
    if len(found) < 2:
        return None
    # What stands before the first, such as a request that all of them send, stays with it.
    begins = [0, *(match.start() for match in found[1:]), len(content)]
    return [
        f"{match['name'].replace('_', ' ').strip() or 'test'}:\n```python\n{content[start:end].strip()}\n```"
        for match, (start, end) in zip(found, pairwise(begins), strict=True)
    ]


def _lines(content: str) -> list[str] | None:
    """Return the lines of a fence, if each of them leads from an input to an answer."""
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if len(lines) < 2 or not all(_BETWEEN.search(line) for line in lines):
        return None
    return [_BLANKS.sub(" ", line) for line in lines]


def _commands(content: str) -> list[str] | None:
    """Return a line for each command in a fence, with what the fence says of its answer; None for less than two.

    What is said stands in comments or in output below the commands, or in comments above each of them. Commands go on
    in the next line after a backslash and within quotes.
    """
    lines = list(_whole_lines(content.splitlines()))
    starts = [number for number, line in enumerate(lines) if _COMMAND.fullmatch(line)]
    if len(starts) < 2:
        return None
    above = any(line.strip() for line in lines[: starts[0]])
    begins = [_first_comment(lines, start) if above else start for start in starts]
    return [
        _told(lines[begin:start], lines[start], lines[start + 1 : end])
        for begin, start, end in zip(begins, starts, [*begins[1:], len(lines)], strict=True)
    ]


def _first_comment(lines: Sequence[str], start: int) -> int:
    """Return where the comments begin that stand directly above a command."""
    while start and _COMMENT.fullmatch(lines[start - 1]):
        start -= 1
    return start


def _told(above: Sequence[str], line: str, below: Sequence[str]) -> str:
    command, comment = _without_comment(line)
    marks = "``" if "`" in command else "`"
    title = " ".join(filter(None, map(_said, above)))
    answer = " ".join(filter(None, [comment, *map(_said, below)]))
    return f"{title}: " * bool(title) + f"{marks}{command}{marks}" + f" → {answer}" * bool(answer)


def _whole_lines(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines, those together that are one command."""
    begun = ""
    for line in lines:
        if begun:
            begun += f" {line.strip()}"
        elif _COMMAND.fullmatch(line):
            begun = line
        else:
            yield line
            continue
        if begun.endswith("\\"):
            begun = begun.removesuffix("\\").rstrip()
        elif _is_whole(_without_comment(begun)[0]):
            yield begun
            begun = ""
    if begun:
        yield begun


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def _without_comment(line: str) -> tuple[str, str]:
    """Return a command, and the comment behind it or ""."""
    match = _COMMAND.fullmatch(line)
    command = (match["command"] if match else line).strip()
    for mark in re.finditer(r"\s#", command):
        if _is_whole(command[: mark.start()]):
            return command[: mark.start()].strip(), _said(command[mark.start() :])
    return command, ""


def _said(line: str) -> str:
    match = _COMMENT.fullmatch(line)
    return _ARROW.sub("", match["text"] if match else line, count=1).strip()
