"""The models of one endpoint: which there are, how large their contexts are, and how one is asked."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.clients.llm.breaker import Breaker
from bot.clients.llm.completions import Completion, CompletionRequest, Message, schema_instruction
from bot.clients.llm.context import LEAST_REPLY, OutputLimit, fit
from bot.clients.llm.errors import CallFailed
from bot.clients.llm.prices import context_window
from bot.clients.llm.profiles import Profile
from bot.clients.llm.tokens import estimate

if TYPE_CHECKING:
    from bot.clients.llm.endpoint import Endpoint

log = logging.getLogger(__name__)

_LIST = "/models"
_FITS = 8
"""How often a request is made smaller for a model whose context is not known: each time by a fifth."""


@dataclass(frozen=True)
class Question:
    """What is asked of a model, before anything is left out.

    Attributes:
        prompts: the same task in ever fewer words.
        tail: what came of the last reply: nothing, or that reply and why it was refused.
        limit: how long the reply may be.
        truncated: how many replies were cut off before.
        effort: reasoning effort, None for what a model is used to.
        schema: JSON schema of the reply, None for text.
    """

    prompts: Sequence[Sequence[Message]]
    tail: Sequence[Message]
    limit: OutputLimit
    truncated: int
    temperature: float
    effort: str | None
    schema: dict[str, Any] | None


class Models:
    """The models of one endpoint."""

    def __init__(self, endpoint: Endpoint, listed: bool, context: int | None, breaker: Breaker) -> None:
        """Know nothing yet.

        Args:
            listed: the endpoint may be asked which models it has.
            context: tokens of context that all of them have; None to find out.
        """
        self.endpoint = endpoint
        self.breaker = breaker
        self._context = context
        self._entries: Mapping[str, int | None] | None = None if listed else {}
        self._profiles: dict[str, Profile] = {}

    def profile(self, model: str) -> Profile:
        """Return what is known of a model; it is kept as long as this object lives."""
        return self._profiles.setdefault(model, Profile.from_name(model))

    def ask(self, model: str, question: Question) -> Completion:
        """Have a model reply to as much of a question as its context holds.

        Raises:
            CallFailed: no reply.
        """
        profile = self.profile(model)
        before: CompletionRequest | None = None
        for _ in range(_FITS):
            request, tokens = self._request(model, question)
            if request == before:
                break
            before = request
            try:
                completion, unsupported = self.endpoint.complete(model, request, profile.unsupported)
            except CallFailed as failed:
                if not failed.problem.too_long:
                    raise
                refused = failed
                profile.learn_context(
                    math.ceil(tokens * profile.scale) + (request.limit or 0), failed.problem.stated_context
                )
                log.info("%s has a context of at most %s tokens", model, profile.largest)
            else:
                profile.unsupported |= unsupported
                profile.thinks |= completion.thought
                profile.learn_scale(tokens, completion.prompt)
                return completion
        raise refused

    def _request(self, model: str, question: Question) -> tuple[CompletionRequest, int]:
        """Return the request that fits a model, and its tokens as estimated."""
        context, profile = self.context(model), self.profile(model)
        schema_tokens = estimate(schema_instruction(question.schema)) if question.schema else 0
        room = math.inf
        if context:
            reserved = question.limit.reserved(context, question.truncated, profile.thinks)
            room = (context - reserved) / profile.scale - schema_tokens
        fitted = fit(question.prompts, question.tail, room)
        tokens = fitted.tokens + schema_tokens
        limit = question.limit.tokens << question.truncated
        if context:
            limit = max(LEAST_REPLY, min(limit, context - math.ceil(tokens * profile.scale)))
        request = CompletionRequest(
            messages=fitted.messages,
            task=fitted.task,
            temperature=question.temperature,
            limit=None if profile.thinks else limit,
            effort=question.effort,
            schema=question.schema,
        )
        return request, tokens

    def names(self) -> list[str]:
        """Return the models that the endpoint lists; none where it must not be asked, or has no list.

        Raises:
            CallFailed: it does not answer.
        """
        return list(self._listed(patient=True))

    def offered(self) -> list[str]:
        """Return the same, but none where the endpoint does not answer; then it is not asked again for a while."""
        if self._entries is None and self.breaker.is_open(_LIST):
            return []
        try:
            return list(self._listed(patient=False))
        except CallFailed:
            self.breaker.trip(_LIST)
            return []

    def context(self, model: str) -> int | None:
        """Return the tokens that a request to `model` and its reply may have together, or None if nobody knows."""
        known = self._context or self._listed_context(model) or context_window(self.endpoint.base_url, model)
        largest = self.profile(model).largest
        return min(known, largest) if known and largest else known or largest

    def _listed(self, patient: bool) -> Mapping[str, int | None]:
        if self._entries is None:
            entries = self.endpoint.entries(patient)
            self._entries = {name: _context(entry) for name, entry in entries.items()}
        return self._entries

    def _listed_context(self, model: str) -> int | None:
        names = self.offered()
        entries = self._entries or {}
        # A server with one model answers to any name.
        return entries[names[0]] if len(names) == 1 else entries.get(model)


def _context(entry: Mapping[str, Any]) -> int | None:
    """Return the tokens of context that an entry of an endpoint's /models names, or None.

    OpenAI and Ollama name none. Others, each in its own way: llama.cpp `meta.n_ctx`, vLLM `max_model_len`, Groq
    `context_window`, OpenRouter and Together `context_length`, LM Studio and Mistral `max_context_length`.
    """
    meta = entry.get("meta")
    sizes = [meta.get("n_ctx")] if isinstance(meta, Mapping) else []
    # The context that is loaded can be smaller than what the model could have.
    names = ("loaded_context_length", "max_model_len", "context_window", "context_length", "max_context_length")
    sizes += [entry.get(name) for name in names]
    return next((size for size in sizes if type(size) is int and size > 0), None)
