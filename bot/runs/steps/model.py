"""What the model thinks, one step a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bot.buildlog import read_failure
from bot.clients.llm import ModelError, UnusableAnswer
from bot.errors import TransientError, UserError
from bot.generate import FixRequest, Writer, propose_strategies, write_fix, write_service, write_spec
from bot.generate.files import Blueprint, Preflight, service_files
from bot.runs.steps.context import BaseSteps
from bot.values.naming import service_folder
from bot.values.run import Allowance, StrategyRecord, Usage
from bot.values.service import Fix, Fixture, Idea, Service, Spec, Strategy

T = TypeVar("T")


class Answer(BaseModel, Generic[T]):
    """What a model call came to: a value, or the text of what went wrong; tokens are counted in both cases."""

    value: T | None = None
    error: str = ""
    unusable: bool = False
    usage: Usage = Usage()


class ModelSteps(BaseSteps):
    """The model calls of one run.

    Attributes:
        before: called before every model call; raises where the run may spend no more.
        allowance: returns what may still be spent: a refused reply is asked for again only within it.
        spent: called after every model call with its stage and what it cost.
        fixtures: the files that tests read.
    """

    before: Callable[[], object] = staticmethod(lambda: None)
    allowance: Callable[[], Allowance] = staticmethod(Allowance)
    spent: Callable[[str, Usage], None] = staticmethod(lambda _stage, _usage: None)
    fixtures: tuple[Fixture, ...] = ()

    def specify(self, idea: Idea, taken: Sequence[str], *, may_ask: bool) -> Spec:
        """Have the model say what the service is; `taken` are the slugs of those there are."""

        def ask() -> tuple[Spec, Usage]:
            self._world.packages.prefetch()
            return write_spec(self._world.model, idea, taken, may_ask=may_ask, allowance=self.allowance())

        return self._think("specify", ask, Spec)

    def strategize(self, spec: Spec, failed: Sequence[StrategyRecord], count: int) -> tuple[Strategy, ...]:
        """Have the model think up at most `count` strategies."""
        return self._think(
            "strategize",
            lambda: propose_strategies(self._writer(), spec, failed, count),
            tuple[Strategy, ...],
        )

    def implement(self, spec: Spec, strategy: Strategy, failed: Sequence[StrategyRecord]) -> Service:
        """Have the model write the service; requirements come back pinned."""
        return self._think("implement", lambda: write_service(self._writer(), spec, strategy, failed), Service)

    def fix(self, spec: Spec, strategy: Strategy, service: Service, request: FixRequest) -> Fix:
        """Have the model answer a failed build."""
        return self._think("fix", lambda: write_fix(self._writer(), spec, strategy, service, request), Fix)

    def _writer(self) -> Writer:
        return Writer(self._world.model, self._preflight(), self.allowance())

    def _preflight(self) -> Preflight:
        config = self.repo_config
        return self._world.preflight(
            packages=self._world.packages,
            allow=frozenset(config.packages.allow),
            build=self._build if config.preflight == "docker" else None,
        )

    def _build(self, spec: Spec, strategy: Strategy, service: Service) -> str | None:
        """Build and test on the bot's own engine; return what the model has to know of a failure.

        Raises:
            TransientError: it failed for a reason that may pass, or the engine does.
        """
        image = self._world.packages.base_image()
        prefix = f"{service_folder(spec.slug)}/"
        files = service_files(Blueprint(spec, strategy, self._request.issue, image, self.fixtures), service)
        log = self._world.engine.build_and_test({path.removeprefix(prefix): content for path, content in files.items()})
        if log is None:
            return None
        failure = read_failure(log)
        if failure.transient:
            raise TransientError(f"The build on the bot's own engine failed: {failure.headline}")
        return failure.excerpt

    def _think(self, name: str, ask: Callable[[], tuple[T, Usage]], returns: Any) -> T:
        """Call the model in a step of its own, and count what it cost even where the answer is of no use."""

        def call() -> Answer[T]:
            try:
                value, usage = ask()
            except ModelError as error:
                return Answer(error=str(error), unusable=isinstance(error, UnusableAnswer), usage=error.usage)
            return Answer(value=value, usage=usage)

        self.before()
        answer: Answer[T] = self.flow.step(name, call, returns=Answer[returns])
        self.spent(name, answer.usage)
        if answer.value is None:
            raise UnusableAnswer(answer.error) if answer.unusable else UserError(answer.error)
        return answer.value
