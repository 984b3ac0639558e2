"""How long a run waits for people, which does not count against its budget, and for which it needs no seat."""

from __future__ import annotations

from dataclasses import dataclass

from bot.runs.durable.flow import Flow
from bot.values.seats import Work


@dataclass
class IdleTime:
    """The time in which nothing is at work.

    Attributes:
        seconds: how long that was; since: when it began last.
        at_work: how many lanes do not wait for people; a run that does one thing after the other is one.
    """

    seconds: float = 0.0
    since: float = 0.0
    at_work: int = 1

    def changed(self, by: int, flow: Flow) -> None:
        """Take over that more lanes are at work, or less."""
        before, self.at_work = self.at_work, self.at_work + by
        if before == 0:
            self.seconds += flow.now() - self.since
            flow.enter(Work.RUN)
        elif self.at_work == 0:
            self.since = flow.now()
            flow.leave(Work.RUN)
