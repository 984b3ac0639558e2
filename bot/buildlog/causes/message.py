"""An exception's message in one line, also where only its further lines say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

LINES = 16
"""How many further lines of a message are read."""

_OPEN = re.compile(r"^[\w.]+:?$|:$|\bValidationError: \d+ validation errors? for ")
"""The first line of a message that goes on."""
_VALIDATION = re.compile(r"^(\S[^\n]*)\n +([^\n]+?) \[type=(\w+)", re.MULTILINE)
"""What pydantic says of one field: its name, and on the next line what is wrong with its value."""
_ORIGINAL = re.compile(r"^(?:Original error was|The original error is|Caused by): *(\S.*)")
_FRAME = " \t*=_~#+|-╔═╗╚╝║│─┌┐└┘"
"""What messages are framed with."""
_SENTENCE = re.compile(r"\w[.!](?:\s|$)")
_LENGTH = 240


def goes_on(first: str) -> bool:
    """Return whether an exception's line says nothing without the lines after it."""
    return _OPEN.search(first.strip()) is not None


def whole_message(first: str, more: Sequence[str]) -> str:
    """Return an exception's line; where it `goes_on`, with what the lines after it say, at most about 300 characters.

    Args:
        first: e.g. "LookupError:", or "ValidationError: 1 validation error for Output".
        more: the lines after it, of which blank ones and frames count for nothing.
    """
    first = first.strip()
    if not goes_on(first):
        return first
    fields = _VALIDATION.findall("\n".join(more))
    if fields:
        return _joined(first, "; ".join(f"{name.strip()}: {fault}" for name, fault, _ in fields)[:_LENGTH])
    texts = [text for line in more[:LINES] if re.search(r"\w", text := line.strip(_FRAME))]
    original = next((match[1] for text in texts if (match := _ORIGINAL.match(text))), "")
    if original:
        return _joined(first, original[:_LENGTH])
    message = ""
    for text in texts:
        message = f"{message} {text}".strip()
        # An assertion is one line, and a diff follows.
        if text.startswith("assert ") or _SENTENCE.search(message) or len(message) > _LENGTH:
            break
    return _joined(first, message[:_LENGTH])


def _joined(first: str, message: str) -> str:
    return f"{first.rstrip(':')}: {message}" if message else first
