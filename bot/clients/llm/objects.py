"""The JSON objects in a text, wherever they stand: in prose, in fenced blocks of any kind, one or several."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[^`]*\Z")
# Prose has braces too, as in {name}.
_BEGINNING = re.compile(r'\{\s*["}]')
# Line breaks in strings are no valid JSON, and can mean only one thing.
_DECODER = json.JSONDecoder(strict=False)


def objects_in(text: str) -> Iterator[str]:
    """Yield each object that is not part of another, as JSON.

    One that cannot be read is yielded as it stands, with the rest of its block: what is inside it is no answer.
    """
    for part in _parts(text):
        yield from _objects(part)


def _parts(text: str) -> Iterator[str]:
    """Yield what stands in each fenced block and between them; the last block need not be closed."""
    lines: list[str] = []
    fence = ""
    # Not splitlines: a string may hold other characters that it takes for the end of a line.
    for line in text.replace("\r\n", "\n").split("\n"):
        mark = _FENCE.match(line)
        closes = mark is not None and mark[1].startswith(fence) and line.strip() == mark[1]
        if mark is None or (fence and not closes):
            lines.append(line)
        else:
            yield "\n".join(lines)
            lines = []
            fence = "" if fence else mark[1]
    yield "\n".join(lines)


def _objects(part: str) -> Iterator[str]:
    at = 0
    while beginning := _BEGINNING.search(part, at):
        try:
            value, at = _DECODER.raw_decode(part, beginning.start())
        except (ValueError, RecursionError):
            yield part[beginning.start() :].strip()
            return
        yield json.dumps(value)
