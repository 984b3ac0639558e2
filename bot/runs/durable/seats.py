"""Who may be at work: so many runs, model calls and builds at the same time, of an installation and in all.

A seat that comes free goes to the installation that has the fewest, and there to the repository that has the fewest;
among equals to the one that has had none for the longest time. So a repository with a thousand issues holds up another
one with a single issue for as long as one seat is taken, and no longer.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from bot.values.seats import Full, Limit, Limits, Work


class Seat(NamedTuple):
    """A seat that a run has or wants.

    Attributes:
        owner: of the repositories of an installation; repo: its key.
        name: tells it from the run's other ones of that work.
    """

    work: Work
    owner: str
    repo: str
    run: str
    name: str = ""


class Line(NamedTuple):
    """What a repository has of a kind of work, and wants.

    Attributes:
        held: how many seats it has.
        since: since when the first one waits that has none, in seconds of any clock; None where nobody does.
    """

    owner: str
    repo: str
    held: int
    since: float | None


class Seats(Protocol):
    """The seats of all workers. Thread-safe."""

    def take(self, seat: Seat) -> Full | None:
        """Take a seat, or wait for it; return None where it is taken. Whoever gets one later is rung for."""

    def occupy(self, seat: Seat) -> None:
        """Have a seat whether there is room or not: what it is for is under way."""

    def leave(self, seats: Collection[Seat]) -> None:
        """Let go of seats that a run has or waits for; others get them."""

    def take_over(self, run: str) -> list[Seat]:
        """Return what a run has or waits for that was begun in a worker that is gone; it is this worker's now."""

    def look(self) -> None:
        """Give to others what workers have left that are gone."""


def next_line(lines: Collection[Line], limit: Limit, served: Mapping[str, float]) -> Line | None:
    """Return the repository that gets the next seat; None where there is no room, or nobody waits that has any.

    Args:
        served: when an owner, or a repository, has given a seat back last, by its name.
    """
    of_owner = held_by_owner(lines)
    if of_owner.total() >= limit.whole:
        return None

    def place(line: Line) -> tuple[float, ...]:
        had = [served.get(name, 0.0) for name in (line.owner, line.repo)]
        return of_owner[line.owner], had[0], line.held, had[1], line.since or 0.0

    waiting = [line for line in lines if line.since is not None and of_owner[line.owner] < limit.each]
    return min(waiting, key=place, default=None)


def held_by_owner(lines: Iterable[Line]) -> Counter[str]:
    """Return how many seats each owner has."""
    held: Counter[str] = Counter()
    for line in lines:
        held[line.owner] += line.held
    return held


def why_full(work: Work, lines: Collection[Line], owner: str, limit: Limit) -> Full:
    """Return what somebody of an owner's waits for."""
    of_owner = held_by_owner(lines)
    if of_owner[owner] >= limit.each:
        return Full(work=work, held=of_owner[owner], limit=limit.each)
    return Full(work=work, of_all=True, held=of_owner.total(), limit=limit.whole)


@dataclass
class _State:
    since: float
    taken: bool = False


class LocalSeats:
    """The seats of the only worker.

    A restart forgets them, and what was under way takes its own again: what begins just then may be one too many.
    """

    def __init__(self, limits: Limits, ring: Callable[[str], None]) -> None:
        self._limits = limits
        self._ring = ring
        self._lock = threading.Lock()
        self._states: dict[Work, dict[Seat, _State]] = {work: {} for work in Work}
        self._served: dict[Work, dict[str, float]] = {work: {} for work in Work}

    def take(self, seat: Seat) -> Full | None:
        """See `Seats`."""
        with self._lock:
            states = self._states[seat.work]
            state = states.setdefault(seat, _State(time.monotonic()))
            given = self._give(seat.work)
            full = None if state.taken else why_full(seat.work, self._lines(seat.work), seat.owner, self._of(seat.work))
        self._tell(given - {seat})
        return full

    def occupy(self, seat: Seat) -> None:
        """See `Seats`."""
        with self._lock:
            self._states[seat.work].setdefault(seat, _State(time.monotonic())).taken = True

    def leave(self, seats: Collection[Seat]) -> None:
        """See `Seats`."""
        given: set[Seat] = set()
        with self._lock:
            for seat in seats:
                state = self._states[seat.work].pop(seat, None)
                if state is not None and state.taken:
                    self._served[seat.work] |= dict.fromkeys((seat.owner, seat.repo), time.monotonic())
            for work in {seat.work for seat in seats}:
                given |= self._give(work)
        self._tell(given)

    def take_over(self, run: str) -> list[Seat]:  # noqa: ARG002 (a restart forgets all of them)
        """See `Seats`."""
        return []

    def look(self) -> None:
        """There is no other worker."""

    def _of(self, work: Work) -> Limit:
        return self._limits.of(work)

    def _give(self, work: Work) -> set[Seat]:
        given: set[Seat] = set()
        states, served = self._states[work], self._served[work]
        while any(not state.taken for state in states.values()):
            line = next_line(self._lines(work), self._of(work), served)
            if line is None:
                return given
            waiting = [seat for seat, state in states.items() if not state.taken and seat.repo == line.repo]
            # They stand in the order in which they came.
            states[waiting[0]].taken = True
            given.add(waiting[0])
        # Nobody is behind anybody any more.
        served.clear()
        return given

    def _lines(self, work: Work) -> list[Line]:
        held: Counter[tuple[str, str]] = Counter()
        since: dict[tuple[str, str], float] = {}
        for seat, state in self._states[work].items():
            whose = seat.owner, seat.repo
            held[whose] += state.taken
            if not state.taken:
                since.setdefault(whose, state.since)
        return [Line(*whose, count, since.get(whose)) for whose, count in held.items()]

    def _tell(self, given: Collection[Seat]) -> None:
        for seat in given:
            self._ring(seat.run)
