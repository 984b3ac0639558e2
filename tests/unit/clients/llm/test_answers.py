"""Endpoints as they really answer: a row for each way, with the server played over HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from bot.generate.files.reply import read_files
from tests.fakes.model import Answer, Raw, Reply, completion, serving
from tests.unit.clients.llm.conversing import ASK, files, structured
from tests.unit.clients.llm.shapes import JSON, Plan, answered, called, chosen, hidden, parts

FILE = "The cause is a missing import; I add it.\n\nexecutor.py\n```python\nx = 2\n```\n"
DRAFT = "I could write\n\nexecutor.py\n```python\nx = 1\n```\n\nbut that is wrong.\n"


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
