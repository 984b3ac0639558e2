"""What the model thinks, one step a call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bot.clients.llm import ModelError, UnusableAnswer
from bot.errors import UserError
from bot.failure import Failure, PastFix
from bot.generate import fix, implement, specify, strategize
from bot.models import Fix, Idea, Service, Spec, Strategy, Usage
from bot.progress import StrategyRecord
from bot.workflows.steps_base import BaseSteps

T = TypeVar("T")

# A model endpoint serves a few calls at a time well; runs beyond that wait for their turn in this process.
_MODEL_CALLS = threading.BoundedSemaphore(4)


class Answer(BaseModel, Generic[T]):
    """What a model call came to: a value, or the text of what went wrong; tokens are counted in both cases."""

    value: T | None = None
    error: str = ""
    unusable: bool = False
    usage: Usage = Usage()


class ModelSteps(BaseSteps):
    """The model calls of one run."""

    spent: Callable[[Usage], None] = staticmethod(lambda _: None)
    """Called after every model call with what it cost."""

    def specify(self, idea: Idea) -> Spec:
        """Have the model say what the service is."""
        branch = self._repository.default_branch

        def ask() -> tuple[Spec, Usage]:
            return specify(self._world.model, idea, self._repository.services(branch()))

        return self._think("specify", ask, Spec)

    def strategize(self, spec: Spec, failed: Sequence[StrategyRecord], count: int) -> tuple[Strategy, ...]:
        """Have the model think up at most `count` strategies."""
        return self._think(
            "strategize", lambda: strategize(self._world.model, spec, failed, count), tuple[Strategy, ...]
        )

    def implement(self, spec: Spec, strategy: Strategy) -> Service:
        """Have the model write the service; requirements come back pinned."""
        return self._think(
            "implement", lambda: implement(self._world.model, self._world.packages, spec, strategy), Service
        )

    def fix(
        self, spec: Spec, strategy: Strategy, service: Service, failure: Failure, past: Sequence[PastFix], attempt: int
    ) -> Fix:
        """Have the model answer a failed build."""
        model, packages = self._world.model, self._world.packages
        return self._think("fix", lambda: fix(model, packages, spec, strategy, service, failure, past, attempt), Fix)

    def _think(self, name: str, ask: Callable[[], tuple[T, Usage]], returns: Any) -> T:
        """Call the model in a step of its own, and count what it cost even where the answer is of no use."""

        def call() -> Answer[T]:
            with _MODEL_CALLS:
                try:
                    value, usage = ask()
                except ModelError as error:
                    return Answer(error=str(error), unusable=isinstance(error, UnusableAnswer), usage=error.usage)
            return Answer(value=value, usage=usage)

        answer: Answer[T] = self.flow.step(name, call, returns=Answer[returns])
        self.spent(answer.usage)
        if answer.value is None:
            raise UnusableAnswer(answer.error) if answer.unusable else UserError(answer.error)
        return answer.value
