"""What the model thinks, one step a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bot.buildlog import read_failure
from bot.clients.llm import ModelError, UnusableAnswer
from bot.config import InForce
from bot.errors import TransientError
from bot.generate import (
    Egress,
    FixRequest,
    RevisionRequest,
    Writer,
    aim_of,
    change_plan,
    change_spec,
    change_tests,
    open_to_new,
    propose_strategies,
    review_tests,
    write_fix,
    write_revision,
    write_service,
    write_spec,
    write_tests,
)
from bot.generate.files import Blueprint, service_files
from bot.runs.candidate import Candidate, Draft
from bot.runs.durable.flow import Flow
from bot.runs.estimate import estimate
from bot.runs.meter import Meter
from bot.runs.watch import Watch
from bot.runs.world import World
from bot.sentence import Sentence, verbatim
from bot.values.cost import Allowance, Usage
from bot.values.naming import service_folder
from bot.values.plan import Estimate, PlanChange
from bot.values.progress import Progress, StrategyRecord
from bot.values.revision import Point, Revision
from bot.values.seats import Work
from bot.values.service import Aim, Brief, Dispute, Fix, Fixture, Idea, Review, ScenarioTests, Service, Spec, Strategy

T = TypeVar("T")


class Answer(BaseModel, Generic[T]):
    """What a model call came to: a value, or the text of what went wrong; tokens are counted in both cases.

    Attributes:
        why: the reason alone, without advice.
        unusable: the model answers; another task may succeed.
    """

    value: T | None = None
    error: Sentence = verbatim("")
    why: Sentence = verbatim("")
    unusable: bool = False
    usage: Usage = Usage()


@dataclass(frozen=True)
class Before:
    """What is looked at before each call: what may be spent and has been, and what people do meanwhile."""

    meter: Meter
    watch: Watch


class ModelSteps:
    """The model calls of one run, each within its budget.

    Args:
        issue: the number of the run's issue.
        settings: say which packages are taken, whether a service is built before it is pushed, and the house rules.
        before: what is looked at before each call.
    """

    def __init__(self, flow: Flow, world: World, issue: int, settings: InForce, before: Before) -> None:
        self._flow = flow
        self._world = world
        self._issue = issue
        self._config = settings.config
        self._egress: Egress = settings.config.egress
        self._house_rules = settings.house_rules.text if settings.house_rules else ""
        self._before = before

    def after(self, before: Before) -> ModelSteps:
        """Return the same calls, with something else to be looked at before each."""
        steps = copy(self)
        steps._before = before
        return steps

    def let_out(self, egress: Egress) -> None:
        """Go by these hosts from now on: people have named others since the settings were read."""
        self._egress = egress

    def specify(self, idea: Idea, taken: Sequence[str], *, may_ask: bool) -> Spec:
        """Have the model say what the service is; `taken` are the slugs of those there are."""

        def write(allowance: Allowance) -> tuple[Spec, Usage]:
            self._world.packages.prefetch()
            writer = self._writer(allowance, hosts=open_to_new(self._egress, taken))
            return write_spec(writer, idea, taken, egress=self._egress, may_ask=may_ask)

        return self._think("specify", write, Spec)

    def aim(self, idea: Idea, services: Sequence[str]) -> Aim:
        """Have the model say which of some services an idea asks to change."""

        def write(allowance: Allowance) -> tuple[Aim, Usage]:
            return aim_of(self._writer(allowance), idea, services)

        return self._think("aim", write, Aim)

    def write_tests(self, brief: Brief) -> ScenarioTests:
        """Have the model write the tests that every strategy has to pass."""

        def write(allowance: Allowance) -> tuple[ScenarioTests, Usage]:
            return write_tests(self._writer(allowance, brief.spec), brief.spec)

        return self._think("tests", write, ScenarioTests)

    def review_tests(self, draft: Draft, tests: ScenarioTests, disputes: Sequence[Dispute]) -> Review:
        """Have the writer of the tests decide on a dispute."""

        def write(allowance: Allowance) -> tuple[Review, Usage]:
            return review_tests(self._writer(allowance, draft.brief.spec), draft.brief.spec, tests, disputes)

        return self._think("review", write, Review, draft.strategy)

    def strategize(self, spec: Spec, failed: Sequence[StrategyRecord], count: int) -> tuple[Strategy, ...]:
        """Have the model think up at most `count` strategies."""

        def write(allowance: Allowance) -> tuple[tuple[Strategy, ...], Usage]:
            return propose_strategies(self._writer(allowance, spec), spec, failed, count)

        return self._think("strategize", write, tuple[Strategy, ...])

    def implement(self, brief: Brief, strategy: Strategy, failed: Sequence[StrategyRecord]) -> Service:
        """Have the model write the service; requirements come back pinned."""

        def write(allowance: Allowance) -> tuple[Service, Usage]:
            return write_service(self._writer(allowance, brief.spec, brief.fixtures), brief, strategy, failed)

        return self._think("implement", write, Service, strategy)

    def fix(self, candidate: Candidate, request: FixRequest) -> Fix:
        """Have the model answer a failed build."""
        brief = candidate.brief

        def write(allowance: Allowance) -> tuple[Fix, Usage]:
            writer = self._writer(allowance, brief.spec, brief.fixtures)
            return write_fix(writer, brief.spec, candidate.strategy, candidate.service, request)

        return self._think("fix", write, Fix, candidate.strategy)

    def revise(self, draft: Draft, request: RevisionRequest) -> Revision:
        """Have the model change a service's files as people ask."""
        brief = draft.brief

        def write(allowance: Allowance) -> tuple[Revision, Usage]:
            writer = self._writer(allowance, brief.spec, brief.fixtures)
            return write_revision(writer, brief.spec, draft.strategy, draft.service, request)

        return self._think("revise", write, Revision, draft.strategy)

    def respecify(self, spec: Spec, points: Sequence[Point], wanted: str) -> Spec:
        """Have the model change what the service is, as people ask; `wanted` is what an implementer asks for, or ""."""

        def write(allowance: Allowance) -> tuple[Spec, Usage]:
            return change_spec(self._writer(allowance, spec), spec, points, wanted)

        return self._think("respecify", write, Spec)

    def change_plan(
        self, plan: tuple[Spec, tuple[Strategy, ...]], points: Sequence[Point], taken: Sequence[str]
    ) -> PlanChange:
        """Have the model change a plan as people ask; `taken` are the slugs of the services there are."""

        def write(allowance: Allowance) -> tuple[PlanChange, Usage]:
            return change_plan(self._writer(allowance, plan[0]), plan, points, taken, self._config.strategies)

        return self._think("replan", write, PlanChange)

    def estimate(self, earlier: Sequence[Progress], now: Progress) -> Estimate:
        """Say what is left to do will take and cost; see `bot.runs.estimate`."""
        fixes, price = self._config.fixes, self._world.model.price
        return self._flow.step("estimate", lambda: estimate(earlier, now, fixes, price), returns=Estimate)

    def retest(self, before: Spec, after: Spec, tests: ScenarioTests, points: Sequence[Point]) -> ScenarioTests:
        """Have the model bring the tests up to a specification that has changed."""

        def write(allowance: Allowance) -> tuple[ScenarioTests, Usage]:
            return change_tests(self._writer(allowance, after), before, after, tests, points)

        return self._think("retest", write, ScenarioTests)

    def _writer(
        self,
        allowance: Allowance,
        spec: Spec | None = None,
        fixtures: tuple[Fixture, ...] = (),
        hosts: tuple[str, ...] = (),
    ) -> Writer:
        """Return what a stage writes with.

        Args:
            hosts: what the service reaches, where it is not specified yet.
        """
        hosts = tuple(self._egress.get(spec.slug, ())) if spec else hosts
        # The bot's own engine lets nothing out: there, what needs a host is red whatever its code is.
        builds = self._config.preflight == "docker" and not hosts
        preflight = self._world.preflight(
            packages=self._world.packages,
            allow=frozenset(self._config.packages.allow),
            build=partial(self._build, fixtures) if builds else None,
        )
        return Writer(self._world.model, preflight, allowance, self._house_rules, hosts)

    def _build(self, fixtures: tuple[Fixture, ...], spec: Spec, strategy: Strategy, service: Service) -> str | None:
        """Build and test on the bot's own engine; return what the model has to know of a failure that it can mend.

        Raises:
            TransientError: it failed for a reason that may pass, or the engine does.
        """
        image = self._world.packages.base_image()
        prefix = f"{service_folder(spec.slug)}/"
        files = service_files(Blueprint(spec, strategy, self._issue, image, fixtures), service)
        log = self._world.engine.build_and_test({path.removeprefix(prefix): content for path, content in files.items()})
        if log is None:
            return None
        failure = read_failure(log)
        if failure.disputes:
            # Whoever writes the code cannot mend a test. The build will refuse it too, and its writer is asked then.
            return None
        if failure.transient:
            raise TransientError(f"The build on the bot's own engine failed: {failure.headline}")
        return failure.excerpt

    def _think(
        self, stage: str, write: Callable[[Allowance], tuple[T, Usage]], returns: Any, strategy: Strategy | None = None
    ) -> T:
        """Call the model in a step of its own, and count what it cost even where the answer is of no use."""
        self._before.watch.check()
        self._before.meter.check()
        allowance = self._before.meter.allowance()

        def call() -> Answer[T]:
            try:
                value, usage = write(allowance)
            except ModelError as error:
                unusable = isinstance(error, UnusableAnswer)
                return Answer(error=error.sentence, why=error.why, unusable=unusable, usage=error.usage)
            return Answer(value=value, usage=usage)

        answer: Answer[T] = self._flow.step(stage, call, returns=Answer[returns], work=Work.MODEL)
        self._before.meter.count(stage, answer.usage, strategy.name if strategy else "")
        if answer.value is None:
            raise (UnusableAnswer if answer.unusable else ModelError)(answer.error, why=answer.why)
        return answer.value
