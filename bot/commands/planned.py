"""The plan that a run at work has shown."""

from __future__ import annotations

from typing import NamedTuple

from bot.commands.registry import Invocation
from bot.values.progress import PlanMark, Stage


class Planned(NamedTuple):
    """A plan, and where the run is that has shown it."""

    mark: PlanMark
    stage: Stage

    @property
    def is_open(self) -> bool:
        """Whether it is still to be approved."""
        return not self.mark.approval


def planned(invocation: Invocation, issue: int) -> Planned | None:
    """Return the plan of the run at work on an issue; None where no run is at work, or it has shown none."""
    active = invocation.runs.active(invocation.request.repo, issue)
    progress = invocation.runs.progress(active) if active else None
    return Planned(progress.plan, progress.stage) if progress and progress.plan else None
