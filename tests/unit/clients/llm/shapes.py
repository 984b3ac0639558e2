"""Answers in the shapes that endpoints really give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from tests.fakes.model import Failure, Raw, Reply, completion

JSON = '{"name": "upper", "steps": ["read", "upper"]}'
Refuse = Callable[[dict[str, Any]], Failure | None]


class Plan(BaseModel):
    model_config = ConfigDict(title="plan", extra="forbid")

    name: str
    steps: list[str]


def answered(**fields: Any) -> Raw:
    """Return a completion whose message has other fields; None is null."""
    body = completion("m", Reply(""))
    body["choices"][0]["message"] |= fields
    return Raw(body)


def parts(*content: Any) -> Raw:
    return answered(content=list(content))


def hidden(code: Any, message: str = "Provider returned error", **error: Any) -> Raw:
    """Return an error in HTTP 200."""
    return Raw({"error": {"message": message, "code": code, **error}, "user_id": "u"})


def chosen(code: Any, message: str, text: str | None) -> Raw:
    """Return an error in a choice, beside what was written of the text until then."""
    body = completion("m", Reply(text, "error"))
    body["choices"][0]["error"] = {"code": code, "message": message}
    return Raw(body)


def limited(words: str, code: str = "rate_limit_exceeded", status: int = 429) -> Failure:
    """Return a refusal that says only in words how long to wait."""
    return Failure(status, words, code, headers={})


def called(*arguments: Any) -> Raw:
    calls = [{"id": "c", "type": "function", "function": {"name": "plan", "arguments": each}} for each in arguments]
    return answered(content=None, tool_calls=calls)
