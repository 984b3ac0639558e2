"""Which lines of a comment are commands, as a person who reads the rendered comment sees them, and which are talk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_COMMAND = re.compile(r" {0,3}/(?P<name>[A-Za-z][A-Za-z0-9_-]{0,39})(?:[ \t]+(?P<arguments>.*?))?[ \t]*")


@dataclass(frozen=True)
class SplitComment:
    """A comment, taken apart.

    Attributes:
        commands: name (in lower case) and arguments of each line that is a command, in order.
        text: the other lines; empty where there is nothing but commands.
    """

    commands: tuple[tuple[str, str], ...]
    text: str


def split_commands(body: str) -> SplitComment:
    """Take a comment apart.

    A command is a line that starts with `/word`. What Markdown shows as code, HTML comments, and lines that begin with
    `>`, `-` or `#` are no commands; nor is a path such as `/usr/bin`.
    """
    source = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    commands: dict[int, tuple[str, str]] = {}
    # Most comments hold no slash at the beginning of a line: they need no look at their Markdown.
    if any(_COMMAND.fullmatch(line) for line in source):
        for number in _slashed(source):
            match = _COMMAND.fullmatch(source[number])
            if match is not None:
                commands[number] = match["name"].lower(), match["arguments"] or ""
    text = "\n".join(line for number, line in enumerate(source) if number not in commands).strip()
    return SplitComment(tuple(commands.values()), text)


def _slashed(source: list[str]) -> Iterator[int]:
    """Yield the numbers of the source lines that start with a slash and are shown as text."""
    for token in MarkdownIt("commonmark").parse("\n".join(source)):
        if token.type != "inline" or token.map is None:
            continue
        shown = set(_first_words(token))
        # Looking at the source tells a quoted line ("> /retry") from one that only follows a quote without a blank
        # line between: Markdown draws the second as part of the quote, but its author typed it as a line of his own.
        for number in range(*token.map):
            if shown.intersection(source[number].split(maxsplit=1)[:1]):
                yield number


def _first_words(paragraph: Token) -> Iterator[str]:
    """Yield the first word of each line that begins with plain text, not with code, a link or hidden HTML."""
    at_start = True
    for part in paragraph.children or []:
        if part.type in ("softbreak", "hardbreak"):
            at_start = True
        elif part.type != "text" or part.content:
            if at_start and part.type == "text":
                yield from part.content.split(maxsplit=1)[:1]
            at_start = False
