"""Endpoints as they really answer: a row for each way, with the server played over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from bot.clients.llm import ModelError
from bot.errors import TransientError
from bot.generate.files.reply import read_files
from tests.fakes.model import Answer, Failure, Raw, Reply, completion, serving
from tests.unit.clients.llm.conversing import ASK, files, structured

JSON = '{"name": "upper", "steps": ["read", "upper"]}'
FILE = "The cause is a missing import; I add it.\n\nexecutor.py\n```python\nx = 2\n```\n"
DRAFT = "I could write\n\nexecutor.py\n```python\nx = 1\n```\n\nbut that is wrong.\n"
SAID = "Rate limit reached for m on tokens per min (TPM): Limit 6000, Used 5400, Requested 2100. "


Refuse = Callable[[dict[str, Any]], Failure | None]


class Plan(BaseModel):
    model_config = ConfigDict(title="plan", extra="forbid")

    name: str
    steps: list[str]


def answered(**fields: Any) -> Raw:
    """Return a completion whose message has other fields; None is null."""
    body = completion("m", Reply(""))
    body["choices"][0]["message"] |= fields
    return Raw(body)


def parts(*content: Any) -> Raw:
    return answered(content=list(content))


def hidden(code: Any, message: str = "Provider returned error", **error: Any) -> Raw:
    """Return an error in HTTP 200."""
    return Raw({"error": {"message": message, "code": code, **error}, "user_id": "u"})


def chosen(code: Any, message: str, text: str | None) -> Raw:
    """Return an error in a choice, beside what was written of the text until then."""
    body = completion("m", Reply(text, "error"))
    body["choices"][0]["error"] = {"code": code, "message": message}
    return Raw(body)


def limited(words: str, code: str = "rate_limit_exceeded", status: int = 429) -> Failure:
    """Return a refusal that says only in words how long to wait."""
    return Failure(status, words, code, headers={})


def called(*arguments: Any) -> Raw:
    calls = [{"id": "c", "type": "function", "function": {"name": "plan", "arguments": each}} for each in arguments]
    return answered(content=None, tool_calls=calls)


def roles_of(request: dict[str, Any]) -> list[str]:
    return [message["role"] for message in request["messages"]]


def no_system(status: int, words: str) -> Refuse:
    """Play a model that knows no system role."""
    return lambda request: Failure(status, words) if "system" in roles_of(request) else None


def alternating(first: str) -> Refuse:
    """Play a chat template that takes user and assistant in turn, after a system message where `first` is "system"."""

    def refuse(request: dict[str, Any]) -> Failure | None:
        roles = roles_of(request)
        roles = roles[1:] if roles[0] == first else roles
        fits = all(role == ("assistant" if number % 2 else "user") for number, role in enumerate(roles))
        return None if fits else Failure(400, "Conversation roles must alternate user/assistant/user/assistant/...")

    return refuse


def no_schema(failure: Failure) -> Refuse:
    return lambda request: failure if "response_format" in request else None


THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "Let me see."}]}
# The answers to a request for a plan -> how many requests it takes until it is read.
PLANS: dict[str, tuple[Sequence[Answer], int]] = {
    "content in parts": ([parts(THINKING, {"type": "text", "text": JSON})], 1),
    "text in several parts": ([parts({"type": "text", "text": JSON[:9]}, JSON[9:])], 1),
    "a part without its type": ([parts({"text": JSON}, None, 7, {"type": "text", "text": None})], 1),
    "one part without a list": ([answered(content={"type": "output_text", "text": JSON})], 1),
    "only thoughts in parts": ([parts(THINKING), JSON], 2),
    "content of no known type": ([answered(content=7), JSON], 2),
    "thoughts whose tag the template opened": (
        ['The person wants a plan. Maybe {"name": 1}? No.\n</think>\n\n' + JSON],
        1,
    ),
    "the same in one line": ([f"A plan it is.</think>{JSON}"], 1),
    "thoughts under another name": ([f"<thinking>{JSON}</thinking>\n<thought>hm</thought>{JSON}"], 1),
    "Mistral's tags for thoughts": ([f"[THINK]hm[/THINK]{JSON}"], 1),
    "thoughts that never end": ([f"<think>Maybe {JSON}", JSON], 2),
    "only thoughts": (["Hm.\n</think>", JSON], 2),
    "prose before": ([f"Sure! Here is the JSON:\n{JSON}"], 1),
    "prose after": ([f"{JSON}\n\nLet me know if you want changes."], 1),
    "braces in prose": ([f"I fill {{name}} and {{ steps }}: {JSON}"], 1),
    "a fence in capitals": ([f"```JSON\n{JSON}\n```"], 1),
    "a fence with CRLF": ([f"```json\r\n{JSON}\r\n```"], 1),
    "two fences": ([f"Schema:\n```json\n{{}}\n```\nAnswer:\n```json\n{JSON}\n```"], 1),
    "a draft with a fault": ([f'```json\n{{"name": "upper", ...}}\n```\nAnswer:\n```json\n{JSON}\n```'], 1),
    "a fence of tildes": ([f"~~~~ json5\n{JSON}\n~~~~"], 1),
    "a fence in one line": ([f"```json {JSON}```"], 1),
    "a fence that is not closed": ([f"```json\n{JSON}\n"], 1),
    "a byte order mark": (["\ufeff" + JSON], 1),
    "one fence with prose": ([f"Here you are:\n```json\n{JSON}\n```\nHope it helps"], 1),
    "the same object twice": ([f"{JSON}\nAgain:\n```\n{JSON}\n```"], 1),
    "a list of one": ([f"[{JSON}]"], 1),
    "two objects that differ": ([f"{JSON}\nor\n{JSON.replace('read', 'write')}", JSON], 2),
    "an object that is not complete": (['{"plan": ' + JSON, JSON], 2),
    "an object that would need repair": ([JSON[:-2], JSON], 2),
    "brackets without end": (['{"name":' * 100_000, JSON], 2),
    "half of a surrogate pair": ([JSON.replace("read", "\\ud83d"), JSON], 2),
    "an object from a tool call": ([called(JSON)], 1),
    "an object from a tool call, as data": ([called(json.loads(JSON))], 1),
    "an object from a function call": ([answered(content=None, function_call={"name": "f", "arguments": JSON})], 1),
    "several tool calls": ([called(JSON, JSON), JSON], 2),
    "tool calls of no known type": ([answered(content=None, tool_calls=[None, {"function": "f"}]), JSON], 2),
    "no choices": ([Raw(completion("m", Reply("")) | {"choices": []}), JSON], 2),
    "null for choices": ([Raw(completion("m", Reply("")) | {"choices": None}), JSON], 2),
    "null for a choice": ([Raw(completion("m", Reply("")) | {"choices": [None]}), JSON], 2),
    "an empty refusal beside an answer": ([answered(content=JSON, refusal="")], 1),
    "cut off, in Google's words": ([Reply(JSON, "MAX_TOKENS"), JSON], 2),
    "a byte order mark before the body": (
        [Raw("\ufeff".encode() + json.dumps(completion("m", Reply(JSON))).encode())],
        1,
    ),
    "an error of no weight beside an answer": ([Raw({**completion("m", Reply(JSON)), "error": None})], 1),
    "an error that passes, in HTTP 200": ([hidden(429), hidden("502"), JSON], 3),
    "an error that passes, in a choice": ([chosen(502, "Upstream error", JSON), JSON], 2),
    "an error that passes, by its name": ([hidden("server_error", "hm"), hidden(None, "Overloaded"), JSON], 3),
}


@pytest.mark.parametrize("way", PLANS)
def test_the_one_answer_in_a_reply_is_read(way: str) -> None:
    answers, requests = PLANS[way]
    with serving(*answers, retries=2) as (fake, model):
        plan, _ = structured(model, "specify", ASK, schema=Plan)
    assert plan == Plan(name="upper", steps=["read", "upper"])
    assert len(fake.requests) == requests


def test_an_object_is_read_to_the_character() -> None:
    plan = Plan(name="a\u2028b\r\n```\n</think> {x} \ufeff", steps=['{"name": "b", "steps": []}'])
    with serving(f"Here:\n```\n{plan.model_dump_json()}\n```\nDone.") as (_, model):
        assert structured(model, "specify", ASK, schema=Plan)[0] == plan


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        (f"{DRAFT}</think>\n\n{FILE}", "The cause is a missing import; I add it."),
        (f"<think>{DRAFT}</think>{FILE}", "The cause is a missing import; I add it."),
        (f"<think>{DRAFT}", ""),
        (f"{DRAFT}</think>", ""),
    ],
)
def test_drafts_in_thoughts_are_no_files(text: str, prose: str) -> None:
    with serving(text, FILE) as (fake, model):
        reply, _ = files(model, "fix", ASK, read=read_files)
    assert reply.files == {"executor.py": "x = 2\n"}
    assert len(fake.requests) == (1 if prose else 2)


@pytest.mark.parametrize(
    "code",
    [
        'text.split("</think>")[-1]',
        'f"<think>{thoughts}\n</think>\n{text}"',
        '"""Drop what ends in </think>, if any."""',
    ],
)
def test_an_answer_may_be_about_thoughts(code: str) -> None:
    with serving(f"executor.py\n```python\n{code}\n```\n") as (_, model):
        assert files(model, "fix", ASK, read=read_files)[0].files == {"executor.py": f"{code}\n"}


def test_text_that_cannot_be_encoded_is_never_passed_on() -> None:
    body = json.dumps(completion("m", Reply("two \ud83d"))).encode()
    with serving(Raw(body)) as (_, model):
        assert files(model, "fix", ASK, read=str)[0] == "two ?"


# How a server differs -> the roles of the two requests that it takes, and how many it refuses before.
SERVERS: dict[str, tuple[Refuse | None, list[str], int]] = {
    "no developer role": (
        no_system(400, "Developer instruction is not enabled for models/gemma-3-27b-it"),
        ["user", "assistant", "user"],
        1,
    ),
    "no system role": (no_system(500, "Jinja Exception: System role not supported"), ["user", "assistant", "user"], 1),
    "no system role, as OpenAI says it": (
        no_system(400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."),
        ["user", "assistant", "user"],
        1,
    ),
    "no system role, by the turns": (alternating("user only"), ["user", "assistant", "user"], 1),
    "no schema, HTTP 500": (no_schema(Failure(500, "oh")), ["system", "user", "assistant", "user"], 1),
    "no schema, named": (
        no_schema(Failure(500, "response_format type must be one of text or json_object")),
        ["system", "user", "assistant", "user"],
        1,
    ),
    "no schema, in HTTP 200": (
        no_schema(Failure(200, body='{"error": "json_schema is not supported"}')),
        ["system", "user", "assistant", "user"],
        1,
    ),
    "anything goes": (None, ["system", "user", "assistant", "user"], 0),
}


@pytest.mark.parametrize("way", SERVERS)
def test_what_an_endpoint_cannot_do_is_found_out_once(way: str) -> None:
    refuse, roles, refusals = SERVERS[way]
    with serving("hm", JSON, "hm", JSON, refuse=refuse) as (fake, model):
        for _ in range(2):
            assert structured(model, "specify", ASK, schema=Plan)[0].name == "upper"
    assert len(fake.requests) == 4 + refusals
    assert all(roles_of(fake.requests[number]) == roles for number in (-3, -1))
    assert all(text in fake.prompt(-1) for text in ("You add.", "What is 1 + 1?", "was refused"))
    assert ("response_format" in fake.requests[-1]) == ("schema" not in way)


@pytest.mark.parametrize("cut", [Reply(JSON, "length"), Reply(None)])
@pytest.mark.parametrize("first", ["system", "user only"])
def test_where_roles_must_alternate_neighbours_become_one_message(cut: Reply, first: str) -> None:
    with serving(cut, JSON, cut, JSON, refuse=alternating(first)) as (fake, model):
        for _ in range(2):
            assert structured(model, "specify", ASK, schema=Plan)[0].name == "upper"
    assert len(fake.requests) == 5
    assert roles_of(fake.requests[-1]) == (["system", "user"] if first == "system" else ["user"])
    assert "What is 1 + 1?" in fake.prompt(-1) and "Answer again" in fake.prompt(-1)


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
