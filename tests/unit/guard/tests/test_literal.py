"""A request that a person wrote as data is sent as it is: other tests are refused by comparing data."""

from __future__ import annotations

from typing import Any

import pytest

from bot.guard.source import Source
from bot.guard.tests import LiteralRequest, scenario_faults
from bot.values.service import Scenario

DATA: dict[str, Any] = {"text": "Grüße", "max-words": 2, "deep": {"a": [1, True, None]}}
REQUEST = LiteralRequest(DATA, {"text": "text", "max-words": "max_words", "deep": "deep"})
SCENARIO = Scenario(name="x", text="...", request=DATA)
HEAD = "import json\nfrom executor import Input, execute\nVALUE = 'Grüße'\nDATA = {'text': 'Grüße', 'max-words': 2}\n"
DEEP = "deep={'a': [1, True, None]}"


def faults(body: str, request: LiteralRequest = REQUEST) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = Source.read("test_executor.py", f"{HEAD}def test_x():\n{lines}\n")
    assert not source.fault
    return "\n".join(scenario_faults(source, (SCENARIO,), requests={"x": request}))


@pytest.mark.parametrize(
    "body",
    [
        f"assert execute(Input(text='Grüße', max_words=2, {DEEP})).n == 5",
        f"assert execute(Input({DEEP}, max_words=2.0, text='Grüße')).n == 5",
        "assert execute(Input(**{'text': 'Grüße', 'max-words': 2, 'deep': {'a': [1, True, None]}})).n == 5",
        f"assert execute(Input(**DATA, {DEEP})).n == 5",
        f"input = Input(text=VALUE, max_words=2, {DEEP})\nassert execute(input).n == 5",
        f"text = 'Grü' + 'ße'\nn = 2\nassert execute(Input(text=text, max_words=n, {DEEP})).n == 5",
        "assert execute(Input.model_validate({**DATA, 'deep': {'a': [1, True, None]}})).n == 5",
        "body = dict(text=VALUE, max_words=2, deep={'a': (1, True, None)})\nassert execute(Input(**body)).n == 5",
        'assert execute(Input(**json.loads(\'{"text": "Grüße", "max-words": 2, '
        '"deep": {"a": [1, true, null]}}\'))).n == 5',
        f"r = execute(Input(text='Grüße', max_words=2, {DEEP}))\n"
        f"assert r.n == execute(Input(text='Grüße', max_words=2, {DEEP})).n == 5",
    ],
)
def test_what_was_written_may_be_sent(body: str) -> None:
    assert faults(body) == ""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"assert execute(Input(text='Gruesse', max_words=2, {DEEP})).n == 5", id="another text"),
        pytest.param(f"assert execute(Input(text='Grüße', max_words='2', {DEEP})).n == 5", id="another type"),
        pytest.param("assert execute(Input(text='Grüße', max_words=2)).n == 5", id="a field less"),
        pytest.param(f"assert execute(Input(text='Grüße', max_words=2, {DEEP}, margin=4)).n == 5", id="a field more"),
        pytest.param(
            "assert execute(Input(text='Grüße', max_words=2, deep={'a': [1, 1, None]})).n == 5", id="1 for true"
        ),
        pytest.param(
            f"for n in (2, 3):\n    assert execute(Input(text=VALUE, max_words=n, {DEEP})).n == 5", id="a loop"
        ),
        pytest.param(
            f"n = 2\nn += 1\nassert execute(Input(text=VALUE, max_words=n, {DEEP})).n == 5", id="changed before"
        ),
        pytest.param(
            f"body = dict(DATA, {DEEP})\nbody['text'] = 'x'\nassert execute(Input(**body)).n == 5",
            id="changed in parts",
        ),
        pytest.param("assert execute(Input(**json.loads(DATA))).n == 5", id="what no run could read"),
        pytest.param(
            f"assert execute(Input(text='Grüße', max_words=2, {DEEP})).n == 5\n"
            f"assert execute(Input(text='x', max_words=2, {DEEP})).n == 5",
            id="another request too",
        ),
    ],
)
def test_anything_else_is_refused_by_name(body: str) -> None:
    wanted = '{"text": "Grüße", "max-words": 2, "deep": {"a": [1, true, null]}}'
    assert f"test_executor.py: `test_x` must send exactly {wanted}, no field more or less: write `Input(" in faults(
        body
    )


def test_what_a_request_lacks_and_input_requires_may_be_filled_in() -> None:
    body = "assert execute(Input(text='a'{})).n == 5"
    lacking = LiteralRequest({"text": "a"}, {"text": "text"}, frozenset({"margin"}))
    assert faults(body.format(", margin=4"), lacking) == ""
    assert faults(body.format(""), lacking) == ""
    assert "must send exactly" in faults(body.format(", size=4"), lacking)


def test_arguments_are_written_out() -> None:
    assert REQUEST.arguments() == f"text='Grüße', max_words=2, {DEEP}"
    odd = LiteralRequest({"a": 1, "b c": 2}, {"a": "a", "b c": "b c"}, frozenset({"margin"}))
    assert odd.arguments() == "a=1, margin=..., **{'b c': 2}"
