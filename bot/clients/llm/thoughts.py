"""Thoughts that a model writes into its reply, before its answer."""

from __future__ import annotations

import re

_NAMES = r"think(?:ing)?|thoughts?|reasoning"
_OPENING = re.compile(rf"\s*(?:<(?:{_NAMES})>|\[THINK\])", re.IGNORECASE)
_CLOSING = re.compile(rf"</(?:{_NAMES})>|\[/THINK\]", re.IGNORECASE)
# Where the chat template opened the thoughts, the reply holds only the closing tag. An answer may hold one too, as a
# string of its code; so only one that begins or ends its line, or stands before an object, closes thoughts.
_LONE_CLOSING = re.compile(
    rf"^[ \t]*(?:</(?:{_NAMES})>|\[/THINK\])|(?:</(?:{_NAMES})>|\[/THINK\])(?=[ \t]*(?:$|\{{\s*\"))",
    re.IGNORECASE | re.MULTILINE,
)


def without_thoughts(text: str) -> tuple[str, bool]:
    """Return the answer in a reply, and whether thoughts stood before it. Thoughts that never end leave no answer."""
    thought = False
    while opening := _OPENING.match(text):
        thought = True
        closing = _CLOSING.search(text, opening.end())
        text = text[closing.end() :] if closing else ""
    if not thought and (lone := _LONE_CLOSING.search(text)) and not _opened(text[: lone.start()]):
        return text[lone.end() :].strip(), True
    return text.strip(), thought


def _opened(text: str) -> bool:
    """Tell whether an opening tag stands in the answer itself, which the closing tag then belongs to."""
    return bool(re.search(rf"<(?:{_NAMES})>|\[THINK\]", text, re.IGNORECASE))
