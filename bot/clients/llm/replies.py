"""What is said to a model and what comes back: messages, replies, and why a reply is not taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from bot.values.value import Value

Structured = TypeVar("Structured", bound=BaseModel)

_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"^```[a-z]*[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


class Message(Value):
    """One message of a conversation with the model."""

    role: Literal["system", "user", "assistant"]
    content: str


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

    text: str = ""
    refusal: str | None = None
    cut: bool = False
    thought: bool = False
    model: str = ""
    prompt: int = 0
    cached: int = 0
    completion: int = 0


def without_thoughts(text: str) -> str:
    """Return `text` without the block of thoughts it may begin with."""
    return _THOUGHTS.sub("", text).strip()


def read_json(text: str, schema: type[Structured]) -> Structured:
    """Return the value of `schema` that a reply holds.

    Raises:
        Refused: it holds none; says what is wrong.
    """
    try:
        return schema.model_validate_json(_only_json(text))
    except ValidationError as error:
        raise Refused(f"The reply is not what the schema asks for: {_faults(error)}") from error


def _only_json(text: str) -> str:
    """Return `text`, or what its only fenced block holds: servers without structured output wrap JSON in prose."""
    if text.startswith("{"):
        return text
    blocks = _FENCED.findall(text)
    return blocks[0] if len(blocks) == 1 else text


def _faults(error: ValidationError) -> str:
    """Say in one line what a reply lacks of its schema."""
    details = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'reply'}: {fault['msg']}" for fault in details[:8])


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
