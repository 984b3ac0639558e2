"""Wait until GitHub can be used again: one run asks for all that wait for the same, less and less often.

A run that found GitHub unusable waits at the gate of the place that it concerns: an owner, or a repository. When the
time has come, the gate lets one of them try its step again. If that gets through, the gate opens for all; if not, the
next try is later.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

T = TypeVar("T")

_LONGEST_TRY = 180.0
"""Seconds. Whose try takes longer has ended without a word, and another one may try."""


@dataclass(frozen=True)
class Backoff:
    """How long to wait between two tries, in seconds: twice as long each time.

    Attributes:
        longest: where it passes by itself.
        longest_blocked: where somebody has to do something, of which GitHub tells.
        news: what passes sooner is not worth a word.
    """

    first: float = 2.0
    longest: float = 900.0
    longest_blocked: float = 3600.0
    news: float = 60.0

    def is_news(self, seconds: float) -> bool:
        """Return whether a wait of so many seconds is worth a word."""
        return seconds >= self.news

    def seconds(self, tries: int, *, passes: bool, named: float | None, chance: float) -> float:
        """Return how long to wait after so many tries.

        Args:
            named: what GitHub asks to wait; it is never less than that.
            chance: from 0 to 1; spreads the tries of several bots.
        """
        longest = self.longest if passes else self.longest_blocked
        wait = min(longest, self.first * 2.0 ** min(tries - 1, 30)) * (0.5 + chance / 2)
        return max(wait, (named or 0.0) * (1 + chance / 20))


@dataclass(frozen=True)
class Gate:
    """A place that is closed.

    Attributes:
        next_at: when the next one may try, in seconds of the store's clock; tries: how many have.
        trying: the run that tries, or ""; since: when it began.
        waiting: the runs that wait.
    """

    next_at: float
    tries: int = 1
    trying: str = ""
    since: float = 0.0
    waiting: frozenset[str] = frozenset()


class GateStore(Protocol):
    """Where the gates are kept. Thread-safe."""

    def change(self, place: str, act: Callable[[Gate | None, float], tuple[Gate | None, T]]) -> T:
        """Put another gate in the place of one, with nobody else at it meanwhile; return what comes with it.

        Args:
            act: is given the gate of a place, None where that is open, and the time.
        """


class LocalGates:
    """The gates of the only worker. What is kept here is lost with the process: its runs try once after a restart."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._gates: dict[str, Gate] = {}

    def change(self, place: str, act: Callable[[Gate | None, float], tuple[Gate | None, T]]) -> T:
        """See `GateStore`."""
        with self._lock:
            gate, result = act(self._gates.pop(place, None), self._clock())
            if gate is not None:
                self._gates[place] = gate
        return result


class Gates:
    """The gates of all places that are closed at the moment. Thread-safe.

    Args:
        ring: wakes a run that waits.
    """

    def __init__(self, ring: Callable[[str], None], backoff: Backoff, store: GateStore) -> None:
        self.backoff = backoff
        self._ring = ring
        self._store = store

    def failed(self, place: str, run: str, *, passes: bool, named: float | None) -> None:
        """Take note that a run has just found a place closed; it waits there from now on."""

        def close(gate: Gate | None, now: float) -> tuple[Gate, None]:
            # Those that were under way when it closed say nothing new.
            tries = 1 if gate is None else gate.tries + (gate.trying == run)
            seconds = self.backoff.seconds(tries, passes=passes, named=named, chance=random.random())  # noqa: S311
            if gate is None:
                gate = Gate(now + seconds)
            elif gate.trying == run:
                gate = replace(gate, tries=tries, trying="", next_at=now + seconds)
            elif named is not None:
                gate = replace(gate, next_at=max(gate.next_at, now + seconds))
            return replace(gate, waiting=gate.waiting | {run}), None

        self._store.change(place, close)

    def join(self, place: str, run: str) -> None:
        """Have a run wait that found a place closed before the process was started; one of those may try at once."""

        def join(gate: Gate | None, now: float) -> tuple[Gate, None]:
            gate = gate or Gate(now, tries=0)
            return replace(gate, waiting=gate.waiting | {run}), None

        self._store.change(place, join)

    def left(self, place: str, run: str) -> float:
        """Return for how many seconds a run has to wait at a place; 0 where it shall try now."""

        def look(gate: Gate | None, now: float) -> tuple[Gate | None, float]:
            if gate is None or run not in gate.waiting:
                return gate, 0.0
            if gate.trying and gate.trying != run and now < gate.since + _LONGEST_TRY:
                return gate, gate.since + _LONGEST_TRY - now
            if now < gate.next_at:
                return gate, gate.next_at - now
            return replace(gate, trying=run, since=now), 0.0

        return self._store.change(place, look)

    def leave(self, place: str, run: str) -> None:
        """Take note that a run waits no longer, although nobody knows whether a place is open."""

        def leave(gate: Gate | None, _: float) -> tuple[Gate | None, frozenset[str]]:
            if gate is None:
                return None, frozenset()
            waiting = gate.waiting - {run}
            left = replace(gate, waiting=waiting, trying="" if gate.trying == run else gate.trying)
            return left if waiting else None, waiting

        self._tell(self._store.change(place, leave))

    def passed(self, place: str) -> None:
        """Open a place: a run got through."""
        self._tell(self._store.change(place, lambda gate, _: (None, gate.waiting if gate else frozenset())))

    def _tell(self, runs: Iterable[str]) -> None:
        for run in runs:
            self._ring(run)
