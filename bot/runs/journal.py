"""What a run tells people while it goes: one status comment edited in place, and the progress that pages show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.runs.durable.flow import Flow
from bot.runs.history import continued
from bot.runs.steps.issue import IssueSteps
from bot.runs.timeline import PHASES
from bot.values.build import BuildFacts, BuildRecord
from bot.values.cost import Usage
from bot.values.github import Pull
from bot.values.progress import Criterion, Deployment, Phase, Progress, Stage, StrategyOutcome, StrategyRecord
from bot.values.service import Spec, Strategy


class Journal:
    """Keeps the run's `Progress` and shows it.

    `note` publishes to pages and terminals and costs no request; `show` also edits the comment on the issue. A
    strategy costs one edit when its pull request is open and a fix one edit when it is pushed, which keeps a run
    within what GitHub lets a bot write.

    Attributes:
        progress: how far the run is.
        idle_seconds: how long it has waited for people, which does not count against its budget.
    """

    def __init__(self, flow: Flow, issue: IssueSteps, progress: Progress) -> None:
        self._flow = flow
        self._issue = issue
        self.progress = progress
        self.idle_seconds = 0.0

    def note(self, stage: Stage, note: str = "", **changes: Any) -> None:
        """Publish where the run is, with one line on what is happening; all figures are of this moment."""
        now = self._flow.now()
        seconds = self.progress.seconds.model_copy(update={"total": now - self.progress.started_at})
        phases = _phases(self.progress.phases, stage, now)
        self._change(stage=stage, note=note, seconds=seconds, phases=phases, **changes)
        self._flow.publish(self.progress)

    def show(self, stage: Stage, note: str = "", **changes: Any) -> None:
        """Publish where the run is, and edit the status comment."""
        self.note(stage, note, **changes)
        self._issue.show_status(self.progress)

    def recall(self, *, deploys: bool) -> None:
        """Take over what the status comment has told of earlier runs.

        Args:
            deploys: the run deploys what those have built.
        """
        self.progress = continued(self.progress, self._issue.last_status(), deploys=deploys)

    def described(self, spec: Spec, *, is_update: bool = False) -> None:
        """Take over what the service is, and whether it is there already and changes."""
        known = {"slug": spec.slug, "title": spec.title, "language": spec.language, "is_update": is_update}
        told = {"assumptions": spec.assumptions, "out_of_scope": spec.out_of_scope, "criteria": tuple(_criteria(spec))}
        self._change(**known, **told)

    def planned(self, strategies: tuple[Strategy, ...]) -> None:
        """Take over the strategies, none of them begun."""
        records = tuple(
            StrategyRecord(name=strategy.name, approach=strategy.approach, packages=strategy.packages)
            for strategy in strategies
        )
        self._change(strategies=records)

    def began(self, index: int, pull: Pull, commits: int) -> None:
        """Record that a strategy has a pull request."""
        self._record(index, pull=pull.number, commits=commits, outcome=StrategyOutcome.BUILDING)

    def fixed(self, index: int) -> None:
        """Record one more fix commit."""
        self._record(index, commits=self.progress.strategies[index].commits + 1)
        self._change(fixes=self.progress.fixes + 1)

    def revised(self, index: int) -> None:
        """Record one more commit that people asked for."""
        record = self.progress.strategies[index]
        self._record(index, commits=record.commits + 1, outcome=StrategyOutcome.BUILDING)

    def green(self, index: int, url: str, facts: BuildFacts) -> None:
        """Record that the last build of a strategy is green, and what it states."""
        self._record(index, built=facts, builds=self._with_result(index, url=url))

    def red(self, index: int, url: str, died_of: str) -> None:
        """Record what the last build of a strategy died of."""
        self._record(index, builds=self._with_result(index, url=url, died_of=died_of))

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
    def building(self, index: int, commit: str) -> Iterator[None]:
        """Time a build of a strategy's commit: from the push to the known result."""
        began = self._flow.now()
        yield
        spent = self._flow.now() - began
        record = BuildRecord(commit=commit, began=began, seconds=spent)
        self._record(index, builds=(*self.progress.strategies[index].builds, record))
        seconds = self.progress.seconds
        self._change(
            seconds=seconds.model_copy(update={"builds": seconds.builds + spent}),
            builds=(*self.progress.builds, spent),
        )

    @contextmanager
    def deploying(self) -> Iterator[None]:
        """Time the deployment: from the merge to its known result."""
        began = self._flow.now()
        yield
        seconds = self.progress.seconds
        spent = self._flow.now() - began
        self._change(seconds=seconds.model_copy(update={"deploy": seconds.deploy + spent}))

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Leave out of the budget's minutes what is waited for a person."""
        began = self._flow.now()
        yield
        self.idle_seconds += self._flow.now() - began

    def spent(self, stage: str, usage: Usage, strategy: str = "") -> None:
        """Count what a call of the model has cost, also for the strategy of that name."""
        for index, record in enumerate(self.progress.strategies):
            if record.name == strategy:
                self._record(index, usage=record.usage + usage)
        total = self.progress.usage + usage
        seconds = self.progress.seconds.model_copy(update={"model": total.seconds})
        stages = {**self.progress.stages, stage: self.progress.stages.get(stage, Usage()) + usage}
        self._change(usage=total, seconds=seconds, stages=stages)

    def _with_result(self, index: int, **changes: str) -> tuple[BuildRecord, ...]:
        *before, last = self.progress.strategies[index].builds
        return (*before, last.model_copy(update=changes))

    def _record(self, index: int, **changes: Any) -> None:
        records = list(self.progress.strategies)
        records[index] = records[index].model_copy(update=changes)
        self._change(strategies=tuple(records))

    def _change(self, **changes: Any) -> None:
        self.progress = self.progress.model_copy(update=changes)


def _phases(phases: tuple[Phase, ...], stage: Stage, now: float) -> tuple[Phase, ...]:
    """Return the phases of a run that is in `stage` now."""
    name = PHASES.get(stage)
    *before, last = phases or (None,)
    if last is not None and last.seconds is None:
        if last.name == name:
            return phases
        phases = (*before, last.model_copy(update={"seconds": now - last.began}))
    return phases if name is None else (*phases, Phase(name=name, began=now))


def _criteria(spec: Spec) -> Iterator[Criterion]:
    """Yield the checklist of a service."""
    for scenario in spec.scenarios:
        yield Criterion(text=scenario.text, check=f"test_{scenario.name}")
    for requirement in spec.requirements:
        if requirement.unchecked:
            yield Criterion(text=requirement.text)
        else:
            yield Criterion(
                text=requirement.text, check="interface.py" if requirement.interface else f"test_{requirement.name}"
            )
