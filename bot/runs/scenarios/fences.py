"""Fences that hold several commands, as people show them with curl: each command is a test of its own."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

_COMMAND = re.compile(r"\s*(?:[$>%]\s+)?(?P<command>(?:curl|https?|xh|wget)\s.*)")
_COMMENT = re.compile(r"\s*#+\s*(?:(?:->|=>|→|⇒)\s*)?(?P<text>.*)")
_ARROW = re.compile(r"\s*(?:->|=>|→|⇒)\s*")


def split_commands(content: str) -> list[str] | None:
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
