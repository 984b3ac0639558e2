"""What one model takes and has: guessed from its name, then learned from its replies."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Reasoning models take no temperature, and call the limit differently. Their names are enough to know that
# (https://developers.openai.com/api/docs/guides/reasoning).
_REASONING = re.compile(r"(?:.*/)?(?:gpt-5|o[1-9])")
_LEAST_CONTEXT = 2_000
_ENOUGH_TO_COMPARE = 500


@dataclass
class Profile:
    """What is known of one model.

    Attributes:
        unsupported: settings it does not take.
        thinks: it thinks before it answers; its thoughts count as tokens of its reply.
        largest: tokens of context it has at most, as its refusals say; None until it refuses.
        scale: tokens it counts for one that `estimate` counts, at most so far; never below 1.
    """

    unsupported: frozenset[str] = frozenset()
    thinks: bool = False
    largest: int | None = None
    scale: float = 1.0

    @classmethod
    def from_name(cls, model: str) -> Profile:
        """Return what the name of a model says about it."""
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
