"""That a run cannot go on because GitHub cannot be used."""

from __future__ import annotations

from bot.errors import Hindrance
from bot.values.value import Value


class Hold(Value):
    """What a step met that needs GitHub, while that cannot be used.

    Attributes:
        text: what was tried, and GitHub's words.
        permissions: what is missing, e.g. ("actions: write",), where GitHub says it.
        place: the owner or the repository ("owner/name") that it concerns.
        retry_after: seconds that GitHub asks to wait, or None.
        at: seconds since the epoch.
    """

    hindrance: Hindrance
    text: str
    permissions: tuple[str, ...] = ()
    place: str = ""
    retry_after: float | None = None
    at: float
