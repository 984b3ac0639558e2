"""What went wrong with a model, in words for people."""

from __future__ import annotations

import pytest

from bot.clients.llm import ModelError, UnusableAnswer
from bot.clients.llm.errors import Problem
from tests.fakes.model import Failure, serving
from tests.unit.clients.llm.conversing import ASK, files


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


@pytest.mark.parametrize(
    ("words", "stated"),
    [
        ("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.", 8192),
        ("request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096),
        ("'max_tokens' is too large: 32000. This model's maximum context length is 16384 tokens", 16384),
        ("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 1048576),
        ("prompt is too long: 212000 tokens > 200000 maximum", None),
        ("Context size has been exceeded.", None),
    ],
)
def test_servers_say_in_many_words_that_a_request_is_too_long(words: str, stated: int | None) -> None:
    problem = Problem("status", words, 400)
    assert problem.too_long
    assert problem.stated_context == stated
    assert not Problem("status", words, 429).too_long
