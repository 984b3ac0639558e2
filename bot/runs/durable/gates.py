"""Wait until GitHub can be used again: one run asks for all that wait for the same, less and less often.

A run that found GitHub unusable waits at the gate of the place that it concerns: an owner, or a repository. When the
time has come, the gate lets one of them try its step again. If that gets through, the gate opens for all; if not, the
next try is later. What is kept here is lost with the process: the runs are durable, and try once after a restart.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.runs.durable.bell import Bell

_LONGEST_TRY = 180.0
"""Seconds. Whose try takes longer has ended without a word, and another one may try."""


@dataclass(frozen=True)
class Backoff:
    """How long to wait between two tries, in seconds: twice as long each time.

    Attributes:
        longest: where it passes by itself.
        longest_blocked: where somebody has to do something, of which GitHub tells.
    """

    first: float = 2.0
    longest: float = 900.0
    longest_blocked: float = 3600.0

    def seconds(self, tries: int, *, passes: bool, named: float | None, chance: float) -> float:
        """Return how long to wait after so many tries.

        Args:
            named: what GitHub asks to wait; it is never less than that.
            chance: from 0 to 1; spreads the tries of several bots.
        """
        longest = self.longest if passes else self.longest_blocked
        wait = min(longest, self.first * 2.0 ** min(tries - 1, 30)) * (0.5 + chance / 2)
        return max(wait, (named or 0.0) * (1 + chance / 20))


@dataclass
class _Gate:
    next_at: float
    tries: int = 1
    trying: str = ""
    since: float = 0.0
    waiting: set[str] = field(default_factory=set)


class Gates:
    """The gates of all places that are closed at the moment. Thread-safe.

    Args:
        bell: wakes the runs that wait.
    """

    def __init__(self, bell: Bell, backoff: Backoff, clock: Callable[[], float] = time.monotonic) -> None:
        self._bell = bell
        self._backoff = backoff
        self._clock = clock
        self._lock = threading.Lock()
        self._gates: dict[str, _Gate] = {}

    def failed(self, place: str, run: str, *, passes: bool, named: float | None) -> None:
        """Take note that a run has just found a place closed; it waits there from now on."""
        with self._lock:
            now, gate = self._clock(), self._gates.get(place)
            # Those that were under way when it closed say nothing new.
            tries = 1 if gate is None else gate.tries + (gate.trying == run)
            seconds = self._backoff.seconds(tries, passes=passes, named=named, chance=random.random())  # noqa: S311
            if gate is None:
                gate = self._gates[place] = _Gate(now + seconds)
            elif gate.trying == run:
                gate.tries, gate.trying, gate.next_at = tries, "", now + seconds
            elif named is not None:
                gate.next_at = max(gate.next_at, now + seconds)
            gate.waiting.add(run)

    def join(self, place: str, run: str) -> None:
        """Have a run wait that found a place closed before the process was started; one of those may try at once."""
        with self._lock:
            self._gates.setdefault(place, _Gate(self._clock(), tries=0)).waiting.add(run)

    def left(self, place: str, run: str) -> float:
        """Return for how many seconds a run has to wait at a place; 0 where it shall try now."""
        with self._lock:
            gate, now = self._gates.get(place), self._clock()
            if gate is None or run not in gate.waiting:
                return 0.0
            if gate.trying and gate.trying != run and now < gate.since + _LONGEST_TRY:
                return gate.since + _LONGEST_TRY - now
            if now < gate.next_at:
                return gate.next_at - now
            gate.trying, gate.since = run, now
            return 0.0

    def leave(self, place: str, run: str) -> None:
        """Take note that a run waits no longer, although nobody knows whether a place is open."""
        with self._lock:
            gate = self._gates.get(place)
            if gate is None:
                return
            gate.waiting.discard(run)
            gate.trying = "" if gate.trying == run else gate.trying
            if not gate.waiting:
                del self._gates[place]
                return
            others = set(gate.waiting)
        for other in others:
            self._bell.ring(other)

    def passed(self, place: str) -> None:
        """Open a place: a run got through."""
        with self._lock:
            gate = self._gates.pop(place, None)
        for run in gate.waiting if gate else ():
            self._bell.ring(run)
