"""What a run tells people while it goes: one status comment edited in place, and the progress that pages show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from bot.foreign import find_keys
from bot.guard.text import written_in
from bot.render import said
from bot.runs.criteria import criteria
from bot.runs.durable.flow import Flow
from bot.runs.history import continued
from bot.runs.idle_time import IdleTime
from bot.runs.steps.issue import IssueSteps
from bot.runs.timeline import passed_through
from bot.sentence import Sentence, sentence, verbatim
from bot.values.build import BuildFacts, BuildRecord
from bot.values.cost import Usage
from bot.values.deployment import Deployment
from bot.values.github import Issue, Pull
from bot.values.overview import Overview
from bot.values.progress import Pick, Progress, Stage, StrategyOutcome, StrategyRecord
from bot.values.service import Spec, Strategy


@dataclass
class _Kept:
    """What the journals of one run share.

    Attributes:
        progress: how far the run is.
        idle: how long it has waited for people.
        shown: the run has written its status; behind: nobody has waited for what it wrote last.
    """

    progress: Progress
    idle: IdleTime = field(default_factory=IdleTime)
    shown: bool = False
    behind: bool = False


class Journal:
    """Keeps the run's `Progress` and shows it.

    `note` publishes to pages and terminals and costs no request; `show` also edits the comment on the issue. That is
    a step where people have to see it: the run has begun, waits for them, or has ended. While the run works it waits
    for no edit, and one that is overtaken is left out.

    Args:
        cause: what the run was started for; like all that is noted, it is kept in the language of the issue.
    """

    def __init__(self, flow: Flow, issue: IssueSteps, progress: Progress, cause: Sentence) -> None:
        self._flow = flow
        self._issue = issue
        self._kept = _Kept(progress)
        self._cause = cause
        self._index: int | None = None

    @property
    def progress(self) -> Progress:
        """How far the run is."""
        return self._kept.progress

    @property
    def idle_seconds(self) -> float:
        """How long the run has waited for people, which does not count against its budget."""
        return self._kept.idle.seconds

    def of_strategy(self, index: int) -> Journal:
        """Return the journal of one strategy among others that are at work at the same time."""
        journal = copy(self)
        journal._index = index
        return journal

    @property
    def language(self) -> str:
        """The language of the issue, as BCP 47 has it; "" where it is not known yet."""
        return self.progress.language

    def note(self, stage: Stage, what: Sentence | None = None, **changes: Any) -> None:
        """Publish where the run is, with one line on what is happening; all figures are of this moment."""
        now = self._flow.now()
        note = self._said(what)
        seconds = self.progress.seconds.model_copy(update={"total": now - self.progress.started_at})
        if self._index is not None:
            stage, note = self._among_others(self._index, stage, note)
        phases = passed_through(self.progress.phases, stage, now)
        self._change(stage=stage, note=note, seconds=seconds, phases=phases, **changes)
        self._flow.publish(self.progress)

    def show(self, stage: Stage, what: Sentence | None = None, **changes: Any) -> None:
        """Publish where the run is, and edit the status comment."""
        self.note(stage, what, **changes)
        self._kept.behind = self._kept.shown and stage.goes_on
        self._kept.shown = True
        show = self._issue.show_status_aside if self._kept.behind else self._issue.show_status
        show(self.progress)

    def catch_up(self) -> None:
        """Make sure that the status comment shows how the run has ended."""
        if self._kept.behind:
            self._issue.show_status(self.progress)

    def recall(self, *, deploys: bool) -> None:
        """Take over what the status comment has told of earlier runs.

        Args:
            deploys: the run deploys what those have built.
        """
        self._kept.progress = continued(self.progress, self._issue.last_status(), deploys=deploys)
        self.speak(self.language)

    def guess(self, issue: Issue) -> None:
        """Take the language from the issue's text, as long as no run has read it."""
        if not self.language:
            self.speak(written_in(issue.title, issue.body))

    def speak(self, language: str) -> None:
        """Take over the language of the issue."""
        self._change(language=language, cause=said(self._cause, language))

    def holds(self, overview: Overview) -> None:
        """Take over which keys the issue holds, which files are old and which permissions are missing, so that people
        hear of them."""
        keys = [sentence("%(kind)s in the title", kind=key.kind) for key in find_keys(overview.issue.title)]
        keys += [key.place for key in find_keys(overview.issue.body)]
        told = tuple(self._said(key) for key in keys)
        self._change(keys=told, outdated=overview.outdated, lacking=overview.lacking)

    def described(self, spec: Spec, *, is_update: bool = False) -> None:
        """Take over what the service is, and whether it is there already and changes."""
        known = {"slug": spec.slug, "title": spec.title, "is_update": is_update}
        told = {"assumptions": spec.assumptions, "out_of_scope": spec.out_of_scope, "criteria": tuple(criteria(spec))}
        self._change(**known, **told)
        self.speak(spec.language)

    def planned(self, strategies: tuple[Strategy, ...]) -> None:
        """Take over the strategies, none of them begun."""
        records = tuple(
            StrategyRecord(name=strategy.name, approach=strategy.approach, packages=strategy.packages)
            for strategy in strategies
        )
        self._change(strategies=records)

    def took_over(self, strategies: tuple[StrategyRecord, ...]) -> None:
        """Take over the strategies of an earlier run as that has left them."""
        self._change(strategies=strategies)

    def began(self, index: int, pull: Pull, commits: int) -> None:
        """Record that a strategy has a pull request."""
        self._record(index, pull=pull.number, commits=commits, outcome=StrategyOutcome.BUILDING)

    def fixed(self, index: int) -> None:
        """Record one more fix commit."""
        record = self.progress.strategies[index]
        self._record(index, commits=record.commits + 1, fixes=record.fixes + 1)
        self._change(fixes=self.progress.fixes + 1)

    def revised(self, index: int) -> None:
        """Record one more commit that people asked for."""
        record = self.progress.strategies[index]
        self._record(index, commits=record.commits + 1, outcome=StrategyOutcome.BUILDING)

    def green(self, index: int, url: str, facts: BuildFacts) -> None:
        """Record that the last build of a strategy is green, and what it states."""
        self._record(index, built=facts, builds=self._with_result(index, url=url))

    def stated(self, index: int, facts: BuildFacts) -> None:
        """Record what a green build states that somebody else's commit has started."""
        self._record(index, built=facts)

    def red(self, index: int, url: str, died_of: str) -> None:
        """Record what the last build of a strategy died of."""
        self._record(index, builds=self._with_result(index, url=url, died_of=died_of))

    def rerun(self, why: Sentence) -> None:
        """Record that a build runs again without a new commit."""
        self.note(Stage.BUILD, why, reruns=self.progress.reruns + 1)

    def interrupted(self) -> None:
        """Record that no strategy is built any further."""
        self.alone()
        for index, record in enumerate(self.progress.strategies):
            if record.outcome is StrategyOutcome.BUILDING:
                self._record(index, outcome=StrategyOutcome.STOPPED)

    def ended(self, index: int, outcome: StrategyOutcome, reason: Sentence | None = None, learned: str = "") -> None:
        """Record how a strategy ended, and what the ones after it should know."""
        self._record(index, outcome=outcome, reason=self._said(reason), learned=learned, note="")

    def resumed(self, index: int) -> None:
        """Record that there is more to do for a strategy that had come to an end."""
        self._record(index, outcome=StrategyOutcome.BUILDING, reason="")

    def together(self) -> None:
        """Record that strategies are at work at the same time from here on; the run itself only waits for them."""
        self._change(side_by_side=True)
        self.changed_lanes(-1)

    def alone(self) -> None:
        """Record that the run does one thing after the other again."""
        self.changed_lanes(1 - self._kept.idle.at_work)
        self._change(side_by_side=False)
        for index in range(len(self.progress.strategies)):
            self._record(index, note="", waits=False)

    def set_aside(self, index: int, note: str) -> None:
        """Record that nothing more is done for a strategy while another one is chosen."""
        self._record(index, note=note, waits=True)

    def picked(self, actor: str, pull: int) -> None:
        """Record which pull request somebody has chosen."""
        self._change(picked=Pick(actor=actor, pull=pull))

    def live(self, deployment: Deployment) -> None:
        """Record where the service is live."""
        self._change(deployment=deployment)

    @contextmanager
    def building(self, index: int, commit: str, pushed_at: float | None = None) -> Iterator[None]:
        """Time a build of a strategy's commit: from the push to the known result.

        Args:
            pushed_at: when GitHub had the commit, in seconds since the epoch; None for a build that begins now, such as
                one that runs again.
        """
        began = self._flow.now() if pushed_at is None else pushed_at
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
        spent = self._flow.now() - began + self.progress.seconds.deploy
        self._change(seconds=self.progress.seconds.model_copy(update={"deploy": spent}))

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Leave out of the budget's minutes what is waited for a person, while nothing else is at work."""
        self.changed_lanes(-1)
        try:
            yield
        finally:
            self.changed_lanes(1)

    def changed_lanes(self, by: int) -> None:
        """Take over that more lanes are at work, or less."""
        self._kept.idle.changed(by, self._flow)

    def spent(self, stage: str, usage: Usage, strategy: str = "") -> None:
        """Count what a call of the model has cost, also for the strategy of that name."""
        for index, record in enumerate(self.progress.strategies):
            if record.name == strategy:
                self._record(index, usage=record.usage + usage)
        total = self.progress.usage + usage
        seconds = self.progress.seconds.model_copy(update={"model": total.seconds})
        stages = {**self.progress.stages, stage: self.progress.stages.get(stage, Usage()) + usage}
        self._change(usage=total, seconds=seconds, stages=stages)

    def _among_others(self, index: int, stage: Stage, note: str) -> tuple[Stage, str]:
        """Record where a strategy is, and return where the run is as a whole."""
        name = said(verbatim(self.progress.strategies[index].name), "")
        own = note.removeprefix(name).lstrip(",: ")
        self._record(index, note=own, waits=stage is Stage.WAITING)
        at_work = any(
            record.outcome is StrategyOutcome.BUILDING and not record.waits for record in self.progress.strategies
        )
        whole = Stage.BUILD if stage is Stage.WAITING and at_work else stage
        return whole, f"{name}: {own}" if own else name

    def _with_result(self, index: int, url: str, died_of: str = "") -> tuple[BuildRecord, ...]:
        *before, last = self.progress.strategies[index].builds
        # What was looked at again has not been built again.
        again = any(record.url == url for record in before)
        return tuple(before) if again else (*before, last.model_copy(update={"url": url, "died_of": died_of}))

    def _said(self, what: Sentence | None) -> str:
        return said(what, self.language) if what is not None else ""

    def _record(self, index: int, **changes: Any) -> None:
        records = list(self.progress.strategies)
        records[index] = records[index].model_copy(update=changes)
        self._change(strategies=tuple(records))

    def _change(self, **changes: Any) -> None:
        self._kept.progress = self.progress.model_copy(update=changes)
