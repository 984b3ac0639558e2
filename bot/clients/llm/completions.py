"""What is sent to a model and what comes back: a chat completion in our words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.values.value import Value


class Message(Value):
    """One message of a conversation with the model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class CompletionRequest:
    """What is asked of a model.

    Attributes:
        messages: the conversation. The first `task` of them stay the same while it goes on.
        limit: tokens the reply may have, None for no limit.
        effort: reasoning effort, None for what the model is used to.
        schema: JSON schema of the reply, None for text.
    """

    messages: Sequence[Message]
    task: int
    temperature: float
    limit: int | None = None
    effort: str | None = None
    schema: dict[str, Any] | None = None


@dataclass(frozen=True)
class Completion:
    """What a model answered.

    Attributes:
        text: without the thoughts that some models write before their answer.
        refusal: None unless the model declined; then its words, which may be empty.
        truncated: it is not complete, because it reached a limit.
        called: it calls tools. What one call was given is `text` where nothing else is.
        thought: the model thought before it answered.
        model: the name the endpoint calls it by.
        prompt, cached, completion: tokens, all 0 where the endpoint counts none.
    """

    text: str = ""
    refusal: str | None = None
    truncated: bool = False
    called: bool = False
    thought: bool = False
    model: str = ""
    prompt: int = 0
    cached: int = 0
    completion: int = 0


def schema_instruction(schema: dict[str, Any]) -> str:
    """Return what a prompt says about the reply's schema where the server does not take one.

    A server that takes one puts much the same into the prompt, so this is also what a schema costs.
    """
    return "Reply with one JSON object and nothing else. Its JSON schema:\n" + json.dumps(schema, ensure_ascii=False)
