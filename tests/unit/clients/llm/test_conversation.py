"""What of a reply is used, what is refused and asked for again, and what that costs."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise

import pytest

from bot.clients.llm import ModelError, Refused, UnusableAnswer, WouldFail
from bot.clients.llm.conversation import FILES_TOKENS
from bot.values.cost import Allowance
from tests.fakes.model import Answer, Failure, Reply, serving
from tests.unit.clients.llm.conversing import ASK, Total, files, structured


def test_a_valid_reply_is_returned_with_its_usage() -> None:
    with serving(Reply('{"value": 2}', cached_tokens=60)) as (fake, model):
        value, usage = structured(model, "specify", ASK, schema=Total)
    assert value == Total(value=2)
    assert (usage.prompt, usage.cached, usage.completion, usage.cost_usd) == (100, 60, 10, None)
    assert (usage.calls, usage.saved) == (1, 0)
    assert usage.seconds > 0
    described = fake.requests[0]["response_format"]["json_schema"]
    assert described["name"] == "total"
    assert described["schema"]["properties"]["value"]["type"] == "integer"


def test_an_invalid_reply_is_asked_again_with_the_error_and_both_are_counted() -> None:
    with serving('{"value": "two"}', '{"value": 2}') as (fake, model):
        value, usage = structured(model, "specify", ASK, schema=Total)
    assert value.value == 2
    assert (usage.prompt, usage.completion, usage.calls) == (200, 20, 2)
    assert '{"value": "two"}' in fake.prompt(1)
    assert "value: Input should be a valid integer" in fake.prompt(1)


def test_three_invalid_replies_end_it_with_everything_counted() -> None:
    with serving("hm", "well", "{}", '{"value": 2}') as (fake, model), pytest.raises(UnusableAnswer) as failed:
        structured(model, "specify", ASK, schema=Total)
    assert len(fake.requests) == 3
    assert failed.value.usage.prompt == 300
    text = str(failed.value)
    assert "gave no usable answer in 3 tries" in text
    assert "value: Field required" in text
    assert "/retry" in text


def test_a_truncated_reply_is_never_used_even_where_it_parses() -> None:
    with serving(Reply('{"value": 1}', "length"), '{"value": 2}') as (fake, model):
        value, _ = structured(model, "specify", ASK, schema=Total)
    assert value.value == 2
    assert "cut off" in fake.prompt(1)
    assert '{"value": 1}' not in fake.prompt(1)
    assert fake.requests[1]["max_tokens"] > fake.requests[0]["max_tokens"]


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_reply_is_asked_again(empty: str | None) -> None:
    with serving(Reply(empty), '{"value": 2}') as (fake, model):
        value, _ = structured(model, "specify", ASK, schema=Total)
    assert value.value == 2
    assert "empty" in fake.prompt(1)


def test_what_came_first_stays_as_it_was_when_it_is_asked_again() -> None:
    with serving("hm", "well", '{"value": 2}', refused=["response_format"]) as (fake, model):
        structured(model, "specify", ASK, schema=Total)
    first, second, third = (request["messages"] for request in fake.requests[1:])
    assert '"value"' in first[-1]["content"]
    assert second[: len(first)] == third[: len(first)] == first


@pytest.mark.parametrize(
    "cut", [Reply("", "length", reasoning_tokens=8_000), Reply("<think>Well, let me see", "length")]
)
def test_a_model_that_thinks_too_long_gets_no_limit_and_is_asked_to_think_less(cut: Reply) -> None:
    with serving(cut, "two", "three", effort="high") as (fake, model):
        assert files(model, "fix", ASK, read=str)[0] == "two"
        files(model, "fix", ASK, read=str)
    assert ["max_tokens" in request for request in fake.requests] == [True, False, False]
    assert [request["reasoning_effort"] for request in fake.requests] == ["high", "low", "high"]
    assert "let me see" not in fake.prompt(1)


def test_what_was_spent_before_an_outage_is_counted() -> None:
    with serving("hm", Failure(500)) as (_, model), pytest.raises(ModelError) as failed:
        structured(model, "specify", ASK, schema=Total)
    assert failed.value.usage.prompt == 100


@pytest.mark.parametrize(
    "answer",
    [
        Reply(None, refusal="I cannot do that."),
        Reply("so", "content_filter"),
        Failure(400, "The prompt was filtered", "content_filter"),
    ],
)
def test_a_model_that_declines_is_not_asked_again(answer: Answer) -> None:
    declined = pytest.raises(UnusableAnswer, match=r"declined to answer.* Put the description differently or")
    with serving(answer, '{"value": 2}') as (fake, model), declined:
        structured(model, "specify", ASK, schema=Total)
    assert len(fake.requests) == 1


def test_files_that_are_refused_are_asked_again_with_the_reason() -> None:
    def read(text: str) -> int:
        if not text.isdecimal():
            raise Refused("digits only")
        return int(text)

    with serving("two", "too", "2") as (fake, model):
        value, usage = files(model, "implement", ASK, read=read)
    assert value == 2
    assert usage.prompt == 300
    assert [message["role"] for message in fake.requests[2]["messages"]] == ["system", "user", "assistant", "user"]
    assert "too" in fake.prompt(2)
    assert "two" not in fake.prompt(2)
    assert "digits only" in fake.prompt(2)
    assert "response_format" not in fake.requests[0]


def test_files_are_asked_for_four_times_and_what_would_have_failed_is_counted() -> None:
    reasons = iter([Refused("no file"), WouldFail("imports what is not there"), WouldFail("no test"), Refused("no")])

    def read(text: str) -> str:
        raise next(reasons)

    failing = pytest.raises(UnusableAnswer, match=r"no usable answer in 4 tries \(fix\), .*: no\n")
    with serving(*"12345") as (fake, model), failing as failed:
        files(model, "fix", ASK, read=read)
    assert len(fake.requests) == 4
    assert (failed.value.usage.calls, failed.value.usage.saved) == (4, 2)


@pytest.mark.parametrize(
    ("allowance", "asked"),
    [
        (Allowance(tokens=110), 1),
        (Allowance(tokens=111), 2),
        (Allowance(until=0), 1),
        (Allowance(usd=0.01), 2),
        (Allowance(), 2),
    ],
)
def test_a_refused_reply_is_asked_for_again_only_within_the_allowance(allowance: Allowance, asked: int) -> None:
    with serving("hm", '{"value": 2}') as (fake, model):
        spent = pytest.raises(UnusableAnswer, match="in 1 tries") if asked == 1 else nullcontext()
        with spent:
            structured(model, "specify", ASK, schema=Total, allowance=allowance)
    assert len(fake.requests) == asked


def test_a_reply_that_is_refused_for_the_same_reason_again_is_asked_for_in_other_words_and_warmer() -> None:
    reasons = iter(["a", "b", "b"])

    def read(text: str) -> str:
        if text == "good":
            return text
        raise Refused(next(reasons))

    with serving("1", "2", "3", "good") as (fake, model):
        files(model, "fix", ASK, read=read)
    notes = [request["messages"][-1]["content"] for request in fake.requests]
    assert "The same as before: b" in notes[3]
    assert "differently" in notes[3]
    assert not any("The same" in note for note in notes[:3])
    temperatures = [request["temperature"] for request in fake.requests]
    steps = [after - before for before, after in pairwise(temperatures)]
    assert 0 < steps[0] == pytest.approx(steps[1])
    assert steps[2] > steps[1] + 0.1
    assert max(temperatures) <= 1
    assert {request["max_tokens"] for request in fake.requests} == {FILES_TOKENS}
