"""Replies that are not taken: why, and what the model is told."""

from __future__ import annotations

import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.clients.llm.completions import Message

Structured = TypeVar("Structured", bound=BaseModel)

_FENCED = re.compile(r"^```[a-z]*[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


class Refused(Exception):
    """A reply that must not be used. The model reads the text, so it says what is wrong and what is wanted."""


class WouldFail(Refused):
    """A reply whose files would have cost a red build; `Usage.saved` counts them."""


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


def refusal_message(reason: str, again: bool) -> Message:
    """Return what the model is told of a reply that was refused.

    Args:
        again: the reply before was refused for the very same reason.
    """
    if again:
        text = f"Your reply was refused again. The same as before: {reason}\nDo it differently."
    else:
        text = f"Your reply was refused:\n{reason}"
    return Message(role="user", content=f"{text}\nAnswer again, in full and in the same format.")
