"""The model: what a stage begins its conversation with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from bot.clients.llm.breaker import Breaker
from bot.clients.llm.completions import Message
from bot.clients.llm.conversation import Conversation, Task
from bot.clients.llm.errors import CallFailed, ModelError, explain
from bot.clients.llm.models import Models
from bot.clients.llm.prices import price
from bot.values.cost import UNLIMITED, Allowance

DEFAULT_MODEL = "gpt-5-mini"
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class ModelSettings:
    """Where the models are, and which of them to ask.

    Attributes:
        name: the model; None for the only one that `base_url` lists, else gpt-5-mini.
        stages: the model for a stage, where it is another one.
        fallbacks: models to ask, in order, where one declines, is unknown or is down. One that was down is asked last
            for a minute.
        effort: reasoning effort, for models that have it; None for what they are used to.
        context: tokens a request and its reply may have together; None for what the endpoint or the price list says,
            else no limit until a request turns out to be too long.
        base_url: any OpenAI-compatible endpoint, ending in /v1; None for OpenAI's.
        api_key: its key, if it wants one. The SDK reads organization, project and the like from the environment.
        timeout: seconds to wait for one reply; a local model writes 25 tokens a second.
        retries: how often the SDK repeats a request that met a network error, a rate limit or a 5xx answer.
    """

    name: str | None = None
    stages: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Sequence[str] = ()
    effort: str | None = None
    context: int | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 900
    retries: int = 2


class Model:
    """The models of an endpoint, as one model that every stage can talk to.

    What the models turn out not to take (structured output, a temperature, that many tokens) is remembered for this
    object's life. It may be used by several threads at once.
    """

    def __init__(self, settings: ModelSettings, clock: Callable[[], float] = time.monotonic) -> None:
        """Connect to nothing yet: an endpoint that is down now may be up when it is needed.

        Args:
            clock: returns seconds that only go up.
        """
        # The SDK takes most of a second to import. Only who makes a model pays for it, not who needs a name of here.
        from bot.clients.llm.endpoint import Endpoint

        self._settings = settings
        self._name = settings.name
        self._endpoint = Endpoint(
            settings.base_url or OPENAI_URL, settings.api_key, timeout=settings.timeout, retries=settings.retries
        )
        self._models = Models(self._endpoint, settings.base_url is not None, settings.context, Breaker(clock))

    def begin(
        self,
        stage: str,
        prompts: Sequence[Sequence[Message]],
        *,
        schema: type[BaseModel] | None = None,
        allowance: Allowance = UNLIMITED,
    ) -> Conversation:
        """Begin a conversation about the task of a stage; nothing is asked yet.

        Args:
            prompts: the same task in ever fewer words, at least once; the first says everything.
            schema: of the reply, whose title is its name for the endpoint; None for text with files.
            allowance: what the conversation may cost.

        Raises:
            ModelError: the endpoint had to be asked for the model's name and did not answer.
        """
        task = Task(stage, prompts, schema.model_json_schema() if schema else None)
        names = [self._settings.stages.get(stage) or self.default_name(), *self._settings.fallbacks]
        return Conversation(self._models, names, task, self._settings.effort, allowance)

    def price(self, stage: str, prompt: int, completion: int) -> float | None:
        """Return USD for tokens sent and received in a stage, or None for a model whose price nobody lists.

        Raises:
            ModelError: the endpoint had to be asked for the model's name and did not answer.
        """
        name = self._settings.stages.get(stage) or self.default_name()
        return price(self._endpoint.base_url, name, prompt, 0, completion)

    def default_name(self) -> str:
        """Return the model for stages that have none of their own.

        Raises:
            ModelError: the endpoint had to be asked and did not answer.
        """
        if self._name is None:
            try:
                offered = self._models.names()
            except CallFailed as failed:
                failures = [(None, failed.problem)]
                raise ModelError(explain(failures, self._endpoint.base_url, self._endpoint.timeout, ())) from failed
            self._name = offered[0] if len(offered) == 1 else DEFAULT_MODEL
        return self._name

    def close(self) -> None:
        """Drop the connections; no call may be under way."""
        self._endpoint.close()
