"""Conversations as the stages have them, for tests that say how a reply is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from bot.clients.llm import Conversation, Message, Model, Refused, read_json
from bot.values.cost import UNLIMITED, Allowance, Usage

T = TypeVar("T")
Schema = TypeVar("Schema", bound=BaseModel)

ASK = [Message(role="system", content="You add."), Message(role="user", content="What is 1 + 1?")]


class Total(BaseModel):
    model_config = ConfigDict(title="total", extra="forbid")

    value: int


def structured(
    model: Model, stage: str, *prompts: Sequence[Message], schema: type[Schema], allowance: Allowance = UNLIMITED
) -> tuple[Schema, Usage]:
    """Ask until a reply is a value of `schema`."""
    conversation = model.begin(stage, prompts, schema=schema, allowance=allowance)
    return _converse(conversation, lambda text: read_json(text, schema))


def files(
    model: Model, stage: str, *prompts: Sequence[Message], read: Callable[[str], T], allowance: Allowance = UNLIMITED
) -> tuple[T, Usage]:
    """Ask until `read` takes a reply."""
    return _converse(model.begin(stage, prompts, allowance=allowance), read)


def _converse(conversation: Conversation, read: Callable[[str], T]) -> tuple[T, Usage]:
    while True:
        reply = conversation.ask()
        try:
            return read(reply), conversation.usage
        except Refused as refusal:
            conversation.refuse(refusal)
