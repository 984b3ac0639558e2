"""What a run tells people while it goes: one status comment edited in place, and the progress that pages show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.models import Pull, Spec, Strategy, Usage
from bot.progress import Deployment, Progress, Stage, StrategyOutcome, StrategyRecord
from bot.render import comment
from bot.workflows.steps import Steps


class Journal:
    """Keeps the run's `Progress` and shows it.

    `note` publishes to pages and terminals and costs no request; `show` also edits the comment on the issue. A
    strategy costs one edit when its pull request is open and a fix one edit when it is pushed, which keeps a run
    within what GitHub lets a bot write.
    """

    def __init__(self, steps: Steps, progress: Progress) -> None:
        self._steps = steps
        self.progress = progress
        steps.spent = self._count

    def note(self, stage: Stage, note: str = "", **changes: Any) -> None:
        """Publish where the run is, with one line on what is happening."""
        self._change(stage=stage, note=note, **changes)
        self._steps.flow.publish(self.progress)

    def show(self, stage: Stage, note: str = "", **changes: Any) -> None:
        """Publish where the run is, and edit the status comment."""
        now = self._steps.flow.now()
        seconds = self.progress.seconds.model_copy(update={"total": now - self.progress.started_at})
        self.note(stage, note, seconds=seconds, **changes)
        marker = f"status:{self.progress.issue}"
        self._steps.show_status(comment("status.md.j2", marker, progress=self.progress), marker)

    def described(self, spec: Spec) -> None:
        """Take over what the service is."""
        self._change(slug=spec.slug, title=spec.title, assumptions=spec.assumptions)

    def planned(self, strategies: tuple[Strategy, ...]) -> None:
        """Take over the strategies, none of them begun."""
        records = tuple(StrategyRecord(name=one.name, approach=one.approach) for one in strategies)
        self._change(strategies=records)

    def began(self, index: int, pull: Pull, commits: int) -> None:
        """Record that a strategy has a pull request."""
        self._record(index, pull=pull.number, commits=commits, outcome=StrategyOutcome.BUILDING)

    def fixed(self, index: int) -> None:
        """Record one more fix commit."""
        self._record(index, commits=self.progress.strategies[index].commits + 1)
        self._change(fixes=self.progress.fixes + 1)

    def ended(self, index: int, outcome: StrategyOutcome, reason: str = "") -> None:
        """Record how a strategy ended."""
        self._record(index, outcome=outcome, reason=reason)

    def live(self, deployment: Deployment) -> None:
        """Record where the service is live."""
        self._change(deployment=deployment)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Time a build: from the commit's push to its known result."""
        began = self._steps.flow.now()
        yield
        spent = self._steps.flow.now() - began
        seconds = self.progress.seconds
        self._change(
            seconds=seconds.model_copy(update={"builds": seconds.builds + spent}),
            builds=(*self.progress.builds, spent),
        )

    @contextmanager
    def deploying(self) -> Iterator[None]:
        """Time the deployment: from the merge to its known result."""
        began = self._steps.flow.now()
        yield
        seconds = self.progress.seconds
        spent = self._steps.flow.now() - began
        self._change(seconds=seconds.model_copy(update={"deploy": seconds.deploy + spent}))

    def _count(self, usage: Usage) -> None:
        total = self.progress.usage + usage
        seconds = self.progress.seconds.model_copy(update={"model": total.seconds})
        self._change(usage=total, seconds=seconds)

    def _record(self, index: int, **changes: Any) -> None:
        records = list(self.progress.strategies)
        records[index] = records[index].model_copy(update=changes)
        self._change(strategies=tuple(records))

    def _change(self, **changes: Any) -> None:
        self.progress = self.progress.model_copy(update=changes)
