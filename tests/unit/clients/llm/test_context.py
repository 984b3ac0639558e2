"""Prompts in small contexts: what is left out, how much a reply may have, and how tokens are estimated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.clients.llm import Message, ModelError, Refused
from bot.clients.llm.context import LEAST_REPLY
from bot.clients.llm.conversation import FILES_TOKENS, STRUCTURED_TOKENS
from bot.clients.llm.tokens import estimate
from tests.fakes.model import Failure, FakeModel, Reply, serving
from tests.unit.clients.llm.conversing import Total, files, structured

COUNTED = json.loads((Path(__file__).parent / "tokens.json").read_text())
WORDS = "what it was told a while ago "
"""Seven tokens."""


def task(*tokens: int) -> list[list[Message]]:
    """Return a task's prompts of so many tokens each."""
    system = Message(role="system", content="You add.")
    return [
        [system, Message(role="user", content=f"level {level}: {WORDS * (count // 7)}")]
        for level, count in enumerate(tokens)
    ]


def levels(fake: FakeModel) -> list[int]:
    """Return the levels of thrift that were sent."""
    return [int(request["messages"][1]["content"][6]) for request in fake.requests]


@pytest.mark.parametrize("name", COUNTED)
def test_an_estimate_is_never_much_below_what_real_models_count(name: str) -> None:
    text, tokens = COUNTED[name]["text"], COUNTED[name]["tokens"]
    assert estimate(text) >= 0.97 * max(tokens.values())


@pytest.mark.parametrize("name", ["english", "python", "markdown", "build log", "base64", "json"])
def test_an_estimate_of_what_prompts_hold_is_not_much_too_high(name: str) -> None:
    text, tokens = COUNTED[name]["text"], COUNTED[name]["tokens"]
    assert estimate(text) <= 1.3 * max(tokens.values())


def test_an_estimate_knows_nothing_from_nothing() -> None:
    assert estimate("") == 0
    assert estimate(" ") == 0
    assert estimate("=" * 800) < 100


@pytest.mark.parametrize(
    ("tokens", "level"),
    [
        ((2_000, 1_500, 1_000, 500), 0),
        ((5_500, 4_000, 3_000, 2_000), 1),
        ((9_000, 7_000, 6_000, 2_000), 3),
        ((9_000, 8_900, 8_800, 8_700), 3),
    ],
)
def test_as_little_is_left_out_as_a_small_context_allows(tokens: tuple[int, ...], level: int) -> None:
    with serving("two", context=8_192) as (fake, model):
        files(model, "fix", *task(*tokens), read=str)
    assert levels(fake) == [level]
    told = sum(estimate(message["content"]) for message in fake.requests[0]["messages"])
    assert fake.requests[0]["max_tokens"] == max(LEAST_REPLY, min(FILES_TOKENS, 8_192 - told - 16))


def test_a_task_with_one_prompt_fits_or_not() -> None:
    with serving("two", context=4_000) as (fake, model):
        files(model, "fix", *task(9_000), read=str)
    assert fake.requests[0]["max_tokens"] == LEAST_REPLY


def test_nothing_is_left_out_where_nobody_knows_the_context() -> None:
    with serving("two", '{"value": 2}') as (fake, model):
        files(model, "fix", *task(90_000, 0, 0, 0), read=str)
        structured(model, "specify", *task(90_000, 0, 0, 0), schema=Total)
    assert levels(fake) == [0, 0]
    assert [request["max_tokens"] for request in fake.requests] == [FILES_TOKENS, STRUCTURED_TOKENS]


@pytest.mark.parametrize(
    ("entry", "context"),
    [
        ({"meta": {"n_ctx": 8192, "n_ctx_train": 32768}}, 8192),
        ({"max_model_len": 8192}, 8192),
        ({"context_window": 8192}, 8192),
        ({"context_length": 8192, "top_provider": {"context_length": 4096}}, 8192),
        ({"max_context_length": 32768, "loaded_context_length": 8192}, 8192),
        ({"meta": None, "max_model_len": None}, None),
        ({"object": "model", "owned_by": "library"}, None),
    ],
)
def test_endpoints_name_the_context_each_in_its_own_way(entry: dict[str, Any], context: int | None) -> None:
    listed = [{"id": "mine", **entry}, {"id": "other", "max_model_len": 100_000}]
    with serving("two", "three", name="mine", models=listed) as (fake, model):
        files(model, "fix", *task(9_000, 7_000, 1_000, 500), read=str)
        files(model, "fix", *task(9_000, 7_000, 1_000, 500), read=str)
    assert levels(fake) == [2 if context else 0] * 2
    assert fake.listings == 1


def test_a_server_with_one_model_answers_to_any_name() -> None:
    with serving("two", name="mine", models=[{"id": "/models/qwen.gguf", "meta": {"n_ctx": 8192}}]) as (fake, model):
        files(model, "fix", *task(9_000, 1_000, 1_000, 1_000), read=str)
    assert levels(fake) == [1]


def test_what_is_set_counts_more_than_what_is_listed() -> None:
    with serving("two", context=20_000, models=[{"id": "local", "max_model_len": 8_192}]) as (fake, model):
        files(model, "fix", *task(9_000, 1_000, 1_000, 1_000), read=str)
    assert levels(fake) == [0]


@pytest.mark.parametrize("says", [True, False])
def test_a_context_nobody_named_is_learned_from_the_error(says: bool) -> None:
    with serving("two", "three", window=8_192) as (fake, model):
        fake.says_window = says
        files(model, "fix", *task(7_500, 6_000, 4_000, 3_000), read=str)
        needed = len(fake.requests)
        files(model, "fix", *task(7_500, 6_000, 4_000, 3_000), read=str)
    assert needed <= (3 if says else 5)
    assert len(fake.requests) == needed + 1
    assert levels(fake)[-1] == levels(fake)[needed - 1] in (1, 2)


def test_a_prompt_that_fits_no_context_is_said_so() -> None:
    with serving(name="m", window=5_000) as (fake, model), pytest.raises(ModelError) as failed:
        files(model, "fix", *task(9_000, 8_500, 8_200, 8_000), read=str)
    assert len(fake.requests) < 9
    assert "The model `m` at `127.0.0.1:" in str(failed.value)
    assert "has too small a context for the request. Shorten the description or set a model with" in str(failed.value)


def test_a_shorter_reply_is_enough_where_the_prompt_fits() -> None:
    with serving("two", window=8_192) as (fake, model):
        files(model, "fix", *task(2_000), read=str)
    assert fake.requests[-1]["max_tokens"] < 6_500


def test_a_refused_reply_is_what_is_left_out_first() -> None:
    def read(text: str) -> str:
        if text != "good":
            raise Refused("not good")
        return text

    with serving("long " * 2_000, "good", context=8_192) as (fake, model):
        files(model, "fix", *task(4_000, 100, 100, 100), read=read)
    assert levels(fake) == [0, 0]
    assert [message["role"] for message in fake.requests[1]["messages"]] == ["system", "user", "user"]
    assert "not good" in fake.prompt(1)


def test_a_reply_that_was_cut_off_gets_more_room() -> None:
    with serving(Reply("half", "length"), "whole", context=8_192) as (fake, model):
        files(model, "fix", *task(5_000, 3_000, 1_000, 500), read=str)
    assert levels(fake) == [0, 1]
    assert fake.requests[1]["max_tokens"] > fake.requests[0]["max_tokens"]


def test_a_model_that_counts_more_tokens_than_estimated_gets_shorter_prompts() -> None:
    with serving(Reply("two", prompt_tokens=7_000), "three", context=8_192) as (fake, model):
        files(model, "fix", *task(4_500, 3_000, 1_000, 500), read=str)
        files(model, "fix", *task(4_500, 3_000, 1_000, 500), read=str)
    assert levels(fake) == [0, 1]


def test_a_model_that_thinks_has_more_kept_free() -> None:
    thoughts = Reply("two", reasoning_tokens=500)
    with serving(thoughts, "three", context=60_000) as (fake, model):
        files(model, "fix", *task(40_000, 10_000, 1_000, 500), read=str)
        files(model, "fix", *task(40_000, 10_000, 1_000, 500), read=str)
    assert levels(fake) == [0, 1]


def test_the_price_list_knows_contexts_too() -> None:
    with FakeModel(["two"], None) as fake:
        # Azure's address by its beginning, and yet on loopback.
        model = fake.client(name="gpt-4", base_url=fake.url.replace("//", "//openai.azure.com@"))
        files(model, "fix", *task(9_000, 1_000, 1_000, 1_000), read=str)
        model.close()
    assert levels(fake) == [1]


def test_a_limit_that_is_too_large_for_the_context_is_made_smaller_and_not_left_out() -> None:
    large = Failure(400, "'max_tokens' is too large: 8000. This model's maximum context length is 4096 tokens")
    with serving(large, "two") as (fake, model):
        files(model, "fix", *task(1_000), read=str)
    assert LEAST_REPLY < fake.requests[1]["max_tokens"] < 4_096 - 900


@pytest.mark.parametrize("models", [None, Failure(500)])
def test_a_list_of_models_that_cannot_be_had_is_not_waited_for_each_time(models: Failure | None) -> None:
    with serving("1", "2", name="m", models=models, retries=2) as (fake, model):
        files(model, "fix", *task(9_000, 1, 1, 1), read=str)
        files(model, "fix", *task(9_000, 1, 1, 1), read=str)
    assert levels(fake) == [0, 0]
    assert fake.listings == 1


def test_a_limit_the_model_calls_too_large_is_left_out() -> None:
    large = Failure(400, "max_tokens is too large: 8000. This model supports at most 4096 completion tokens")
    with serving(large, "two") as (fake, model):
        files(model, "fix", *task(100, 100, 100, 100), read=str)
    assert "max_tokens" not in fake.requests[1]
