"""A conversation with the models: where a reply is refused they are asked again, where one fails another is asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clients.llm.completions import Completion, Message
from bot.clients.llm.context import OutputLimit
from bot.clients.llm.errors import CallFailed, ModelError, Problem, UnusableAnswer, explain, summarize
from bot.clients.llm.models import Models, Question
from bot.clients.llm.prices import price
from bot.clients.llm.replies import Refused, WouldFail, refusal_message
from bot.errors import TransientError
from bot.logs import TRANSCRIPT
from bot.sentence import joined, sentence
from bot.values.cost import Allowance, Usage

log = logging.getLogger(__name__)
transcript = logging.getLogger(TRANSCRIPT)

STRUCTURED_TRIES = 3
"""How many structured replies are asked for until one can be used."""
FILES_TRIES = 4
"""How many replies with files: a reply that is refused here costs less than a build that fails."""
STRUCTURED_TOKENS = 2_000
FILES_TOKENS = 8_000
"""Tokens a reply may have at first. A model that thinks before it answers gets no limit: its thoughts count too."""
_STRUCTURED = OutputLimit(STRUCTURED_TOKENS, 1 / 4)
_FILES = OutputLimit(FILES_TOKENS, 3 / 8)
_SHOWN_AGAIN = 16_000
"""Characters of a refused reply that the model sees again; a longer one would crowd out the task."""
_FIRST_TEMPERATURE = 0.2
_WARMER, _WARMER_AFTER_REPEAT = 0.2, 0.4
"""What is added to the temperature after a refused reply, and after one refused for the same reason as before."""
_HIGHEST_TEMPERATURE = 1.0
_LONGEST_WAIT = 600
"""Seconds: who asks for a longer wait, such as until tomorrow, gives no reply."""
_WAITS = 5
"""How often a conversation waits."""
_LITTLE_EFFORT = ("none", "minimal", "low")


@dataclass(frozen=True)
class Task:
    """What the models are asked for.

    Attributes:
        stage: its name, for logs and errors.
        prompts: the same task in ever fewer words; the first says everything. A small context gets a later one.
        schema: JSON schema of the reply, None for text with files.
    """

    stage: str
    prompts: Sequence[Sequence[Message]]
    schema: dict[str, Any] | None = None

    @property
    def tries(self) -> int:
        """How many replies are asked for at most."""
        return STRUCTURED_TRIES if self.schema else FILES_TRIES

    @property
    def limit(self) -> OutputLimit:
        """How long a reply may be."""
        return _STRUCTURED if self.schema else _FILES


class Conversation:
    """A conversation about one task: `ask`, `refuse` what cannot be used, and `ask` again.

    Attributes:
        usage: what it has cost until now.
    """

    def __init__(
        self, models: Models, names: Iterable[str], task: Task, effort: str | None, allowance: Allowance
    ) -> None:
        """Ask nothing yet.

        Args:
            names: the models that may be asked, in this order.
            effort: reasoning effort, None for what a model is used to.
            allowance: what the conversation may cost. It is checked before a reply is asked for again.
        """
        self.usage = Usage()
        self._models = models
        self._names = models.breaker.order(names)
        self._task = task
        self._effort = effort
        self._allowance = allowance
        self._failures: list[tuple[str, Problem]] = []
        self._asked = 0
        self._reply = Completion()
        self._tail: tuple[Message, ...] = ()
        self._temperature = _FIRST_TEMPERATURE
        self._truncated = 0
        self._waits = 0
        self._reason = ""

    @property
    def model(self) -> str:
        """The model that is asked next, or that answered last."""
        return self._names[0]

    def ask(self) -> str:
        """Return the text of the next reply. One that was cut off, or is empty, is refused here.

        Raises:
            UnusableAnswer: no tries are left, or no allowance for another one.
            ModelError: no model gives a reply.
            TransientError: the first reply can be had after a time that the endpoint names.
        """
        while self._may_ask():
            self._asked += 1
            self._reply = reply = self._next()
            if reply.truncated:
                self.refuse(Refused("The reply was cut off because it was too long. Answer in full, but shorter."))
            elif not reply.text and reply.called:
                self.refuse(Refused("The reply calls tools. There are none: write the answer itself."))
            elif not reply.text:
                self.refuse(Refused("The reply was empty."))
            else:
                return reply.text
        raise self._unusable()

    def refuse(self, refusal: Refused) -> None:
        """Have the next ask say why the last reply was not taken."""
        reason = str(refusal)
        log.info("%s: reply %d of %s refused: %s", self._task.stage, self._asked, self.model, reason)
        again = reason == self._reason
        self._reason = reason
        step = _WARMER_AFTER_REPEAT if again else _WARMER
        self._temperature = min(_HIGHEST_TEMPERATURE, self._temperature + step)
        self.usage += Usage(saved=int(isinstance(refusal, WouldFail)))
        if self._reply.truncated:
            self._truncated += 1
            if self._models.profile(self.model).thinks and self._effort not in _LITTLE_EFFORT:
                self._effort = "low"
        # Contexts can be small: the model sees only its last reply again, and not one that was cut off.
        text = "" if self._reply.truncated else self._reply.text
        own = (Message(role="assistant", content=text),) if 0 < len(text) <= _SHOWN_AGAIN else ()
        self._tail = (*own, refusal_message(reason, again))

    def _may_ask(self) -> bool:
        if self._asked == 0:
            return True
        return self._asked < self._task.tries and self._allowance.covers(self.usage, time.time())

    def _next(self) -> Completion:
        """Return the reply of the first model that gives one.

        Raises:
            ModelError: none does.
            TransientError: see `ask`.
        """
        while True:
            started = time.monotonic()
            try:
                reply = self._models.ask(self.model, self._question())
            except CallFailed as failed:
                self.usage += Usage(seconds=time.monotonic() - started)
                self._fall_back(failed.problem)
            else:
                self._models.breaker.reset(self.model)
                self.usage += self._spent(reply, time.monotonic() - started)
                if reply.refusal is None:
                    self._write_down(reply)
                    return reply
                self._fall_back(Problem("declined", reply.refusal))

    def _write_down(self, reply: Completion) -> None:
        """Log what was asked and answered, where somebody wants to know; of a task, only what is new since then."""
        if transcript.isEnabledFor(logging.DEBUG):
            asked = self._tail or self._task.prompts[0]
            prompt = "\n\n".join(message.content for message in asked if message.role == "user")
            fields = {"stage": self._task.stage, "model": self.model, "prompt": prompt, "reply": reply.text}
            transcript.debug("exchange", extra=fields)

    def _fall_back(self, problem: Problem) -> None:
        """Go on with the next model, or with the same after the wait that it asks for.

        Raises:
            ModelError: there is none, or it would do no better.
            TransientError: see `ask`.
        """
        self._failures.append((self.model, problem))
        if problem.another_may_answer and not problem.declined:
            self._models.breaker.trip(self.model)
        if not problem.another_may_answer or len(self._names) == 1:
            self._wait(problem)
            return
        log.warning("%s; asking %s instead", summarize(self._failures[-1:], self._timeout), self._names[1])
        del self._names[0]

    def _wait(self, problem: Problem) -> None:
        """Wait as long as the last model asks.

        Raises:
            ModelError: it asks for nothing, or for more than makes sense.
            TransientError: nothing would be lost by beginning again, so the caller can wait.
        """
        seconds = problem.retry_after or 0.0
        end = self._allowance.until
        in_time = seconds <= _LONGEST_WAIT and (end is None or time.time() + seconds < end)
        if not problem.names_a_wait or not in_time or self._waits == _WAITS:
            raise self._no_reply()
        if self.usage.calls == 0:
            raise TransientError(str(self._no_reply()), seconds)
        self._waits += 1
        log.info("%s asks to wait for %.1f s", self.model, seconds)
        time.sleep(seconds)

    def _unusable(self) -> UnusableAnswer:
        """Return the error that says that no reply could be used."""
        parts = [
            sentence(
                "The model `%(model)s` gave no usable answer in %(tries)s tries (%(stage)s), the last time because: "
                "%(reason)s",
                model=self.model,
                tries=self._asked,
                stage=self._task.stage,
                reason=" ".join(self._reason.split())[:400],
            )
        ]
        if self._failures:
            parts.append(sentence("Before it %(tried)s.", tried=summarize(self._failures, self._timeout)))
        why = joined(parts, "\n")
        advice = sentence(
            "Comment `/retry` to try again, put the description more precisely, or set a stronger `OPENAI_MODEL`."
        )
        return UnusableAnswer(joined([why, advice], "\n"), self.usage, why=why)

    def _question(self) -> Question:
        return Question(
            prompts=self._task.prompts,
            tail=self._tail,
            limit=self._task.limit,
            truncated=self._truncated,
            temperature=self._temperature,
            effort=self._effort,
            schema=self._task.schema,
        )

    def _spent(self, reply: Completion, seconds: float) -> Usage:
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
            models=(reply.model or self.model,),
        )

    def _no_reply(self) -> ModelError:
        """Return the error that says that no model replied."""
        unknown = any(problem.unknown_model for _, problem in self._failures)
        offered = self._models.offered() if unknown else []
        text = explain(self._failures, self._models.endpoint.base_url, self._timeout, offered)
        why = sentence("The model gave no answer: %(tried)s.", tried=summarize(self._failures, self._timeout))
        declined = any(problem.declined for _, problem in self._failures)
        return (UnusableAnswer if declined else ModelError)(text, self.usage, why=why)

    @property
    def _timeout(self) -> float:
        return self._models.endpoint.timeout
