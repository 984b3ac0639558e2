"""How a conversation fits a model's context: how many tokens it has, and what is left out where that is too many."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clients.llm.replies import Message

LEAST_REPLY = 1_000
"""Tokens a reply gets however little is left: with fewer, none is complete."""
THOUGHTS = 25_000
"""Tokens kept free for a model that thinks, of a large context (https://developers.openai.com/api/docs/guides/reasoning)."""
OWN = 16_000
"""Characters of a refused reply that are shown to the model again; a longer one would crowd out the task."""
_A_MESSAGE = 8
"""Tokens of the marks that chat templates put around a message, at most."""


@dataclass(frozen=True)
class Room:
    """What is kept free for a reply.

    Attributes:
        tokens: how long it may be at first (a small model that repeats itself must come to an end).
        share: what it gets at the most of a small context.
    """

    tokens: int
    share: float

    def kept(self, context: int, cuts: int, thinks: bool) -> int:
        """Return the tokens to keep free in `context`, more of it after a reply that was cut off."""
        if thinks:
            return min(THOUGHTS, context // 2)
        return min(self.tokens << cuts, int(context * max(self.share, 0.5 if cuts else 0)))


@dataclass(frozen=True)
class Fitted:
    """A conversation that fits, or the shortest there is.

    Attributes:
        task: how many of the messages are the task; the rest came of the last ask.
        tokens: as estimated, for all of it.
    """

    messages: tuple[Message, ...]
    task: int
    tokens: int


def fit(
    prompts: Sequence[Sequence[Message]],
    tail: Sequence[Message],
    context: int | None,
    kept: int,
    extra: int,
    scale: float,
) -> Fitted:
    """Return a prompt with `tail`, with as little left out as a context allows.

    The model's own last reply goes first, then each prompt makes room for the next, which is shorter.

    Args:
        prompts: the same task in ever fewer words.
        tail: nothing, or what came of the last ask: the model's reply (if it is to be shown) and why it was refused.
        context: tokens, or None where nobody knows how many there are: nothing is left out.
        kept: tokens of it that are kept for the reply.
        extra: tokens that come with the messages, such as a schema.
        scale: how many tokens the model counts for one that is estimated here.
    """
    for prompt, came in [(prompts[0], tail), *((prompt, tail[-1:]) for prompt in prompts)]:
        messages = (*prompt, *came)
        tokens = extra + sum(_A_MESSAGE + estimate(message.content) for message in messages)
        fitted = Fitted(messages, len(prompt), tokens)
        if context is None or math.ceil(tokens * scale) + kept <= context:
            break
    return fitted


# What a text is made of, and the tokens of each part. Fitted to what three tokenizers (Qwen2.5, cl100k, o200k) count
# for prose, code, logs and data, the largest of the three each: too many rather than too few, by 10 to 25 % for
# English and code. There is no library that counts for every model, and those for one download what they need.
_PARTS = re.compile(
    r"""
    (?P<data>(?=[A-Za-z+/]{0,15}[0-9])[A-Za-z0-9+/]{20,}={0,2})  # base64, digests: hardly a word in it
    |(?P<word>[A-Z]?[a-z]+|[A-Z]+(?![a-z]))
    |(?P<digit>[ ]?[0-9])  # some tokenizers take digits one by one, and the space before them too
    |(?P<rule>([^\w\s])\5{3,})
    |(?P<marks>[!-/:-@\[-`{-~]+)
    |(?P<break>\s*\n\s*|[^\S\n]{2,})
    |\s
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# From which character on how many tokens one is: Latin-1 signs, accented letters (each splits a word), Greek,
# Cyrillic, Hebrew, Arabic, the scripts of India, those east of it, Vietnamese, signs, Chinese to Korean, emoji.
_FROM = (0, 0xC0, 0x370, 0x400, 0x530, 0x600, 0x900, 0xE00, 0x1E00, 0x2000, 0x2E80, 0x10000)
_EACH = (1.0, 1.7, 1.1, 0.5, 1.2, 0.9, 1.3, 1.1, 1.2, 1.2, 1.1, 3.0)


def estimate(text: str) -> int:
    """Return how many tokens `text` has for most models, rather too many than too few."""
    tokens = 0.0
    for part in _PARTS.finditer(text):
        found, length = part[0], len(part[0])
        match part.lastgroup:
            case "data":
                digits = sum(character.isdigit() for character in found)
                tokens += digits + 0.72 * (length - digits)
            case "word" if found.isupper():
                tokens += max(1, length / 3.5)
            case "word":
                tokens += max(1, length / 5)
            case "digit":
                tokens += length
            case "marks":
                tokens += max(1, 0.67 * length)
            case "break":
                tokens += 1 + length // 40
            case "other":
                tokens += _EACH[bisect_right(_FROM, ord(found)) - 1]
            case "rule":
                tokens += 1 + length / 16
    return math.ceil(tokens)


def context_of(entry: Mapping[str, Any]) -> int | None:
    """Return the tokens of context that an entry of an endpoint's /models names, or None.

    OpenAI and Ollama name none. Others, each in its own way: llama.cpp `meta.n_ctx`, vLLM `max_model_len`, Groq
    `context_window`, OpenRouter and Together `context_length`, LM Studio and Mistral `max_context_length`.
    """
    meta = entry.get("meta")
    found = [meta.get("n_ctx")] if isinstance(meta, Mapping) else []
    # What is loaded can be smaller than what the model could have.
    names = ("loaded_context_length", "max_model_len", "context_window", "context_length", "max_context_length")
    found += [entry.get(name) for name in names]
    return next((size for size in found if isinstance(size, int) and size > 0), None)
