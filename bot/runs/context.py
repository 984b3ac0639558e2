"""What a run has at hand, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.config import RepoConfig
from bot.runs.durable.flow import Flow
from bot.runs.journal import Journal
from bot.runs.meter import Meter
from bot.runs.settings import await_settings
from bot.runs.steps.builds import BuildSteps
from bot.runs.steps.checks import CheckSteps
from bot.runs.steps.issue import IssueSteps
from bot.runs.steps.merges import MergeSteps
from bot.runs.steps.model import Before, ModelSteps
from bot.runs.steps.pulls import PullSteps
from bot.runs.steps.reviews import ReviewSteps
from bot.runs.steps.slugs import SlugSteps
from bot.runs.steps.updates import UpdateSteps
from bot.runs.watch import Watch
from bot.runs.world import World
from bot.values.overview import Overview
from bot.values.run import RunKind, RunRequest


@dataclass(frozen=True)
class Context:
    """What a run has at hand from its first decision to its last. None of it is replaced on the way.

    Attributes:
        request: why the run was started.
        overview: the issue and the repository as they were at the beginning.
        config: the repository's settings.
        poll_seconds: how long to wait for a webhook before GitHub is asked.
        journal: what people are told.
        meter: what the run may cost.
        watch: notices what people do meanwhile.
        issue, slugs, pulls, merges, reviews, updates, builds, checks, model: the steps it can take.
    """

    flow: Flow
    request: RunRequest
    overview: Overview
    config: RepoConfig
    poll_seconds: float
    journal: Journal
    meter: Meter
    watch: Watch
    issue: IssueSteps
    slugs: SlugSteps
    pulls: PullSteps
    merges: MergeSteps
    reviews: ReviewSteps
    updates: UpdateSteps
    builds: BuildSteps
    checks: CheckSteps
    model: ModelSteps

    def of_strategy(self, index: int) -> Context:
        """Return what one strategy has at hand among others that are at work at the same time."""
        journal = self.journal.of_strategy(index)
        meter, watch = self.meter.of_journal(journal), self.watch.another()
        return replace(self, journal=journal, meter=meter, watch=watch, model=self.model.after(Before(meter, watch)))


def open_context(flow: Flow, world: World, request: RunRequest, issue: IssueSteps, journal: Journal) -> Context:
    """Read what the run has to know first, and put the rest together.

    Raises:
        UserError: the issue is not there.
        Ended: what a person has done to the issue while its settings were wrong.
    """
    # What has been signalled until now is seen in what is read next.
    flow.rung()
    try:
        overview = issue.overview()
    finally:
        # Also where the run ends with this: what the status tells of earlier runs stays.
        journal.recall(deploys=request.kind is RunKind.DEPLOY)
    journal.guess(overview.issue)
    overview, settings, watch = await_settings(flow, issue, journal, world, overview)
    journal.holds(overview)
    config = settings.config
    meter = Meter(flow, issue, journal, request.budget.over(config.budget))
    return Context(
        flow=flow,
        request=request,
        overview=overview,
        config=config,
        poll_seconds=world.poll_seconds,
        journal=journal,
        meter=meter,
        watch=watch,
        issue=issue,
        slugs=SlugSteps(flow, world, request),
        pulls=PullSteps(flow, world, request),
        merges=MergeSteps(flow, world, request),
        reviews=ReviewSteps(flow, world, request),
        updates=UpdateSteps(flow, world, request),
        builds=BuildSteps(flow, world, request),
        checks=CheckSteps(flow, world, request),
        model=ModelSteps(flow, world, request.issue, settings, Before(meter, watch)),
    )
