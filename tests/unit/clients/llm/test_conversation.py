"""The model's client against a real HTTP endpoint: what is used, what is asked again, and what people are told."""

from __future__ import annotations

import socket
from contextlib import nullcontext
from itertools import pairwise

import pytest
from pydantic import BaseModel, ConfigDict

from bot.clients.llm import Message, Model, ModelError, ModelSettings, Refused, UnusableAnswer, WouldFail
from bot.clients.llm.conversation import FILES_TOKENS
from bot.clients.llm.prices import price
from bot.values.run import Allowance
from tests.fakes.model import Answer, Failure, Reply, Silence, serving
from tests.unit.clients.llm.conversing import files, structured

ASK = [Message(role="system", content="You add."), Message(role="user", content="What is 1 + 1?")]


class Total(BaseModel):
    model_config = ConfigDict(title="total", extra="forbid")

    value: int


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


def test_thoughts_before_the_reply_are_left_out() -> None:
    with serving('<think>one and\none {"value": 7}</think>\n{"value": 2}') as (_, model):
        assert structured(model, "specify", ASK, schema=Total)[0].value == 2


def test_a_server_without_structured_output_gets_the_schema_in_the_prompt_and_is_not_asked_twice() -> None:
    refusal = Failure(400, "response_format json_schema is not supported")
    with serving(refusal, 'Here:\n```json\n{"value": 2}\n```\nDone.', '{"value": 3}') as (fake, model):
        first, _ = structured(model, "specify", ASK, schema=Total)
        second, _ = structured(model, "specify", ASK, schema=Total)
    assert (first.value, second.value) == (2, 3)
    assert ["response_format" in request for request in fake.requests] == [True, False, False]
    assert '"value"' in fake.prompt(1)
    assert '"value"' in fake.prompt(2)


def test_what_came_first_stays_as_it_was_when_it_is_asked_again() -> None:
    with serving("hm", "well", '{"value": 2}', refused=["response_format"]) as (fake, model):
        structured(model, "specify", ASK, schema=Total)
    first, second, third = (request["messages"] for request in fake.requests[1:])
    assert '"value"' in first[-1]["content"]
    assert second[: len(first)] == third[: len(first)] == first


def test_structured_output_is_not_given_up_for_a_request_that_fails_either_way() -> None:
    with serving(Failure(400, "bad words"), Failure(400, "bad words"), '{"value": 2}') as (fake, model):
        with pytest.raises(ModelError, match=r"refused the request \(HTTP 400: `bad words`\)"):
            structured(model, "specify", ASK, schema=Total)
        structured(model, "specify", ASK, schema=Total)
    assert "response_format" in fake.requests[2]


def test_a_setting_the_model_does_not_take_is_left_out_from_then_on() -> None:
    refusal = Failure(400, "Unsupported value: 'temperature'", "unsupported_value", "temperature")
    with serving(refusal, '{"value": 2}', '{"value": 3}') as (fake, model):
        structured(model, "specify", ASK, schema=Total)
        structured(model, "specify", ASK, schema=Total)
    assert ["temperature" in request for request in fake.requests] == [True, False, False]
    assert all("response_format" in request for request in fake.requests)


@pytest.mark.parametrize("name", ["gpt-5-mini", "openai/gpt-5", "o3"])
def test_models_that_reason_get_no_temperature_and_no_limit(name: str) -> None:
    with serving('{"value": 2}', name=name) as (fake, model):
        structured(model, "specify", ASK, schema=Total)
    assert not {"temperature", "max_tokens"} & fake.requests[0].keys()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Failure(401, "Incorrect API key provided: sk-12", "invalid_api_key"), "refused the key. Set a valid `OPENAI"),
        (Failure(403, "region"), "may not be used with this key"),
        (Failure(404, "no model", "model_not_found"), "was not found. It offers `local`: set `OPENAI_MODEL`"),
        (Failure(429, "You exceeded your quota", "insufficient_quota"), "is out of quota. Add credit"),
        (Failure(402, "Insufficient Balance"), "is out of quota. Add credit"),
        (Failure(429, "slow down", "rate_limit_exceeded"), "is limiting our requests. Wait"),
        (Failure(503, "overloaded"), "is failing (HTTP 503). Wait"),
        (Failure(200, body="<html>hello</html>", content_type="text/html"), "does not answer like an OpenAI-comp"),
        (Failure(200, body="{"), "does not answer like an OpenAI-comp"),
        (Failure(200, body='{"ok": true}'), "does not answer like an OpenAI-comp"),
    ],
)
def test_people_are_told_which_model_failed_how_and_how_to_go_on(answer: Failure, words: str) -> None:
    with serving(answer, name="m") as (fake, model), pytest.raises(ModelError) as failed:
        files(model, "implement", ASK, read=str)
    text = str(failed.value)
    assert words in text
    assert "`m` at `127.0.0.1:" in text
    assert text.endswith("then comment `/retry`.")
    assert "sk-12" not in text
    assert not isinstance(failed.value, UnusableAnswer)
    assert len(fake.requests) == 1


@pytest.mark.parametrize("refused", [["reasoning_effort"], ["reasoning_effort", "temperature", "response_format"]])
def test_reasoning_effort_is_asked_for_where_the_model_takes_it(refused: list[str]) -> None:
    answers = ['{"value": 2}', '{"value": 3}']
    with serving(*answers, effort="high") as (fake, model):
        structured(model, "specify", ASK, schema=Total)
    assert fake.requests[0]["reasoning_effort"] == "high"
    with serving(*answers, effort="high", refused=refused) as (fake, model):
        structured(model, "specify", ASK, schema=Total)
        structured(model, "specify", ASK, schema=Total)
    assert len(fake.requests) == len(refused) + 2
    assert not set(refused) & fake.requests[-1].keys()
    assert "max_tokens" in fake.requests[-1]


def test_no_effort_is_asked_for_by_default() -> None:
    with serving("two") as (fake, model):
        files(model, "fix", ASK, read=str)
    assert "reasoning_effort" not in fake.requests[0]


def test_an_effort_that_a_server_dislikes_without_saying_so_is_left_out() -> None:
    with serving(Failure(400, "bad request"), "two", effort="high") as (fake, model):
        files(model, "fix", ASK, read=str)
    assert "reasoning_effort" not in fake.requests[1]


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


def test_an_endpoint_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound and not listening: connections are refused.
        model = Model(ModelSettings("m", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1", retries=0))
        with pytest.raises(ModelError, match=r"cannot be reached\. Check `OPENAI_BASE_URL`"):
            files(model, "fix", ASK, read=str)
        model.close()


def test_an_endpoint_that_does_not_answer_in_time_is_said_so() -> None:
    late = pytest.raises(ModelError, match=r"did not answer within 0.05 s")
    with serving(Silence(), name="m", timeout=0.05) as (_, model), late:
        files(model, "fix", ASK, read=str)


def test_a_passing_outage_is_not_noticed() -> None:
    with serving(Failure(500), Failure(429), "two", retries=2) as (fake, model):
        assert files(model, "fix", ASK, read=str)[0] == "two"
    assert len(fake.requests) == 3


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


@pytest.mark.parametrize(
    ("models", "name"), [(("qwen",), "qwen"), (("a", "b"), "gpt-5-mini"), ((), "gpt-5-mini"), (None, "gpt-5-mini")]
)
def test_the_only_model_an_endpoint_lists_is_used(models: tuple[str, ...] | None, name: str) -> None:
    with serving(models=models) as (_, model):
        assert model.default_name() == name


def test_a_named_model_is_used_whatever_is_listed() -> None:
    with serving("two", name="mine") as (fake, model):
        files(model, "fix", ASK, read=str)
    assert fake.requests[0]["model"] == "mine"


def test_key_and_organization_reach_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-7")
    with serving("two", api_key="sk-1") as (fake, model):
        files(model, "fix", ASK, read=str)
    assert fake.headers[0]["authorization"] == "Bearer sk-1"
    assert fake.headers[0]["openai-organization"] == "org-7"


def test_prices_are_known_where_the_provider_is_and_not_guessed_elsewhere() -> None:
    full = price("https://api.openai.com/v1", "gpt-5-mini", 1_000_000, 0, 0)
    cached = price("https://api.openai.com/v1", "gpt-5-mini", 1_000_000, 1_000_000, 0)
    assert full is not None and cached is not None
    assert 0 < cached < full
    assert price("http://127.0.0.1:8091/v1", "gpt-5-mini", 1_000_000, 0, 0) is None
    assert price("https://api.openai.com/v1", "no-such-model", 1_000_000, 0, 0) is None
