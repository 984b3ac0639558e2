"""What is set aside: nothing more is done for it by itself, and people are told what they can do."""

from __future__ import annotations

from enum import StrEnum

from bot.values.command import Request
from bot.values.run import RunRequest
from bot.values.value import Value


class Why(StrEnum):
    """Why something is set aside."""

    CRASHES = "crashes"
    """The worker's process came to a sudden end three times in a row while it was at work on this."""
    VERSION = "version"
    """It was begun by a version of the bot that did things in another order."""


class SetAside(Value):
    """What is set aside.

    Attributes:
        id: of the run, or of what people ask for, as it was stored.
        asked: what it was started for.
    """

    id: str
    why: Why
    asked: RunRequest | Request
