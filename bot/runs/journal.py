"""What a run tells people while it goes: one status comment edited in place, and the progress that pages show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.render import comment
from bot.runs.budget import check, larger, used
from bot.runs.steps.issue import Steps
from bot.values.github import Pull
from bot.values.run import Allowance, Budget, Deployment, Progress, Stage, StrategyOutcome, StrategyRecord, Usage
from bot.values.service import Spec, Strategy


class Journal:
    """Keeps the run's `Progress` and shows it, and stops the run where its budget is spent.

    `note` publishes to pages and terminals and costs no request; `show` also edits the comment on the issue. A
    strategy costs one edit when its pull request is open and a fix one edit when it is pushed, which keeps a run
    within what GitHub lets a bot write.
    """

    def __init__(self, steps: Steps, progress: Progress) -> None:
        self._steps = steps
        self.progress = progress
        self.budget = Budget()
        self._idle = 0.0
        self._warned = False
        steps.spent = self._count
        steps.before = self.check_budget
        steps.allowance = self._allowance

    def check_budget(self) -> float:
        """Go on only within the budget, and return the seconds that are left of it; at 80 % people are told once.

        Raises:
            Spent: a limit is reached.
        """
        if self.budget == Budget():
            return math.inf
        seconds = self._steps.flow.now() - self.progress.started_at - self._idle
        check(self.budget, self.progress.usage, seconds)
        words = used(self.budget, self.progress.usage, seconds)
        if words and not self._warned:
            self._warned = True
            marker = f"budget:{self._steps.flow.run_id}"
            self._steps.say("budget.md.j2", marker, used=words, options=larger(self.budget))
        return (self.budget.max_minutes or math.inf) * 60 - seconds

    def _allowance(self) -> Allowance:
        """Return what the run may still spend."""
        budget, usage = self.budget, self.progress.usage
        return Allowance(
            usd=None if budget.budget_usd is None else budget.budget_usd - (usage.cost_usd or 0),
            tokens=None if budget.max_tokens is None else budget.max_tokens - usage.tokens,
            until=None
            if budget.max_minutes is None
            else self.progress.started_at + self._idle + 60 * budget.max_minutes,
        )

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
        self._change(slug=spec.slug, title=spec.title, assumptions=spec.assumptions, out_of_scope=spec.out_of_scope)

    def planned(self, strategies: tuple[Strategy, ...]) -> None:
        """Take over the strategies, none of them begun."""
        records = tuple(
            StrategyRecord(name=one.name, approach=one.approach, packages=one.packages) for one in strategies
        )
        self._change(strategies=records)

    def began(self, index: int, pull: Pull, commits: int) -> None:
        """Record that a strategy has a pull request."""
        self._record(index, pull=pull.number, commits=commits, outcome=StrategyOutcome.BUILDING)

    def fixed(self, index: int) -> None:
        """Record one more fix commit."""
        self._record(index, commits=self.progress.strategies[index].commits + 1)
        self._change(fixes=self.progress.fixes + 1)

    def rerun(self, note: str) -> None:
        """Record that a build runs again without a new commit."""
        self.note(Stage.BUILD, note, reruns=self.progress.reruns + 1)

    def interrupted(self) -> None:
        """Record that no strategy is built any further."""
        for index, record in enumerate(self.progress.strategies):
            if record.outcome is StrategyOutcome.BUILDING:
                self._record(index, outcome=StrategyOutcome.STOPPED)

    def ended(self, index: int, outcome: StrategyOutcome, reason: str = "", learned: str = "") -> None:
        """Record how a strategy ended, and what the ones after it should know."""
        self._record(index, outcome=outcome, reason=reason, learned=learned)

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

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Leave out of the budget's minutes what is waited for a person."""
        began = self._steps.flow.now()
        yield
        self._idle += self._steps.flow.now() - began

    def _count(self, stage: str, usage: Usage) -> None:
        total = self.progress.usage + usage
        seconds = self.progress.seconds.model_copy(update={"model": total.seconds})
        stages = {**self.progress.stages, stage: self.progress.stages.get(stage, Usage()) + usage}
        self._change(usage=total, seconds=seconds, stages=stages)

    def _record(self, index: int, **changes: Any) -> None:
        records = list(self.progress.strategies)
        records[index] = records[index].model_copy(update=changes)
        self._change(strategies=tuple(records))

    def _change(self, **changes: Any) -> None:
        self.progress = self.progress.model_copy(update=changes)
