"""What a run does while GitHub cannot be used: it waits, says so where that can be said, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.runs.durable.bell import Bell
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.gates import Backoff, Gates
from bot.runs.durable.recorded import run_step
from bot.values.hold import Hold


class Listener(Protocol):
    """Tells people. What it does are steps, and it must do the same in a replay."""

    def held(self, hold: Hold) -> None:
        """Say that the run waits, and for what."""

    def let_go(self, hold: Hold, began: float, ended: float) -> None:
        """Say that it goes on; the times are seconds since the epoch."""


@dataclass
class Held:
    """How one step is held up.

    Attributes:
        first: what it met first; None where it is not.
        told: what people were told last.
    """

    first: Hold | None = None
    told: Hold | None = None

    def is_news(self, hold: Hold, backoff: Backoff) -> bool:
        """Return whether people should hear of it, which follows from what is stored alone."""
        if self.told is not None:
            return (hold.hindrance, hold.permissions) != (self.told.hindrance, self.told.permissions)
        waited = hold.at - (self.first or hold).at
        return not hold.hindrance.passes or backoff.is_news(max(waited, hold.retry_after or 0.0))


class Holding:
    """The waits of one run for GitHub.

    Args:
        rest: called where it waits for somebody to do something: meanwhile it is not at work.
        catch_up: called before it waits: does what was to be done aside before a crash, and may not have been.

    Attributes:
        seconds: how long it has waited altogether.
        heard: whether something may have happened meanwhile that the run has not looked at.
    """

    def __init__(  # noqa: PLR0913 (what it waits at, and what happens around that)
        self,
        run: str,
        runs: DurableRuns,
        bell: Bell,
        gates: Gates,
        rest: Callable[[], None],
        catch_up: Callable[[], None],
    ) -> None:
        self.seconds = 0.0
        self.heard = False
        self._run = run
        self._runs = runs
        self._bell = bell
        self._gates = gates
        self._rest = rest
        self._catch_up = catch_up
        self._listener: Listener | None = None

    def listen(self, listener: Listener) -> None:
        """Have somebody told of it where the run is held up for long, and where it goes on."""
        self._listener = listener

    def failed(self, hold: Hold) -> None:
        """Take note that a try has just failed."""
        self._gates.failed(hold.place, self._run, passes=hold.hindrance.passes, named=hold.retry_after)

    def passed(self, held: Held) -> None:
        """Take note that a try has just got through."""
        if held.first is not None:
            self._gates.passed(held.first.place)

    def hold(self, held: Held, hold: Hold) -> None:
        """Wait until this run shall try again, because it is its turn or because another one got through."""
        held.first = held.first or hold
        # While it is told, what that needs may be held up as well, of which nobody is told.
        if held.is_news(hold, self._gates.backoff) and (listener := self._listener) is not None:
            self._listener = None
            listener.held(hold)
            held.told, self._listener = hold, listener
        run_step("wait for GitHub", lambda: self._wait(hold))
        self.heard = True

    def let_go(self, held: Held, at: float) -> None:
        """Go on at a time, in seconds since the epoch."""
        first, told = held.first, held.told
        if first is None:
            return
        self.seconds += max(0.0, at - first.at)
        if told is not None and (listener := self._listener) is not None:
            self._listener = None
            listener.let_go(told, first.at, at)
            self._listener = listener

    def _wait(self, hold: Hold) -> None:
        self._catch_up()
        if not hold.hindrance.passes:
            self._rest()
        self._gates.join(hold.place, self._run)
        while (seconds := self._gates.left(hold.place, self._run)) > 0:
            if not self._bell.wait(self._run, seconds):
                continue
            # GitHub tells of what people do, and then it may be over. A person may have stopped the run.
            if not hold.hindrance.passes or self._runs.stopped(self._run):
                self._gates.leave(hold.place, self._run)
