"""One question to the models: asked again where a reply is refused, and of another model where one fails."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable
from typing import Any

from bot.clients.llm.context import LEAST_REPLY, OWN, Fitted, Room, estimate, fit
from bot.clients.llm.endpoint import Request, schema_words
from bot.clients.llm.errors import Failed, ModelError, Problem, UnusableAnswer, explain, told
from bot.clients.llm.models import Memory, Models
from bot.clients.llm.prices import price
from bot.clients.llm.replies import Message, Refused, Reply, Task, WouldFail, note
from bot.values.run import Usage

log = logging.getLogger(__name__)

_COOL = 0.2
_WARMER, _AFTER_A_REPEAT, _HOTTEST = 0.2, 0.4, 1.0
"""Temperatures: the first, what is added for each re-ask, and where the model repeats itself, and the highest."""
_TRIES = 8
"""How often one ask is made smaller for a model whose context is not known: each time by a fifth."""
_LITTLE = ("none", "minimal", "low")


class Inquiry:
    """A conversation about one task.

    Attributes:
        usage: what it has cost until now.
    """

    def __init__(
        self,
        models: Models,
        names: Iterable[str],
        task: Task,
        room: Room,
        effort: str | None,
        schema: dict[str, Any] | None,
    ) -> None:
        """Ask nothing yet.

        Args:
            names: the models that may be asked, the one to ask first as the first.
            room: what a reply may need.
            effort: reasoning effort, None for what a model is used to.
            schema: JSON schema of the reply, None for text.
        """
        self.usage = Usage()
        self._models = models
        self._names = models.breaker.order(names)
        self._task = task
        self._room = room
        self._effort = effort
        self._schema = schema
        self._extra = estimate(schema_words(schema))
        self._failures: list[tuple[str, Problem]] = []
        self._tail: tuple[Message, ...] = ()
        self._temperature = _COOL
        self._cuts = 0
        self._reason = ""

    @property
    def model(self) -> str:
        """The model that is asked next, or that answered last."""
        return self._names[0]

    def ask(self) -> Reply:
        """Return the next reply, of the first model that gives one.

        Raises:
            ModelError: none does.
        """
        while True:
            started = time.monotonic()
            cause: Failed | None = None
            try:
                reply = self._call(self.model)
            except Failed as failed:
                self.usage += Usage(seconds=time.monotonic() - started)
                problem, cause = failed.problem, failed
            else:
                self._models.breaker.well(self.model)
                self.usage += self._spent(reply, time.monotonic() - started)
                if reply.refusal is None:
                    return reply
                problem = Problem("declined", reply.refusal)
            self._failures.append((self.model, problem))
            if problem.elsewhere and not problem.declined:
                self._models.breaker.failed(self.model)
            if not problem.elsewhere or len(self._names) == 1:
                raise self._failed() from cause
            log.warning("%s; asking %s instead", told(self._failures[-1:], self._timeout), self._names[1])
            del self._names[0]

    def refuse(self, reply: Reply, refusal: Refused) -> None:
        """Have the next ask say why a reply was not taken."""
        reason = str(refusal)
        again = reason == self._reason
        self._reason = reason
        self._temperature = min(_HOTTEST, self._temperature + (_AFTER_A_REPEAT if again else _WARMER))
        self.usage += Usage(saved=int(isinstance(refusal, WouldFail)))
        if reply.cut:
            self._cuts += 1
            if self._models.memory(self.model).thinks and self._effort not in _LITTLE:
                self._effort = "low"
        # Only the last reply is shown again, and half a one not at all: contexts can be small.
        shown = reply.text and not reply.cut and len(reply.text) <= OWN
        own = (Message(role="assistant", content=reply.text),) if shown else ()
        self._tail = (*own, note(reason, again))

    def unusable(self, tries: int, stage: str) -> UnusableAnswer:
        """Return the error that says that no reply could be taken."""
        before = f"\nBefore it {told(self._failures, self._timeout)}." if self._failures else ""
        return UnusableAnswer(
            f"The model `{self.model}` gave no usable answer in {tries} tries ({stage}), the last time because: "
            f"{' '.join(self._reason.split())[:400]}{before}\n"
            "Comment `/retry` to try again, put the description more precisely, or set a stronger `OPENAI_MODEL`.",
            self.usage,
        )

    def _call(self, name: str) -> Reply:
        """Ask one model, with as much of the conversation as it can take."""
        memory = self._models.memory(name)
        before: tuple[Fitted, int | None] | None = None
        for _ in range(_TRIES):
            fitted, limit = self._fitted(name, memory)
            if (fitted, limit) == before:
                break
            before = fitted, limit
            request = Request(
                messages=fitted.messages,
                task=fitted.task,
                temperature=self._temperature,
                limit=limit,
                effort=self._effort,
                schema=self._schema,
            )
            try:
                reply, memory.unsupported = self._models.endpoint.complete(name, request, memory.unsupported)
            except Failed as failed:
                if not failed.problem.too_long:
                    raise
                refused = failed
                memory.overflowed(math.ceil(fitted.tokens * memory.scale) + (limit or 0), failed.problem.stated_context)
                log.info("%s has a context of at most %s tokens", name, memory.largest)
            else:
                memory.thinks |= reply.thought
                memory.counted(fitted.tokens, reply.prompt)
                return reply
        raise refused

    def _fitted(self, name: str, memory: Memory) -> tuple[Fitted, int | None]:
        """Return the conversation for a model, and the tokens its reply may have."""
        context = self._models.context(name)
        kept = self._room.kept(context, self._cuts, memory.thinks) if context else 0
        fitted = fit(self._task, self._tail, context, kept, self._extra, memory.scale)
        if memory.thinks:
            return fitted, None
        wanted = self._room.tokens << self._cuts
        left = context - math.ceil(fitted.tokens * memory.scale) if context else wanted
        return fitted, max(LEAST_REPLY, min(wanted, left))

    def _spent(self, reply: Reply, seconds: float) -> Usage:
        cost = price(
            self._models.endpoint.base_url, reply.model or self.model, reply.prompt, reply.cached, reply.completion
        )
        return Usage(
            prompt=reply.prompt,
            cached=reply.cached,
            completion=reply.completion,
            cost_usd=cost,
            seconds=seconds,
            calls=1,
        )

    def _failed(self) -> ModelError:
        unknown = any(problem.unknown_model for _, problem in self._failures)
        offered = self._models.offered() if unknown else []
        text = explain(self._failures, self._models.endpoint.base_url, self._timeout, offered)
        declined = any(problem.declined for _, problem in self._failures)
        return (UnusableAnswer if declined else ModelError)(text, self.usage)

    @property
    def _timeout(self) -> float:
        return self._models.endpoint.timeout
