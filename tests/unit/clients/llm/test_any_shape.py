"""Answers whose fields are missing, null or of another type end in a reply or in an error of ours."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest

from bot.clients.llm import ModelError
from bot.errors import TransientError
from tests.fakes.model import FakeModel, Raw, serving
from tests.unit.clients.llm.conversing import ASK, Total, files, structured

# https://developers.openai.com/api/reference/resources/chat/subresources/completions/methods/create, with all fields.
COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1741569952,
    "model": "gpt-5-mini",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": '{"value": 2}',
                "refusal": None,
                "annotations": [{"type": "url_citation", "url_citation": {"url": "https://example.org"}}],
                "audio": {"id": "a", "data": "", "expires_at": 1, "transcript": ""},
                "reasoning_content": "Hm.",
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "total", "arguments": '{"value": 2}'}}
                ],
                "function_call": {"name": "total", "arguments": '{"value": 2}'},
            },
            "logprobs": {"content": [{"token": "a", "logprob": -0.1, "bytes": [97], "top_logprobs": []}]},
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 19,
        "completion_tokens": 10,
        "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 0, "accepted_prediction_tokens": 0},
    },
    "service_tier": "default",
    "system_fingerprint": "fp",
}
PARTS = copy.deepcopy(COMPLETION)
PARTS["choices"][0]["message"]["content"] = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
    {"type": "text", "text": '{"value": 2}'},
    {"type": "refusal", "refusal": ""},
]
ERROR: dict[str, Any] = {
    "error": {
        "message": "Provider returned error. Try again in 18 s",
        "type": "tokens",
        "param": "temperature",
        "code": 429,
        "metadata": {"raw": "Too Many Requests", "provider_name": "Some"},
    },
    "user_id": "u",
}
LIST: dict[str, Any] = {
    "object": "list",
    "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "me", "meta": {"n_ctx": 8192}}],
}
OTHERS: tuple[Any, ...] = (None, True, -1, 10**30, float("inf"), "", "x", "\ud83d", [], [None], [[]], {}, {"text": 1})


def variants(body: Any, *within: Any) -> Iterator[tuple[str, Any]]:
    """Yield `body` with each field left out, and with each of `OTHERS` in its place, and what was done to which.

    Args:
        within: the path of the only field in which that is done.
    """
    for path in paths(body):
        if path[: len(within)] != within:
            continue
        for other in OTHERS:
            yield f"{path} = {other!r}", changed(body, path, other)
        if path:
            yield f"{path} left out", changed(body, path)


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    yield ()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from ((name, *path) for path in paths(inner))


def changed(body: Any, path: tuple[Any, ...], *values: Any) -> Any:
    """Return a copy of `body` with the field at `path` replaced by the value, or left out where there is none."""
    if not path:
        return values[0]
    body = copy.deepcopy(body)
    parent = body
    for name in path[:-1]:
        parent = parent[name]
    if values:
        parent[path[-1]] = values[0]
    else:
        del parent[path[-1]]
    return body


@contextmanager
def naming(change: str) -> Iterator[None]:
    """Say in the report of a failure which variant it was."""
    try:
        yield
    except Exception as error:
        error.add_note(change)
        raise


@pytest.mark.parametrize(
    ("body", "within"),
    [(COMPLETION, ()), (PARTS, ("choices", 0, "message", "content"))],
    ids=["text", "parts"],
)
def test_a_completion_of_any_shape_is_a_reply_or_an_error_of_ours(body: dict[str, Any], within: tuple[Any]) -> None:
    replies, errors = 0, 0
    with serving(name="m") as (fake, model):
        for change, variant in variants(body, *within):
            fake.answers = [Raw(variant)] * 4
            with naming(change):
                try:
                    value, usage = structured(model, "specify", ASK, schema=Total)
                except (ModelError, TransientError):
                    errors += 1
                else:
                    replies += 1
                    assert value == Total(value=2)
                    assert usage.calls and usage.prompt >= 0 and usage.completion >= 0
    assert replies > errors > 10


@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_an_error_of_any_shape_is_an_error_of_ours(status: int) -> None:
    with serving(name="m") as (fake, model):
        for change, variant in variants(ERROR):
            fake.answers = [Raw(variant, status, headers={})] * 4
            with naming(change), pytest.raises((ModelError, TransientError)):
                files(model, "fix", ASK, read=str)


def test_a_list_of_models_of_any_shape_names_a_model_or_is_an_error_of_ours() -> None:
    names = set()
    with FakeModel() as fake:
        for change, variant in variants(LIST):
            fake.models, fake.answers = Raw(variant), ["two"]
            with closing(fake.client(name=None)) as model, naming(change), suppress(ModelError):
                names.add(model.default_name())
                assert files(model, "fix", ASK, read=str)[0] == "two"
    assert names == {"m", "x", "?", "gpt-5-mini"}
