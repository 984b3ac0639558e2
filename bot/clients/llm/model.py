"""The model, behind any OpenAI-compatible endpoint: what the stages call."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.clients.llm.context import THRIFT, Room
from bot.clients.llm.endpoint import Endpoint
from bot.clients.llm.errors import Failed, ModelError, UnusableAnswer, explain
from bot.clients.llm.conversation import Inquiry
from bot.clients.llm.models import Breaker, Models
from bot.clients.llm.replies import Message, Refused, Task, WouldFail, faults, only_json
from bot.values.run import Usage

__all__ = ["THRIFT", "Message", "Model", "ModelError", "Refused", "Task", "UnusableAnswer", "WouldFail"]

log = logging.getLogger(__name__)

DEFAULT_MODEL = "gpt-5-mini"
OPENAI_URL = "https://api.openai.com/v1"
REASKS = 2
"""How often a structured reply that was refused is asked for again."""
FILE_REASKS = 3
"""The same for files: a reply that is checked and refused here is cheaper than a build that fails."""
STRUCTURED_TOKENS = 2_000
FILES_TOKENS = 8_000
"""Tokens a reply may have at first, doubled after one that was cut off; of a small context a quarter, or three eighths.
Models that think before they answer get no limit: their thoughts count."""
_STRUCTURED = Room(STRUCTURED_TOKENS, 1 / 4)
_FILES = Room(FILES_TOKENS, 3 / 8)

Structured = TypeVar("Structured", bound=BaseModel)
Read = TypeVar("Read")


class Model:
    """A model that answers with checked values, or not at all.

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
        self._allowed: Callable[[Usage], bool] = lambda _: True
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

    def within(self, allowed: Callable[[Usage], bool]) -> Model:
        """Return this model for a run with a budget: a refused reply is asked for again only while `allowed` says so.

        Args:
            allowed: is told what the question has cost so far.
        """
        limited = copy.copy(self)
        limited._allowed = allowed
        return limited

    def structured(self, stage: str, messages: Task, schema: type[Structured]) -> tuple[Structured, Usage]:
        """Ask for a value of `schema`; the title of the schema is its name for the endpoint.

        Raises:
            ModelError: no reply, or none that is valid.
        """

        def read(text: str) -> Structured:
            try:
                return schema.model_validate_json(only_json(text))
            except ValidationError as error:
                raise Refused(f"The reply is not what the schema asks for: {faults(error)}") from error

        return self._ask(stage, messages, read, REASKS, _STRUCTURED, schema.model_json_schema())

    def files(self, stage: str, messages: Task, read: Callable[[str], Read]) -> tuple[Read, Usage]:
        """Ask for text that `read` parses and checks; it raises `Refused` to have it asked for again.

        Raises:
            ModelError: no reply, or none that `read` accepts.
        """
        return self._ask(stage, messages, read, FILE_REASKS, _FILES, None)

    def close(self) -> None:
        """Drop the connections."""
        self._endpoint.close()

    def _ask(
        self,
        stage: str,
        task: Task,
        read: Callable[[str], Read],
        reasks: int,
        room: Room,
        schema: dict[str, Any] | None,
    ) -> tuple[Read, Usage]:
        """Converse until `read` accepts a reply."""
        names = [self._stages.get(stage) or self.name, *self._fallbacks]
        inquiry = Inquiry(self._models, names, task, room, self._effort, schema)
        for ask in range(reasks + 1):
            reply = inquiry.ask()
            try:
                if reply.cut:
                    raise Refused("The reply was cut off because it was too long. Answer in full, but shorter.")
                if not reply.text:
                    raise Refused("The reply was empty.")
                return read(reply.text), inquiry.usage
            except Refused as refusal:
                log.info("%s: reply %d of %s refused: %s", stage, ask + 1, inquiry.model, refusal)
                inquiry.refuse(reply, refusal)
            if not self._allowed(inquiry.usage):
                break
        raise inquiry.unusable(ask + 1, stage)
