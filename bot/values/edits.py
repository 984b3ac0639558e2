"""Changes of what people have written in an issue."""

from __future__ import annotations

import hashlib

from bot.values.value import Value


class Edit(Value):
    """The last change of an issue's title, or of its text: who made it, and when (ISO 8601, UTC, whole seconds)."""

    by: str
    at: str


def fingerprint(title: str, body: str) -> str:
    """Return what tells the title and the text of an issue from any others; the two are all that is read of it."""
    # GitHub's pages send line ends that its API may show otherwise.
    return hashlib.sha256(f"{title}\n{body}".replace("\r\n", "\n").encode()).hexdigest()
