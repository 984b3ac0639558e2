"""Writing to GitHub without pauses, for tests of something else: what the bot waits for is tested at `Pace`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from bot.clients.github import Pace
from bot.clients.github.pacing import OF_RUNS, Urgency


class _NoPace(Pace):
    def wait(self, urgency: Urgency = Urgency.STEP, of: str = "") -> None:
        """Return at once."""

    def wait_aside(
        self, wanted: Callable[[], bool], of: str = "", *, within: Callable[[], int] = lambda: OF_RUNS
    ) -> bool:
        """Return at once."""
        return wanted()


def no_pace() -> Pace:
    """Return a pace at which nothing waits, and of which no share is ever spent: an hour passes between two writes."""
    return _NoPace(clock=count(0, 3600).__next__)
