"""What is sent to an endpoint, what is left out for one that does not take it, and what is read of its answers."""

from __future__ import annotations

import socket

import pytest

from bot.clients.llm import Model, ModelError, ModelSettings
from tests.fakes.model import Failure, Silence, serving
from tests.unit.clients.llm.conversing import ASK, Total, files, structured


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


def test_key_and_organization_reach_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-7")
    with serving("two", api_key="sk-1") as (fake, model):
        files(model, "fix", ASK, read=str)
    assert fake.headers[0]["authorization"] == "Bearer sk-1"
    assert fake.headers[0]["openai-organization"] == "org-7"
