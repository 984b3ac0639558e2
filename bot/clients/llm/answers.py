"""What an endpoint answers, read whatever its shape is: every field may be missing, null or of another type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.clients.llm.completions import Completion
from bot.clients.llm.thoughts import without_thoughts

_CUT_OFF = frozenset({"length", "max_tokens", "model_length"})
_DECLINED = frozenset({"content_filter", "refusal", "safety", "prohibited_content", "blocklist"})
# The status of an error that names none, by its words.
_STATUSES = (
    (re.compile(r"rate.?limit|too many requests|resource.?exhausted|throttl"), 429),
    (re.compile(r"api.?key|authenticat|unauthori[sz]ed"), 401),
    (re.compile(r"model.?not.?found"), 404),
    (re.compile(r"overload|unavailable|internal|server.?error|timed? ?out|upstream|provider returned"), 503),
)


@dataclass(frozen=True)
class ErrorReport:
    """An error in an answer's body.

    Attributes:
        words: what the other side says; code: its name for the error, such as insufficient_quota, or empty.
        param: the setting that it is about, or empty.
        status: the HTTP status that stands in the body, or that the words stand for.
    """

    words: str
    code: str
    param: str
    status: int


def decoded(content: bytes) -> Any:
    """Return the JSON of a body, or None where it holds none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def read_completion(body: Any) -> Completion:
    """Return the completion in an answer's body; one without choices is an empty reply.

    Raises:
        ValueError: it is no chat completion.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("choices", ""), list | None):
        raise ValueError("its reply is no chat completion")
    choice = next((choice for choice in body["choices"] or () if isinstance(choice, Mapping)), {})
    message = _mapping(choice, "message")
    written, thought_part, refused_part = _content(message.get("content"))
    called = list(_calls(message))
    text, thought_before = without_thoughts(_text(written) or (called[0] if len(called) == 1 else ""))
    refusal = _text(message.get("refusal")) or refused_part
    finish = _text(choice.get("finish_reason")).lower()
    usage = _mapping(body, "usage")
    asked, answered = _mapping(usage, "prompt_tokens_details"), _mapping(usage, "completion_tokens_details")
    # Servers of open models put the thoughts into a field of their own.
    fields = ("reasoning_content", "reasoning")
    thought_apart = any(message.get(field) for field in fields) or _count(answered, "reasoning_tokens")
    return Completion(
        text=text,
        refusal=refusal if refusal or finish in _DECLINED or (message.get("refusal") == "" and not text) else None,
        truncated=finish in _CUT_OFF,
        called=bool(called),
        thought=bool(thought_before or thought_part or thought_apart),
        model=_text(body.get("model")),
        prompt=_count(usage, "prompt_tokens"),
        cached=_count(asked, "cached_tokens"),
        completion=_count(usage, "completion_tokens"),
    )


def read_error(body: Any) -> ErrorReport | None:
    """Return the error in the body of an answer whose HTTP status is one, or None where the body names none.

    OpenAI has `{"error": {...}}`, Google a list with it, others `{"error": "words"}`, vLLM the fields without "error",
    FastAPI `{"detail": ...}`.
    """
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, Mapping):
        return None
    return _report(body.get("error") or body.get("detail") or (body if body.get("message") else None))


def read_hidden_error(body: Any) -> ErrorReport | None:
    """Return the error in the body of an answer with HTTP 200, or None.

    Routers of providers put it in the place of the choices, or into a choice
    (https://openrouter.ai/docs/api/reference/errors-and-debugging).
    """
    if not isinstance(body, Mapping):
        return None
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if isinstance(choice, Mapping):
        hidden = choice.get("error") or (None if _mapping(choice, "message").get("content") else body.get("error"))
    else:
        hidden = body.get("error")
    return _report(hidden)


def read_models(body: Any) -> dict[str, Mapping[str, Any]]:
    """Return the entries of a list of models by the models' names.

    Raises:
        ValueError: it is no such list.
    """
    entries = body.get("data") if isinstance(body, Mapping) else body
    if not isinstance(entries, list):
        raise ValueError("its list of models is none")
    named = [entry for entry in entries if isinstance(entry, Mapping) and _text(entry.get("id"))]
    return {_text(entry["id"]): entry for entry in named}


def _content(content: Any) -> tuple[str, bool, str]:
    """Return the text in a message's content, whether there are thoughts beside it, and the words of a refusal.

    Models that think write parts: `{"type": "text", "text": ...}`, `{"type": "thinking", ...}`.
    """
    if isinstance(content, str):
        return content, False, ""
    parts = content if isinstance(content, list) else [content]
    text, refusal, thought = "", "", False
    for part in parts:
        if isinstance(part, str):
            text += part
        elif isinstance(part, Mapping):
            kind = _text(part.get("type")) or "text"
            text += _text(part.get("text")) if kind in ("text", "output_text") else ""
            refusal += _text(part.get("refusal")) if kind == "refusal" else ""
            thought |= "think" in kind or "reason" in kind
    return text, thought, refusal


def _calls(message: Mapping[str, Any]) -> Iterator[str]:
    """Yield the arguments of each tool call as JSON: some models call a tool where they are asked for an object."""
    calls = message.get("tool_calls")
    entries = calls if isinstance(calls, list) else []
    functions = [entry.get("function") for entry in entries if isinstance(entry, Mapping)]
    for function in [*functions, message.get("function_call")]:
        if isinstance(function, Mapping):
            arguments = function.get("arguments")
            yield json.dumps(arguments) if isinstance(arguments, Mapping) else _text(arguments)


def _report(error: Any) -> ErrorReport | None:
    if not error:
        return None
    if not isinstance(error, Mapping):
        words = _words(error)
        return ErrorReport(words, "", "", _status(None, words))
    names = (error.get("code"), error.get("type"), error.get("status"))
    code = next((name for name in map(_text, names) if name and not name.isdecimal()), "")
    # A router's own message says only that a provider failed; what the provider said stands beside it.
    both = (error.get("message"), _mapping(error, "metadata").get("raw"))
    words = ": ".join(filter(None, map(_words, both))) or code or _words(error)
    return ErrorReport(words, code, _text(error.get("param")), _status(error.get("code"), f"{code} {words}"))


def _status(code: Any, words: str) -> int:
    number = int(code) if isinstance(code, int | str) and re.fullmatch(r"[45][0-9]{2}", str(code)) else None
    return number or next((status for pattern, status in _STATUSES if pattern.search(words.lower())), 400)


def _words(value: Any) -> str:
    return _text(value) if isinstance(value, str | None) else json.dumps(value)


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    field = value.get(name)
    return field if isinstance(field, Mapping) else {}


def _text(value: Any) -> str:
    """Return a string that can be encoded, without a byte order mark; empty for what is no string."""
    return value.encode("utf-8", "replace").decode().lstrip("\ufeff") if isinstance(value, str) else ""


def _count(value: Mapping[str, Any], name: str) -> int:
    number = value.get(name)
    return number if type(number) is int and number > 0 else 0
