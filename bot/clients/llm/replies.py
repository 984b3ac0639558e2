"""Replies that are not taken: why, and what the model is told."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.clients.llm.completions import Message
from bot.clients.llm.objects import objects_in

Structured = TypeVar("Structured", bound=BaseModel)


class Refused(Exception):
    """A reply that must not be used. The model reads the text, so it says what is wrong and what is wanted."""


class WouldFail(Refused):
    """A reply whose files would have cost a red build; `Usage.saved` counts them."""


def read_json(text: str, schema: type[Structured]) -> Structured:
    """Return the one value of `schema` that a reply holds.

    Servers that do not enforce the schema wrap it in prose and in fenced blocks. Nothing is repaired or guessed.

    Raises:
        Refused: it holds none, or several that differ; says what is wrong.
    """
    values: list[Structured] = []
    faults: list[tuple[int, ValidationError]] = []
    for candidate in [*objects_in(text)] or [text]:
        try:
            value = schema.model_validate_json(candidate)
        except ValidationError as error:
            faults.append((len(candidate), error))
        else:
            if value not in values:
                values.append(value)
    if len(values) > 1:
        raise Refused(f"The reply holds {len(values)} objects that fit the schema. Write only the one that counts.")
    if not values:
        # The longest is what was meant; others are examples, or pieces of the schema.
        _, longest = max(faults, key=lambda fault: fault[0])
        raise Refused(f"The reply is not what the schema asks for: {_faults(longest)}") from longest
    return values[0]


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
