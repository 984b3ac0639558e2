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
        unsupported: the settings, and the roles of messages, that it does not take.
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

    def learn_scale(self, estimated: int, tokens: int) -> None:
        """Learn from how many tokens a prompt really had."""
        # Servers add a few tokens to every prompt. In a short one these would count too much.
        if estimated >= _ENOUGH_TO_COMPARE:
            self.scale = max(self.scale, min(2.0, tokens / estimated))

    def learn_context(self, tokens: int, stated: int | None) -> None:
        """Learn from a request that was too long.

        Args:
            tokens: of the request and its reply, as estimated.
            stated: the size of the context that the refusal names.
        """
        # Where the request should have fitted into the stated size, the estimate was too low.
        smaller = stated if stated is not None and stated < tokens else tokens * 4 // 5
        self.largest = max(_LEAST_CONTEXT, min(smaller, self.largest or smaller))
