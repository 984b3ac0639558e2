"""The model, behind any OpenAI-compatible endpoint: what the stages call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from pydantic import BaseModel

from bot.clients.llm.conversation import Conversation, Task
from bot.clients.llm.endpoint import Endpoint
from bot.clients.llm.errors import Failed, ModelError, UnusableAnswer, explain
from bot.clients.llm.models import Breaker, Models
from bot.clients.llm.replies import Message, Refused, WouldFail, read_json
from bot.values.run import UNLIMITED, Allowance

__all__ = ["Conversation", "Message", "Model", "ModelError", "Refused", "UnusableAnswer", "WouldFail", "read_json"]

DEFAULT_MODEL = "gpt-5-mini"
OPENAI_URL = "https://api.openai.com/v1"


class Model:
    """The model: every stage begins a conversation with it.

    What the models turn out not to take (structured output, a temperature, that many tokens) is remembered for this
    object's life. It may be used by several threads at once.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        stages: Mapping[str, str] = MappingProxyType({}),
        fallbacks: Sequence[str] = (),
        effort: str | None = None,
        context: int | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 900,
        retries: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect to nothing yet: an endpoint that is down now may be up when it is needed.

        Args:
            name: the model; by default the only one that `base_url` lists, else gpt-5-mini.
            stages: the model for a stage, where it is another one.
            fallbacks: models to ask, in order, where one declines, is unknown or is down. One that was down is asked
                last for a minute.
            effort: reasoning effort, for models that have it; None for what they are used to.
            context: tokens a request and its reply may have together; by default what the endpoint or the price list
                says, else no limit until a request turns out to be too long.
            base_url: any OpenAI-compatible endpoint, ending in /v1; by default OpenAI's.
            api_key: its key, if it wants one. Organization, project and the like are read from the environment by
                the SDK.
            timeout: seconds to wait for one reply; a local model writes 25 tokens a second.
            retries: how often the SDK repeats a request that met a network error, a rate limit or a 5xx answer.
            clock: seconds that only go up.
        """
        self._name = name
        self._stages = stages
        self._fallbacks = fallbacks
        self._effort = effort
        self._endpoint = Endpoint(base_url or OPENAI_URL, api_key, timeout, retries)
        self._models = Models(self._endpoint, base_url is not None, context, Breaker(clock))

    @property
    def name(self) -> str:
        """The name of the model for stages that have none of their own.

        Raises:
            ModelError: the endpoint had to be asked and did not answer.
        """
        if self._name is None:
            try:
                offered = self._models.names()
            except Failed as failed:
                failures = [(None, failed.problem)]
                raise ModelError(explain(failures, self._endpoint.base_url, self._endpoint.timeout, ())) from failed
            self._name = offered[0] if len(offered) == 1 else DEFAULT_MODEL
        return self._name

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
            prompts: the task in ever fewer words, at least once; the first says everything.
            schema: of the reply, whose title is its name for the endpoint; None for text with files.
            allowance: what the conversation may cost.

        Raises:
            ModelError: the endpoint had to be asked for the model's name and did not answer.
        """
        task = Task(stage, prompts, schema.model_json_schema() if schema else None)
        names = [self._stages.get(stage) or self.name, *self._fallbacks]
        return Conversation(self._models, names, task, self._effort, allowance)

    def close(self) -> None:
        """Drop the connections."""
        self._endpoint.close()
