"""A request that a person wrote as data is sent as it is: other tests are refused by comparing data."""

from __future__ import annotations

from typing import Any

import pytest

from bot.guard.source import Source
from bot.guard.tests import scenario_faults
from bot.values.service import Scenario

DATA: dict[str, Any] = {"text": "Grüße", "max-words": 2, "deep": {"a": [1, True, None]}}
HEAD = "import json\nVALUE = 'Grüße'\nDATA = {'text': 'Grüße', 'max-words': 2}\n"
DEEP = "'deep': {'a': [1, True, None]}"


def faults(body: str, request: dict[str, Any] = DATA) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = Source.read("test_executor.py", f"{HEAD}def test_x(call):\n{lines}\n")
    assert not source.fault
    return "\n".join(scenario_faults(source, (Scenario(name="x", text="...", request=request),)))


@pytest.mark.parametrize(
    "body",
    [
        f"assert call({{'text': 'Grüße', 'max-words': 2, {DEEP}}})[0] == 200",
        f"assert call({{{DEEP}, 'max-words': 2.0, 'text': 'Grüße'}})[0] == 200",
        f"assert call(request={{**DATA, {DEEP}}})[0] == 200",
        f"body = {{'text': VALUE, 'max-words': 2, {DEEP}}}\nassert call(body)[0] == 200",
        f"text = 'Grü' + 'ße'\nn = 2\nassert call({{'text': text, 'max-words': n, {DEEP}}})[0] == 200",
        "assert call(DATA | dict(deep={'a': (1, True, None)}))[0] == 200",
        'assert call(json.loads(\'{"text": "Grüße", "max-words": 2, "deep": {"a": [1, true, null]}}\'))[0] == 200',
        f"first = call({{**DATA, {DEEP}}})\nassert first == call({{**DATA, {DEEP}}})",
    ],
)
def test_what_was_written_may_be_sent(body: str) -> None:
    assert faults(body) == ""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"assert call({{'text': 'Gruesse', 'max-words': 2, {DEEP}}})[0] == 200", id="another text"),
        pytest.param(f"assert call({{'text': 'Grüße', 'max-words': '2', {DEEP}}})[0] == 200", id="another type"),
        pytest.param("assert call(DATA)[0] == 200", id="a field less"),
        pytest.param(f"assert call({{**DATA, {DEEP}, 'margin': 4}})[0] == 200", id="a field more"),
        pytest.param("assert call({**DATA, 'deep': {'a': [1, 1, None]}})[0] == 200", id="1 for true"),
        pytest.param(f"for n in (2, 3):\n    assert call({{**DATA, {DEEP}, 'max-words': n}})[0] == 200", id="a loop"),
        pytest.param(f"n = 2\nn += 1\nassert call({{**DATA, {DEEP}, 'max-words': n}})[0] == 200", id="changed before"),
        pytest.param(
            f"body = {{**DATA, {DEEP}}}\nbody['text'] = 'x'\nassert call(body)[0] == 200", id="changed in parts"
        ),
        pytest.param("assert call(raw=b'{}')[0] == 200", id="raw"),
        pytest.param(
            f"assert call({{**DATA, {DEEP}}}, content_type='text/plain')[0] == 200", id="another type of body"
        ),
        pytest.param(f"assert call({{**DATA, {DEEP}}})[0] == 200\nassert call({{}})[0] == 422", id="another one too"),
        pytest.param("assert call(json.loads(DATA))[0] == 200", id="what no run could read"),
    ],
)
def test_anything_else_is_refused_by_name(body: str) -> None:
    wanted = '{"text": "Grüße", "max-words": 2, "deep": {"a": [1, true, null]}}'
    assert f"test_executor.py: `test_x` must send exactly {wanted}, no field more or less: `call(" in faults(body)


def test_an_empty_request_is_data_too() -> None:
    assert faults("assert call({})[0] == 422", {}) == ""
    assert "must send exactly {}" in faults("assert call({'text': ''})[0] == 422", {})
