"""How a conversation fits a model's context: what is kept free for the reply, and what is left out of the messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clients.llm.completions import Message
from bot.clients.llm.tokens import estimate

LEAST_REPLY = 1_000
"""Tokens a reply gets even where less is left: with fewer, no reply is complete."""
_THOUGHTS = 25_000
"""Tokens kept free for a model that thinks, of a large context (https://developers.openai.com/api/docs/guides/reasoning)."""
_TRUNCATED_SHARE = 0.5
"""The share of a small context that is kept free after a reply that was cut off."""
_MARKS = 8
"""Tokens that chat templates put around a message, at most."""


@dataclass(frozen=True)
class OutputLimit:
    """How long a reply may be.

    Attributes:
        tokens: its length at first; doubled for every reply that was cut off. There is a limit because a small model
            that repeats itself must come to an end.
        share: the most that is kept free for it of a small context, from 0 to 1.
    """

    tokens: int
    share: float

    def reserved(self, context: int, truncated: int, thinks: bool) -> int:
        """Return the tokens of `context` that are kept free, more of it after `truncated` replies were cut off."""
        if thinks:
            return min(_THOUGHTS, context // 2)
        share = max(self.share, _TRUNCATED_SHARE if truncated else 0)
        return min(self.tokens << truncated, int(context * share))


@dataclass(frozen=True)
class FittedMessages:
    """The messages of a request.

    Attributes:
        task: how many of them are the task; the others came of the last reply.
        tokens: as estimated, of all of them.
    """

    messages: tuple[Message, ...]
    task: int
    tokens: int


def fit(prompts: Sequence[Sequence[Message]], tail: Sequence[Message], room: float) -> FittedMessages:
    """Return the first prompt with `tail` that fits, or the shortest.

    What goes first is the model's own last reply, which `tail` begins with; then comes the next prompt.

    Args:
        prompts: the same task in ever fewer words.
        tail: nothing, or what came of the last reply: that reply (if it is to be shown) and why it was refused.
        room: tokens, as estimated, that the messages may have; may be infinite.
    """
    for prompt, end in [(prompts[0], tail), *((prompt, tail[-1:]) for prompt in prompts)]:
        messages = (*prompt, *end)
        fitted = FittedMessages(messages, len(prompt), sum(_MARKS + estimate(message.content) for message in messages))
        if fitted.tokens <= room:
            break
    return fitted
