"""An answer of no use is explained in the endpoint's own words, and a wait that it asks for is kept."""

from __future__ import annotations

import pytest

from bot.clients.llm import ModelError
from bot.errors import TransientError
from tests.fakes.model import Answer, Failure, Raw, Reply, serving
from tests.unit.clients.llm.conversing import ASK, files, structured
from tests.unit.clients.llm.shapes import JSON, Plan, answered, chosen, hidden, limited, parts

SAID = "Rate limit reached for m on tokens per min (TPM): Limit 6000, Used 5400, Requested 2100. "
ERRORS: dict[str, tuple[Answer, str]] = {
    "a provider's rate limit": (
        hidden(429, metadata={"raw": "Too Many Requests", "provider_name": "Some"}),
        "is limiting our requests (`Provider returned error: Too Many Requests`). Wait a few minutes",
    ),
    "a provider that is down": (hidden(502), "is failing (HTTP 502) (`Provider returned error`). Wait"),
    "no credit at a router": (hidden(402, "Add credits"), "is out of quota (`Add credits`). Add credit"),
    "a wrong key": (hidden(None, "Invalid API key"), "refused the key"),
    "words for an error": (Raw({"error": "no such thing"}), "refused the request (HTTP 400: `no such thing`)"),
    "an error in an error": (hidden([1], {"a": 1}), 'refused the request (HTTP 400: `{"a": 1}`)'),  # type: ignore[arg-type]
    "an error after half a reply": (chosen(400, "hm", JSON[:20]), "refused the request (HTTP 400: `hm`)"),
    "Google's list": (Failure(404, body='[{"error": {"message": "no model"}}]'), "was not found"),
    "FastAPI's detail": (Failure(422, body='{"detail": [{"msg": "no"}]}'), '(HTTP 422: `[{"msg": "no"}]`)'),
    "no JSON": (Failure(400, body="<html>no</html>"), "refused the request (HTTP 400: `"),
    "an error of numbers": (Failure(418, body='{"error": {"message": 1, "code": 2, "type": []}}'), "(HTTP 418: `1`)"),
    "a page for HTTP 200": (Raw(b"<html>hello</html>"), "does not answer like an OpenAI-compatible endpoint"),
    "a greeting": (Raw({"message": "Welcome"}), "does not answer like an OpenAI-compatible endpoint"),
    "brackets without end": (Raw(b"[" * 100_000), "does not answer like an OpenAI-compatible endpoint"),
    "bytes that are no text": (Raw(b'{"choices": "\xff"}'), "does not answer like an OpenAI-compatible endpoint"),
    "a refusal in a part": (parts({"type": "refusal", "refusal": "No."}), "declined to answer (`No.`)"),
    "a refusal": (answered(content=None, refusal="No."), "declined to answer (`No.`)"),
    "a reply that was filtered": (Reply(None, "SAFETY"), "declined to answer. Put the description differently"),
    "too long a wait": (limited("Try again in 7h12m3.5s."), "is limiting our requests. Wait a few minutes"),
    "a quota that waits do not fill": (limited("Retry in 5s.", "insufficient_quota"), "is out of quota. Add credit"),
}


@pytest.mark.parametrize("way", ERRORS)
def test_an_answer_of_no_use_is_explained_in_the_endpoints_words(way: str) -> None:
    answer, words = ERRORS[way]
    with serving(answer, name="m") as (fake, model), pytest.raises(ModelError) as failed:
        files(model, "specify", ASK, read=str)
    assert words in str(failed.value)
    assert str(failed.value).endswith("then comment `/retry`.")
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (limited(SAID + "Please try again in 18.90s."), 18.9),
        (limited("Please try again in 6m0.5s. Visit the page"), 360.5),
        (limited("Try again in 340ms"), 0.34),
        (limited("You exceeded your current quota. Please retry in 26.66s.", "RESOURCE_EXHAUSTED"), 26.66),
        (limited("Please retry after 20 seconds."), 20),
        (limited("Too many requests: wait for 1 minute and 5 seconds"), 65),
        (limited("Rate limit. Retrying in about 2 mins", status=503), 120),
        (Failure(429, "slow down", headers={"Retry-After": "121"}), 121),
        (Failure(429, body='[{"error": {"details": [{"retryDelay": "44s"}]}}]', headers={}), 44),
        (Raw({"error": {"message": "Please try again in 18 s", "code": 429}}, headers={}), 18),
    ],
)
def test_a_first_call_that_must_wait_leaves_the_wait_to_the_step(answer: Answer, seconds: float) -> None:
    with serving(answer, name="m", retries=2) as (fake, model), pytest.raises(TransientError) as failed:
        files(model, "fix", ASK, read=str)
    assert failed.value.retry_after == pytest.approx(seconds)
    assert "`m` at `127.0.0.1:" in str(failed.value)
    assert len(fake.requests) == 1


def test_a_conversation_waits_itself_where_beginning_again_would_cost_replies() -> None:
    with serving("hm", limited("Try again in 60ms"), JSON) as (fake, model):
        plan, usage = structured(model, "specify", ASK, schema=Plan)
    assert (plan.name, usage.calls, len(fake.requests)) == ("upper", 2, 3)
    assert usage.seconds < 30
