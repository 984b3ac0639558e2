"""Find the commands in a comment, as a person who reads the rendered comment would."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

LIMIT = 5
"""Commands read from one comment; what comes after them is ignored."""

_LINE = re.compile(r" {0,3}/(?P<name>[A-Za-z][A-Za-z0-9_-]{0,39})(?:[ \t]+(?P<arguments>.*?))?[ \t]*")


@dataclass(frozen=True)
class Call:
    """A command somebody typed. `arguments` is the rest of its line, empty if there is none."""

    name: str
    arguments: str = ""


@dataclass(frozen=True)
class Unknown:
    """A command nobody knows, and the one that was probably meant, or None."""

    name: str
    meant: str | None


def parse(body: str, known: Collection[str]) -> tuple[Call | Unknown, ...]:
    """Return the commands of a comment in order, each once; empty if it holds none.

    A command is a line that starts with `/word`. What Markdown shows as code, HTML comments, and lines that begin with
    `>`, `-` or `#` are no commands; nor is a path such as `/usr/bin`.
    """
    found: dict[Call | Unknown, None] = {}
    for line in _lines(body):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name = match["name"].lower()
        if name in known:
            found[Call(name, match["arguments"] or "")] = None
        else:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            found[Unknown(name, close[0] if close else None)] = None
        if len(found) == LIMIT:
            break
    return tuple(found)


def _lines(body: str) -> Iterator[str]:
    """Yield the source lines that start with a slash and are shown as text."""
    source = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for token in MarkdownIt("commonmark").parse("\n".join(source)):
        if token.type != "inline" or token.map is None:
            continue
        shown = set(_first_words(token))
        # Looking at the source tells a quoted line ("> /retry") from one that only follows a quote without a blank
        # line between: Markdown draws the second as part of the quote, but its author typed it as a line of his own.
        for line in source[token.map[0] : token.map[1]]:
            if shown.intersection(line.split(maxsplit=1)[:1]):
                yield line


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
