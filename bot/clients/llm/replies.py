"""What is said to a model and what comes back: messages, replies, and why a reply is not taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from bot.values.value import Value

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"^```[a-z]*[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


class Message(Value):
    """One message of a conversation with the model."""

    role: Literal["system", "user", "assistant"]
    content: str


Task = Sequence[Message] | Callable[[int], Sequence[Message]]
"""What a model is asked: messages, or a function that makes them for a level of thrift from 0 to `THRIFT` - 1. Level 0
says everything; each further one leaves out more of what matters least, and begins with the same words where it can."""


class Refused(Exception):
    """A reply that must not be used. Its text is told to the model, so it says what is wrong and what is wanted."""


class WouldFail(Refused):
    """A reply that reads well, and whose files would have cost a red build; `Usage.saved` counts them."""


@dataclass(frozen=True)
class Reply:
    """What a model answered.

    Attributes:
        text: without the thoughts that some models write before their answer.
        refusal: None unless the model declined; then its words, which may be empty.
        cut: it is not complete, because it reached a limit.
        thought: the model thinks before it answers.
        model: the name the endpoint calls it by.
        prompt, cached, completion: tokens, all 0 where the endpoint counts none.
    """

    text: str
    refusal: str | None
    cut: bool
    thought: bool
    model: str
    prompt: int = 0
    cached: int = 0
    completion: int = 0


def without_thoughts(text: str) -> str:
    """Return `text` without the block of thoughts it may begin with."""
    return _THOUGHTS.sub("", text).strip()


def only_json(text: str) -> str:
    """Return `text`, or what its only fenced block holds: servers without structured output wrap JSON in prose."""
    if text.startswith("{"):
        return text
    blocks = _FENCED.findall(text)
    return blocks[0] if len(blocks) == 1 else text


def faults(error: ValidationError) -> str:
    """Say in one line what a reply lacks of its schema."""
    found = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'reply'}: {fault['msg']}" for fault in found[:8])


def note(reason: str, again: bool) -> Message:
    """Return what the model is told of a reply that was refused.

    Args:
        again: the reply before was refused for the very same reason.
    """
    if again:
        said = f"Your reply was refused again. The same as before: {reason}\nDo it differently."
    else:
        said = f"Your reply was refused:\n{reason}"
    return Message(role="user", content=f"{said}\nAnswer again, in full and in the same format.")
