"""What a run does while there is no seat for what comes next: it waits, says so where that takes long, and goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from bot.runs.durable.lanes import in_lane, wait_in_lane
from bot.runs.durable.recorded import run_step
from bot.runs.durable.seating import Seating
from bot.values.seats import Full, Waiting, Work

_NEWS_SECONDS = 5.0
"""What passes sooner is not worth a word."""
_LANE_SECONDS = 60.0

Own = tuple[Work, str]
"""What a step needs a seat for by itself, and a name for that."""


class QueueListener(Protocol):
    """Tells people. What it does are steps, and it must do the same in a replay."""

    def queued(self, waiting: Waiting) -> None:
        """Say that the run waits for a seat."""

    def seated(self, waiting: Waiting) -> None:
        """Say that it goes on."""


@dataclass
class Queued:
    """How one step waits.

    Attributes:
        since: when it was first found that it has to, in seconds since the epoch; None where it has not.
    """

    since: float | None = None


class Queueing:
    """The waits of one run for seats.

    Attributes:
        seconds: how long it has waited altogether, as far as people were told.
    """

    def __init__(self, seating: Seating) -> None:
        self.seconds = 0.0
        self._seating = seating
        self._listener: QueueListener | None = None
        self._telling = False
        self._told = 0

    def listen(self, listener: QueueListener) -> None:
        """Have somebody told of it where the run waits for long."""
        self._listener = listener

    def confirm(self) -> None:
        """Take note that a step is done, for which this lane has all that it needs."""
        if not self._telling:
            self._seating.confirm()

    def lacking(self, own: Own | None) -> Full | None:
        """Take what a step needs; return what it has to wait for, or None."""
        if self._telling:
            return None
        if own is not None:
            self._seating.enter(*own)
        return self._seating.settle()

    def done(self, own: Own | None) -> None:
        """Give back what a step has needed by itself."""
        if own is not None:
            self._seating.leave(*own)
            self._seating.rest()

    def wait(self, queued: Queued, full: Full, at: float, *, live: bool) -> bool:
        """Wait until there may be a seat; return whether something has rung meanwhile, for which the run should look
        around.

        Args:
            at: when it was found that there is none, in seconds since the epoch.
            live: this is no replay, in which nothing is waited for.
        """
        since = queued.since = queued.since or at
        with self._given_up_with_the_lane():
            if self._listener is None or at - since < _NEWS_SECONDS:
                seconds = None if self._listener is None else _NEWS_SECONDS
                if in_lane():
                    wait_in_lane(seconds or _LANE_SECONDS)
                    return True
                return live and self._seating.wait(seconds)
            self._told += 1
            waiting = Waiting(full=full, name=str(self._told), since=since)
            with self._as_told() as listener:
                listener.queued(waiting)
            rung, until = self._until_seated()
            self.seconds += max(0.0, until - since)
            # Whoever has to wait once more is told once more.
            queued.since = None
            with self._as_told() as listener:
                listener.seated(waiting)
        return rung

    def _until_seated(self) -> tuple[bool, float]:
        """Wait for a seat however long it takes; return whether something else has rung, and when it was there."""
        if not in_lane():
            rung: list[bool] = []
            began = run_step("wait for a seat", lambda: self._sit(rung))
            return any(rung), float(began)
        at: float | None = None
        while at is None:
            wait_in_lane(_LANE_SECONDS)
            at = run_step("look for a seat", self._look)
        return True, float(at)

    def _sit(self, rung: list[bool]) -> float:
        rung.append(self._seating.wait())
        return time.time()

    def _look(self) -> float | None:
        return time.time() if self._seating.settle() is None else None

    @contextmanager
    def _as_told(self) -> Iterator[QueueListener]:
        """Give the listener, whose own steps wait for nothing."""
        assert self._listener is not None  # noqa: S101 (nobody else is told)
        self._telling = True
        try:
            yield self._listener
        finally:
            self._telling = False

    @contextmanager
    def _given_up_with_the_lane(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._seating.give_up()
            raise
