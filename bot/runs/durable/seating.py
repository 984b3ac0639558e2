"""The seats of one run: which it needs to go on, and the wait for them.

What a run needs follows from what it does, the same in a replay. Whether there is room counts only for what has not
begun: what was under way before a crash is under way still, and gets its seat in the new process in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from greenlet import getcurrent, greenlet

from bot.runs.durable.bell import Bell
from bot.runs.durable.seats import Seat, Seats
from bot.values.seats import Full, Work

_LOOK_SECONDS = 60.0
"""How soon a seat is noticed the ring for which got lost."""


@dataclass
class _Need:
    """A seat that the run needs.

    Attributes:
        lane: in which lane: the others do not wait for it.
        begun: what it is for has begun.
    """

    lane: greenlet
    begun: bool = False


class Seating:
    """Which seats a run needs, and has.

    Args:
        run: its id, and the key of its repository.
        owner: returns the owner of that repository.
        over: returns whether the run has ended: then it waits for nothing.
    """

    def __init__(
        self, run: tuple[str, str], owner: Callable[[], str], over: Callable[[], bool], seats: Seats, bell: Bell
    ) -> None:
        self._run, self._repo = run
        self._owner = owner
        self._known_owner: str | None = None
        self._seats = seats
        self._bell = bell
        self._over = over
        self._needs: dict[tuple[Work, str], _Need] = {}
        self._had: set[Seat] = set()
        self._waits: set[Seat] = set()
        self._begun_elsewhere = False

    def enter(self, work: Work, name: str = "") -> None:
        """Need a seat from the next step of this lane on, which waits until there is one."""
        self._needs.setdefault((work, name), _Need(getcurrent()))

    def occupy(self, work: Work, name: str = "") -> None:
        """Have a seat from the next step on, whether there is room or not: what it is for is under way."""
        self._needs.setdefault((work, name), _Need(getcurrent())).begun = True

    def leave(self, work: Work, name: str = "") -> None:
        """Need it no longer. It is given back before the next step, or where the run waits."""
        self._needs.pop((work, name), None)

    def confirm(self) -> None:
        """Take note that a step is done, for which this lane has all that it needs."""
        for need in self._needs.values():
            need.begun = need.begun or need.lane is getcurrent()

    def give_up(self) -> None:
        """Need nothing any more of what this lane waits for."""
        waits = [key for key, need in self._needs.items() if need.lane is getcurrent() and not need.begun]
        for key in waits:
            del self._needs[key]

    def pause(self) -> None:
        """Give back the seat of the run itself while it waits for somebody; it waits for one again after that."""
        if (need := self._needs.get((Work.RUN, ""))) is not None and len(self._needs) == 1:
            need.begun = False
            self._let_go({seat for seat in self._had if seat.work is Work.RUN})

    def replayed(self) -> None:
        """Take note that the run was begun in another process."""
        self._begun_elsewhere = True

    def settle(self) -> Full | None:
        """Take what is needed and give back what is not; return what this lane has to wait for, or None."""
        if self._begun_elsewhere:
            self._begun_elsewhere = False
            # Those that it needs are taken again; the others are given back.
            self._waits |= set(self._seats.take_over(self._run))
        self.rest()
        # A run that has something under way must get it to its end, for others to have its seats.
        under_way = any(need.begun for (work, _), need in self._needs.items() if work is not Work.RUN)
        for (work, name), need in self._needs.items():
            seat = self._seat(work, name)
            if seat in self._had:
                continue
            if need.begun or (under_way and work is Work.RUN):
                self._seats.occupy(seat)
            elif need.lane is not getcurrent():
                continue
            elif (full := self._take(seat)) is not None:
                return full
            self._waits.discard(seat)
            self._had.add(seat)
        return None

    def rest(self) -> None:
        """Give back what is not needed."""
        if self._had or self._waits:
            needed = {self._seat(*key) for key in self._needs}
            self._let_go((self._had | self._waits) - needed)

    def close(self) -> None:
        """Give back everything: the run has ended here."""
        self._needs.clear()
        self.rest()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for what `settle` has said, at most `seconds`; return whether something else has rung meanwhile, for
        which the run should look around."""
        rung = False
        while not self._over() and self.settle() is not None:
            if not self._bell.wait(self._run, _LOOK_SECONDS if seconds is None else seconds):
                if seconds is not None:
                    break
            elif self.settle() is not None:
                rung = True
        return rung

    def _take(self, seat: Seat) -> Full | None:
        # Before it is asked for: what is asked for is given back also where the answer got lost.
        self._waits.add(seat)
        return self._seats.take(seat)

    def _let_go(self, seats: set[Seat]) -> None:
        if seats:
            self._seats.leave(seats)
            self._had -= seats
            self._waits -= seats

    def _seat(self, work: Work, name: str) -> Seat:
        if self._known_owner is None:
            self._known_owner = self._owner()
        return Seat(work, self._known_owner, self._repo, self._run, name)
