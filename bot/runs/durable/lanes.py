"""Several lanes of work in one workflow, in one thread: a lane goes on until it waits, then the next one does.

Nothing in them ever happens at the same time. The steps of a workflow are numbered, and a replay, which waits nowhere,
must take them in the same order: it does, as long as the lanes go on in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import copy_context

from greenlet import getcurrent, greenlet


class Lane:
    """One lane of work.

    Args:
        work: what is done in it. What it raises is raised where the lane goes on.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = greenlet(work)
        # The engine knows by it in which workflow it is.
        self._work.gr_context = copy_context()

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to do in it."""
        return bool(self._work.dead)

    def go_on(self) -> float:
        """Go on until it waits or ends; return how many seconds it waits at most."""
        if self.ended:
            return math.inf
        seconds = self._work.switch()
        return math.inf if self.ended else float(seconds)

    def drop(self) -> None:
        """End it where it waits."""
        self._work.throw()


def in_lane() -> bool:
    """Return whether this is called in a lane."""
    return getcurrent().parent is not None


def wait_in_lane(seconds: float) -> None:
    """Leave the lane for as long as the others go on, and all wait."""
    lanes = getcurrent().parent
    if lanes is None:
        raise RuntimeError("not in a lane")
    lanes.switch(seconds)
