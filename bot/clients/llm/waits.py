"""How long a refusal asks to wait, where only its words say it."""

from __future__ import annotations

import re

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_PART = r"\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hrs?|hours?)(?![a-z])"
# "Please try again in 6m0.5s", "retry after 20 seconds", "Please wait 1 minute", Google's `"retryDelay": "26s"`.
_WAIT = re.compile(
    rf"(?:try(?:ing)? again|retry(?:ing)?|wait|delay|resets?)[\"':\s]*(?:(?:in|after|for|at least|about|another)\s+)*"
    rf"((?:{_PART}[\s,]*(?:and\s+)?)+)"
)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|mil|[smh])")


def wait_in(words: str) -> float | None:
    """Return the seconds that `words` ask to wait, or None where they name no time."""
    match = _WAIT.search(words.lower())
    if match is None:
        return None
    return sum(float(number) * _SECONDS["ms" if unit == "mil" else unit] for number, unit in _NUMBER.findall(match[1]))
