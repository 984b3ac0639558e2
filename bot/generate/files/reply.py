"""A model's reply, read strictly: files, each a line with its path and one fenced block, and the tests it disputes."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from bot.clients.llm import Refused
from bot.foreign import printable
from bot.guard.paths import look_alike
from bot.guard.text import words_of
from bot.values.service import Dispute

_OPEN = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
# Small models put other characters around a path: a heading, a list marker, a number, bold or code, "File:", a colon.
_DECORATION = re.compile(
    r"^(?:#{1,6}[ \t]+|[-*][ \t]+|\d+[.)][ \t]+)*(?:[*_`]{0,3})(?:file(?:name)?:?[ \t]+)?[`*_]{0,3}"
    r"(?P<path>[A-Za-z0-9_./-]+\.[a-z]+|Dockerfile)[`*_]{0,3}:?[`*_]{0,3}:?$",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^(?:#|//)[ \t]*(?P<path>[A-Za-z0-9_./-]+\.[a-z]+)[ \t]*$")
# The same for a path of any characters, because a foreign path may look like one of ours.
_ANY_PATH = re.compile(
    r"^(?:#{1,6}[ \t]+|[-*][ \t]+|\d+[.)][ \t]+|#[ \t]*|//[ \t]*)*(?:[*_`]{0,3})(?:file(?:name)?:?[ \t]+)?[`*_\"']{0,3}"
    r"(?P<path>[^\s`*]+)[`*_\"']{0,3}:?[`*_]{0,3}:?$",
    re.IGNORECASE,
)
_WRONG_TEST = re.compile(
    r"^[\s>]*(?:[-*+][ \t]+|\d+[.)][ \t]+|#{1,6}[ \t]+)*[*_`]{0,3}wrong test[*_`]{0,3}[ \t]*:[*_`]{0,3}[ \t]*[*_`]{0,3}"
    r"(?:test_executor\.py::)?(?P<test>[A-Za-z]\w*(?:::\w+)?)(?:\(\))?"
    r"[*_`]{0,3}[ \t]*(?::|\s[-–—])[*_`]{0,3}[ \t]*(?P<reason>.*)$",
    re.IGNORECASE,
)
_REASON_WORDS = 3
_REASON_LIMIT = 500
_SHELL = frozenset({"bash", "sh", "shell", "console", "zsh"})
LIMITS = {
    "executor.py": 60_000,
    "test_executor.py": 60_000,
    "test_requirements.txt": 4_000,
    "requirements.txt": 4_000,
    "packages.txt": 2_000,
    "example.json": 200_000,
}
"""The files that a model may write -> how many characters each may have."""


@dataclass(frozen=True)
class Reply:
    """A model's reply, read.

    Attributes:
        prose: what stands before the first file.
        files: the text of each file by its name, one of `LIMITS`.
    """

    prose: str
    files: dict[str, str]

    @cached_property
    def disputes(self) -> tuple[Dispute, ...]:
        """The tests that contradict the issue, as the model says."""
        return disputes(self.prose)


def read_files(text: str, required: Collection[str] = ()) -> Reply:
    """Read the files in `text`.

    A path is one of the plain names in `LIMITS`; `./` before it is taken off.

    Raises:
        Refused: a block has no path or is not closed; a path is unknown, looks like a known one, or comes twice; a file
            is too large or missing.
    """
    lines = text.splitlines()
    files: dict[str, str] = {}
    prose_until: int | None = None
    at = 0
    while at < len(lines):
        opening = _OPEN.match(lines[at])
        if opening is None:
            at += 1
            continue
        end = _closing(lines, at + 1, opening["fence"])
        block = lines[at + 1 : end]
        path_line = _path_line(lines, at)
        path = _path(lines[path_line], _DECORATION) if path_line is not None else None
        begins = path_line if path is not None and path_line is not None else at
        if path is None and block and (path := _path(block[0], _COMMENT)) is not None:
            block = block[1:]
        at = end + 1
        if path is None:
            _refuse_look_alikes([lines[path_line]] if path_line is not None else [], block[:1])
            # It is no file but an excerpt in the diagnosis, or a command to run.
            if not files or opening["info"].strip().lower() in _SHELL:
                continue
            raise Refused("A fenced block has no path. Write the file's path on a line of its own before each block.")
        if prose_until is None:
            prose_until = begins
        path = path.removeprefix("./")
        _admit(path, files)
        files[path] = _sized(path, "\n".join(block).strip("\n") + "\n")
    missing = [name for name in required if name not in files]
    if missing:
        raise Refused(
            f"Missing: {', '.join(missing)}. Write each file as a line with its path, followed by one fenced block."
        )
    return Reply("\n".join(lines[:prose_until]).strip(), files)


def _closing(lines: list[str], start: int, fence: str) -> int:
    for at in range(start, len(lines)):
        line = lines[at].strip()
        if len(line) >= len(fence) and not line.strip(fence[0]):
            return at
    raise Refused("The last fenced block is not closed. Close every block, and write less around them.")


def _path_line(lines: list[str], fence_at: int) -> int | None:
    """Return the number, from 0, of the last line with text before the block; None where there is none."""
    at = fence_at - 1
    while at >= 0 and not lines[at].strip():
        at -= 1
    return at if at >= 0 else None


def _path(line: str, pattern: re.Pattern[str]) -> str | None:
    match = pattern.match(line.strip())
    return match["path"] if match else None


def _refuse_look_alikes(*places: list[str]) -> None:
    """Refuse a block under a foreign path that a reader or a file system could confuse with one of ours."""
    for line in (line for place in places for line in place):
        match = _ANY_PATH.match(line.strip())
        meant = look_alike(match["path"], LIMITS) if match else None
        if match and meant is not None:
            raise Refused(f"`{ascii(match['path'])[1:-1]}` is not one of your files. Write the plain name `{meant}`.")


def _admit(path: str, files: Collection[str]) -> None:
    if path not in LIMITS:
        raise Refused(f"`{path}` is not one of your files. Write only: {', '.join(LIMITS)}.")
    if path in files:
        raise Refused(f"`{path}` comes twice. Write each file once.")


def _sized(path: str, content: str) -> str:
    if len(content) > LIMITS[path]:
        raise Refused(f"`{path}` has {len(content)} characters; at most {LIMITS[path]} are taken.")
    return content


def disputes(prose: str) -> tuple[Dispute, ...]:
    """Return the tests that lines such as `Wrong test: test_name: reason` call wrong.

    Lines in fenced blocks do not count, nor reasons of one or two words. Of several lines for a test, the first counts.
    """
    disputed: dict[str, Dispute] = {}
    fence = ""
    for line in prose.splitlines():
        opening = _OPEN.match(line)
        if fence:
            fence = "" if line.strip().startswith(fence) and not line.strip().strip(fence[0]) else fence
        elif opening is not None:
            fence = opening["fence"]
        elif match := _WRONG_TEST.match(line):
            test = match["test"].rsplit("::", 1)[-1]
            test = test if test.lower().startswith("test") else f"test_{test}"
            reason = " ".join(printable(match["reason"]).strip(" *_`").split())
            if len(words_of(reason)) >= _REASON_WORDS:
                disputed.setdefault(test, Dispute(test=test, reason=reason[:_REASON_LIMIT]))
    return tuple(disputed.values())
