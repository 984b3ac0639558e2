"""What is learned of the models of an endpoint while they are used: kept as long as the process lives."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.clients.llm.context import context_of
from bot.clients.llm.endpoint import Endpoint
from bot.clients.llm.errors import Failed
from bot.clients.llm.prices import context_window

# Reasoning models take no temperature and call the limit differently, of which nobody need be asked first
# (https://developers.openai.com/api/docs/guides/reasoning).
_REASONING = re.compile(r"(?:.*/)?(?:gpt-5|o[1-9])")
_LEAST_CONTEXT = 2_000
_ENOUGH_TO_COMPARE = 500
_LIST = "/models"


@dataclass
class Memory:
    """What one model turned out to be.

    Attributes:
        unsupported: settings it does not take.
        thinks: it thinks before it answers; its thoughts count as tokens of its reply.
        largest: tokens of context it has at the most, as its refusals say; None until it refused.
        scale: tokens it counts for one that `estimate` counts, at the most so far; never below 1.
    """

    unsupported: frozenset[str] = frozenset()
    thinks: bool = False
    largest: int | None = None
    scale: float = 1.0

    @classmethod
    def of(cls, model: str) -> Memory:
        """Return what a model's name says."""
        if _REASONING.match(model):
            return cls(frozenset({"temperature", "max_tokens"}), thinks=True)
        return cls()

    def counted(self, estimated: int, tokens: int) -> None:
        """Note how many tokens a prompt really had."""
        # What a server adds to every prompt weighs too much in a short one.
        if estimated >= _ENOUGH_TO_COMPARE:
            self.scale = max(self.scale, min(2.0, tokens / estimated))

    def overflowed(self, tokens: int, stated: int | None) -> None:
        """Note that `tokens`, as estimated, were more than its context; `stated` is what it said of its size."""
        # Where that should have fitted, the estimate was too low.
        smaller = stated if stated is not None and stated < tokens else tokens * 4 // 5
        self.largest = max(_LEAST_CONTEXT, min(smaller, self.largest or smaller))


@dataclass
class Breaker:
    """Remembers who failed, so that not everyone waits for the same time-out again.

    Attributes:
        clock: seconds, as `time.monotonic` tells them.
        seconds: how long a failure counts.
    """

    clock: Callable[[], float] = time.monotonic
    seconds: float = 60
    _failed: dict[str, float] = field(default_factory=dict)

    def failed(self, name: str) -> None:
        self._failed[name] = self.clock()

    def well(self, name: str) -> None:
        self._failed.pop(name, None)

    def broken(self, name: str) -> bool:
        at = self._failed.get(name)
        return at is not None and self.clock() - at < self.seconds

    def order(self, names: Iterable[str]) -> list[str]:
        """Return `names` without doubles, those that failed a moment ago last, else in their order."""
        return sorted(dict.fromkeys(names), key=self.broken)


class Models:
    """The models of one endpoint."""

    def __init__(self, endpoint: Endpoint, listed: bool, context: int | None, breaker: Breaker) -> None:
        """Know nothing yet.

        Args:
            listed: the endpoint may be asked for the models it has.
            context: tokens of context that all of them have; None: find out.
        """
        self.endpoint = endpoint
        self.breaker = breaker
        self._context = context
        self._entries: Mapping[str, int | None] | None = None if listed else {}
        self._memories: dict[str, Memory] = {}

    def memory(self, model: str) -> Memory:
        return self._memories.setdefault(model, Memory.of(model))

    def names(self) -> list[str]:
        """Return the models the endpoint lists; none where it is not to be asked, or has no list.

        Raises:
            Failed: it does not answer.
        """
        return list(self._listed(patient=True))

    def offered(self) -> list[str]:
        """Return the same, and none where the endpoint does not answer: it is not asked again for a while."""
        if self._entries is None and self.breaker.broken(_LIST):
            return []
        try:
            return list(self._listed(patient=False))
        except Failed:
            self.breaker.failed(_LIST)
            return []

    def context(self, model: str) -> int | None:
        """Return the tokens that a request to `model` and its reply may have together, or None if nobody knows."""
        known = self._context or self._listed_context(model) or context_window(self.endpoint.base_url, model)
        largest = self.memory(model).largest
        return min(known, largest) if known and largest else known or largest

    def _listed(self, patient: bool) -> Mapping[str, int | None]:
        if self._entries is None:
            listed = self.endpoint.listed(patient)
            self._entries = {name: context_of(entry) for name, entry in listed.items()}
        return self._entries

    def _listed_context(self, model: str) -> int | None:
        names = self.offered()
        entries = self._entries or {}
        # A server with one model answers to any name.
        return entries[names[0]] if len(names) == 1 else entries.get(model)
