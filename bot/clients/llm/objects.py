"""The JSON objects in a text, wherever they stand: in prose, in fenced blocks of any kind, one or several."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^`\n]*\n(?P<block>.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
# Prose has braces too, as in {name}.
_BEGINNING = re.compile(r'\{\s*["}]')
# Line breaks in strings are no valid JSON, and can mean only one thing.
_DECODER = json.JSONDecoder(strict=False)


def objects_in(text: str) -> Iterator[str]:
    """Yield each object that is not part of another, as JSON.

    One that cannot be read is yielded as it stands, with the rest of its block: what is inside it is no answer.
    """
    text = text.replace("\r\n", "\n")
    at = 0
    for fenced in _FENCED.finditer(text):
        yield from _objects(text[at : fenced.start()])
        yield from _objects(fenced["block"])
        at = fenced.end()
    yield from _objects(text[at:])


def _objects(part: str) -> Iterator[str]:
    at = 0
    while beginning := _BEGINNING.search(part, at):
        try:
            value, at = _DECODER.raw_decode(part, beginning.start())
        except (ValueError, RecursionError):
            yield part[beginning.start() :].strip()
            return
        yield json.dumps(value)
