"""A request as a model takes it: without the settings, and without the roles, that it does not know."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from bot.clients.llm.completions import CompletionRequest, schema_instruction
from bot.clients.llm.errors import Problem

_SCHEMA = "response_format"
_NEIGHBOURS = "neighbours of one role"
_SYSTEM = "system role"
# The words of an error that are about a feature, the surest first. A chat template that knows no system role may say
# that roles must alternate. Ollama says that a model "does not support thinking".
_ABOUT = {
    _NEIGHBOURS: re.compile(r"\brole.{0,30}\balternat|\balternat.{0,40}\brole"),
    _SYSTEM: re.compile(
        r"(?:system|developer)[\W_]{1,3}(?:role|message|prompt|instruction)|\brole\b.{0,40}\bsystem|"
        r"only user and assistant roles|"
        r"\brole.{0,30}\balternat|\balternat.{0,40}\brole"
    ),
    "reasoning_effort": re.compile(r"reasoning|\bthink"),
    "temperature": re.compile(r"temperature"),
    "max_tokens": re.compile(r"max_(?:completion_)?tokens"),
    _SCHEMA: re.compile(r"response_format|json.?schema|grammar"),
}
_BAD_REQUEST = (400, 422)
# Some servers answer so where a chat template or a schema fails (https://github.com/ggml-org/llama.cpp/issues/23463).
_BROKEN = (500, 501)


def request_settings(request: CompletionRequest, unsupported: frozenset[str]) -> dict[str, Any]:
    """Return the settings of a request that the model takes."""
    settings: dict[str, Any] = {"temperature": request.temperature}
    if request.limit is not None:
        settings["max_tokens"] = request.limit
    if request.effort is not None:
        settings["reasoning_effort"] = request.effort
    if request.schema is not None:
        described = {"name": request.schema["title"], "schema": request.schema, "strict": True}
        settings[_SCHEMA] = {"type": "json_schema", "json_schema": described}
    return {name: value for name, value in settings.items() if name not in unsupported}


def request_messages(request: CompletionRequest, unsupported: frozenset[str]) -> list[dict[str, str]]:
    """Return the messages of a request, in the roles that the model takes."""
    roles = {"system": "user"} if _SYSTEM in unsupported else {}
    merge = bool({_SYSTEM, _NEIGHBOURS} & unsupported)
    merged: list[dict[str, str]] = []
    for number, message in enumerate(request.messages, 1):
        content = message.content
        if request.schema is not None and _SCHEMA in unsupported and number == request.task:
            # At the end of the task, which is the same when it is asked again: caches keep what prompts begin with.
            content += "\n\n" + schema_instruction(request.schema)
        role = roles.get(message.role, message.role)
        if merge and merged and merged[-1]["role"] == role:
            merged[-1]["content"] += "\n\n" + content
        else:
            merged.append({"role": role, "content": content})
    return merged


def culprit(problem: Problem, request: CompletionRequest, unsupported: frozenset[str]) -> str | None:
    """Return the feature to leave out because of `problem`, or None where that cannot help."""
    if problem.status not in (*_BAD_REQUEST, *_BROKEN) or problem.declined or problem.too_long or problem.unknown_model:
        return None
    roles = [message["role"] for message in request_messages(request, unsupported)]
    sent = {*request_settings(request, unsupported)}
    sent |= {_SYSTEM} if "system" in roles else set()
    sent |= {_NEIGHBOURS} if any(role == following for role, following in pairwise(roles)) else set()
    words = f"{problem.param} {problem.code} {problem.words}".lower()
    named = (feature for feature, about in _ABOUT.items() if feature in sent and about.search(words))
    # Some servers do not name the feature. Then it is probably one that not every server knows.
    rare = (_SCHEMA, "reasoning_effort") if problem.status in _BAD_REQUEST else (_SCHEMA,)
    return next(named, None) or next((feature for feature in rare if feature in sent), None)
