"""A model for each stage, and what is asked instead where one declines, is unknown or is down."""

from __future__ import annotations

import pytest

from bot.clients.llm import ModelError, Refused, UnusableAnswer
from bot.clients.llm.prices import price
from tests.fakes.model import Answer, Failure, FakeModel, Reply, Silence, serving
from tests.unit.clients.llm.conversing import ASK, files


def test_a_stage_may_have_a_model_of_its_own() -> None:
    with serving("1", "2", name="a", stages={"fix": "b"}) as (fake, model):
        files(model, "implement", ASK, read=str)
        files(model, "fix", ASK, read=str)
    assert fake.asked() == ["a", "b"]


@pytest.mark.parametrize(
    "answer",
    [
        Reply(None, refusal="I cannot do that."),
        Reply("so", "content_filter"),
        Failure(400, "The prompt was filtered", "content_filter"),
        Failure(404, "no such model", "model_not_found"),
        Failure(400, "Model Not Exist", "invalid_request_error"),
        Failure(402, "Insufficient Balance"),
        Failure(429, "You exceeded your quota", "insufficient_quota"),
        Failure(429, "slow down"),
        Failure(500, "oh"),
        Failure(503, "overloaded"),
        Failure(200, body="<html>Bad gateway</html>", content_type="text/html"),
        Silence(),
    ],
)
def test_the_next_model_is_asked_the_same_where_one_declines_or_is_out(answer: Answer) -> None:
    slow = {"timeout": 0.2} if isinstance(answer, Silence) else {}
    with serving(answer, "two", name="a", fallbacks=["b", "c"], **slow) as (fake, model):
        assert files(model, "fix", ASK, read=str)[0] == "two"
    assert fake.asked() == ["a", "b"]
    assert fake.requests[0]["messages"] == fake.requests[1]["messages"]


@pytest.mark.parametrize("answer", [Failure(401), Failure(403), Failure(400, "bad words"), Failure(422, "bad")])
def test_what_is_wrong_for_every_model_is_not_tried_on_the_next(answer: Failure) -> None:
    with serving(answer, "two", name="a", fallbacks=["b"]) as (fake, model), pytest.raises(ModelError):
        files(model, "fix", ASK, read=str)
    assert fake.asked() == ["a"]


def test_the_conversation_goes_on_with_the_next_model() -> None:
    def read(text: str) -> int:
        if not text.isdecimal():
            raise Refused("digits only")
        return int(text)

    with serving("two", Failure(500), "deux", "2", name="a", fallbacks=["b"]) as (fake, model):
        value, usage = files(model, "fix", ASK, read=read)
    assert value == 2
    assert usage.calls == 3
    # The one that failed is not asked again.
    assert fake.asked() == ["a", "a", "b", "b"]
    assert fake.requests[1]["messages"] == fake.requests[2]["messages"]
    assert "digits only" in fake.prompt(2)


def test_an_answer_that_is_of_no_use_is_no_outage() -> None:
    def read(text: str) -> str:
        raise Refused("no")

    with serving(*"12345", name="a", fallbacks=["b"]) as (fake, model), pytest.raises(UnusableAnswer):
        files(model, "fix", ASK, read=read)
    assert set(fake.asked()) == {"a"}


def test_a_reply_that_declines_is_paid_for_and_each_model_at_its_price() -> None:
    declined = Reply(None, refusal="no", prompt_tokens=1_000, completion_tokens=0)
    with FakeModel([declined, Reply("two", prompt_tokens=1_000)]) as fake:
        # Prices go by the address: this one is Azure's by its beginning, and yet on loopback.
        address = fake.url.replace("//", "//openai.azure.com@")
        model = fake.client(name="gpt-5-mini", fallbacks=["gpt-5"], base_url=address)
        _, usage = files(model, "fix", ASK, read=str)
        model.close()
    assert (usage.prompt, usage.calls) == (2_000, 2)
    first = price(address, "gpt-5-mini", 1_000, 0, 0)
    second = price(address, "gpt-5", 1_000, 0, 10)
    assert first is not None and second is not None
    assert usage.cost_usd == pytest.approx(first + second)
    assert second > 2 * first


def test_where_all_fail_each_is_named_with_its_reason() -> None:
    answers = [Failure(503), Failure(404, "no"), Failure(429, "slow down")]
    with serving(*answers, name="a", fallbacks=["b", "c"]) as (_, model), pytest.raises(ModelError) as failed:
        files(model, "fix", ASK, read=str)
    text = str(failed.value)
    assert text.startswith("No model at `127.0.0.1:")
    assert "gave an answer: `a` is failing (HTTP 503); `b` was not found; `c` is limiting our requests." in text
    assert text.endswith("Wait until it is well again, then comment `/retry`.")
    assert not isinstance(failed.value, UnusableAnswer)


def test_a_wrong_key_is_what_has_to_be_mended_even_after_an_outage() -> None:
    answers = [Failure(503), Failure(401)]
    with serving(*answers, name="a", fallbacks=["b", "c"]) as (fake, model), pytest.raises(ModelError) as failed:
        files(model, "fix", ASK, read=str)
    assert fake.asked() == ["a", "b"]
    assert "`a` is failing (HTTP 503); `b` refused the key. Set a valid `OPENAI_API_KEY`" in str(failed.value)


def test_another_task_may_fare_better_where_one_declined() -> None:
    answers: list[Answer] = [Reply(None, refusal="Not `that`."), Failure(503)]
    with serving(*answers, name="a", fallbacks=["b"]) as (_, model), pytest.raises(UnusableAnswer) as failed:
        files(model, "fix", ASK, read=str)
    assert "`a` declined to answer (`Not 'that'.`); `b` is failing (HTTP 503)." in str(failed.value)
    assert failed.value.usage.calls == 1


def test_an_answer_of_no_use_after_an_outage_names_both() -> None:
    def read(text: str) -> str:
        raise Refused("no")

    with serving(Failure(500), *"1234", name="a", fallbacks=["b"]) as (_, model):
        unusable = pytest.raises(UnusableAnswer, match=r"`b` gave no usable.*\nBefore it `a` is failing \(HTTP 500\)\.")
        with unusable:
            files(model, "fix", ASK, read=read)


def test_a_model_that_was_down_is_asked_last_for_a_while() -> None:
    now = [0.0]
    answers: dict[str, list[Answer]] = {"a": [Failure(500), "a"], "b": ["1", "2", Failure(500), "3"]}
    with serving(name="a", fallbacks=["b"], answers_of=answers, clock=lambda: now[0]) as (fake, model):
        files(model, "fix", ASK, read=str)
        assert fake.asked() == ["a", "b"]
        now[0] = 59
        files(model, "fix", ASK, read=str)
        assert fake.asked() == ["a", "b", "b"]
        # And is asked all the same where the other one fails.
        assert files(model, "fix", ASK, read=str)[0] == "a"
        assert fake.asked() == ["a", "b", "b", "b", "a"]
        # Which showed that it is well again.
        fake.answers_of["a"] += ["well", Failure(500), "again"]
        assert files(model, "fix", ASK, read=str)[0] == "well"
        assert files(model, "fix", ASK, read=str)[0] == "3"
        now[0] = 120
        assert files(model, "fix", ASK, read=str)[0] == "again"


def test_a_model_that_declined_is_asked_first_the_next_time() -> None:
    answers: dict[str, list[Answer]] = {"a": [Reply(None, refusal="no"), "a"], "b": ["b"]}
    with serving(name="a", fallbacks=["b"], answers_of=answers) as (_, model):
        assert files(model, "fix", ASK, read=str)[0] == "b"
        assert files(model, "fix", ASK, read=str)[0] == "a"


def test_what_one_model_does_not_take_another_may() -> None:
    refusal = Failure(400, "no temperature here", None, "temperature")
    answers: dict[str, list[Answer]] = {"a": [refusal, "1", "2"], "b": ["3"]}
    with serving(name="a", stages={"fix": "b"}, answers_of=answers) as (fake, model):
        files(model, "implement", ASK, read=str)
        files(model, "implement", ASK, read=str)
        files(model, "fix", ASK, read=str)
    assert ["temperature" in request for request in fake.requests] == [True, False, False, True]


def test_a_model_is_tried_once_however_often_it_is_named() -> None:
    with serving(*[Failure(500)] * 3, name="a", fallbacks=["a", "b"]) as (fake, model), pytest.raises(ModelError):
        files(model, "fix", ASK, read=str)
    assert fake.asked() == ["a", "b"]
