"""A scenario's test is there, sends a request and asserts: honest ones pass, and what a run cannot show is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bot.guard.source import Source
from bot.guard.tests.scenarios import scenario_faults
from bot.values.service import Scenario

HELLO = (Scenario(name="hello", text='"hello" with 3 gives "HELLO"'),)


def read(text: str) -> Source:
    return Source.read("test_executor.py", text)


def faults(source: str, scenarios: tuple[Scenario, ...] = HELLO) -> str:
    return "\n".join(scenario_faults(read(source), scenarios))


def written(body: str) -> str:
    return "import json\nimport pytest\n\n\ndef test_hello(call):\n" + "\n".join(
        f"    {line}" for line in body.splitlines()
    )


@pytest.mark.parametrize(
    "source",
    [
        written("status, answer = call({'text': 'hello'})\nassert status == 200\nassert answer['r'] == 'HELLO'"),
        written("status, _ = call(raw=b'{')\nassert status == 422"),
        written("for text in ('a', 'b'):\n    assert call({'text': text})[1]['r'] == pytest.approx(2.5)"),
        written("request = {'x': 1}\nstatus, answer = call(request)\nassert set(answer) == {'r'}, answer"),
        "def run(call, text):\n    return call({'text': text})[1]\n\n\n"
        "def test_hello(call):\n    assert run(call, 'a')['r']",
        "def check(call):\n    status, answer = call({})\n    assert status == 422\n\n\n"
        "def test_hello(call):\n    check(call)",
        "import base64\nimport io\nfrom PIL import Image\n\n\ndef test_hello(call, decoded, fixture):\n"
        "    _, answer = call({'image': base64.b64encode(fixture('a.png')).decode()})\n"
        "    assert Image.open(io.BytesIO(decoded(answer['image']))).size == (64, 64)",
        "import pytest\n\n\n@pytest.mark.parametrize('text', ['a', 'b'])\ndef test_hello(call, text):\n"
        "    assert call({'text': text})[0] == 200",
        "import pytest\n\n\n@pytest.fixture\ndef answer(call):\n    return call({'x': 1})[1]\n\n\n"
        "def test_hello(answer, tmp_path):\n    assert answer['r'] == 1",
        "LIMIT: int = 3\n\n\nclass Shape:\n    size = 2\n\n\ndef test_hello(call):\n"
        "    assert call({'n': LIMIT})[1]['r'] == Shape.size\n",
    ],
)
def test_honest_files_pass(source: str) -> None:
    assert faults(source) == ""


GOOD = written("assert call({'text': 'hello'})[0] == 200") + "\n\n\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (GOOD.replace("test_hello", "test_other"), 'no function `test_hello` for the scenario: "hello"'),
        (written("assert 1 == 1"), "must send a request with the fixture `call`"),
        (written("call({'text': 'hello'})"), "must assert what the scenario expects"),
        (written("assert call({'text': helper()})[0] == 200"), "uses `helper`, which is not defined"),
        (GOOD.replace("(call)", "(call, client)"), "uses `client`, which is not defined"),
        (written("assert call({'text': ...})[0] == 200"), "leaves a `...` where a value belongs"),
        (written("assert call({'text': 'a'})[0] == 200\n..."), "leaves a `...` where a value belongs"),
        (written("assert call({'a': ['x', ...]})[0] == 200"), "leaves a `...` where a value belongs"),
        (f"from executor import execute\n{GOOD}", "must not import `executor`"),
        (f"import interface as i\n{GOOD}", "must not import `interface`"),
        (f"{GOOD}def call(request):\n    return 200, {{}}", "must not define `call`, which is a fixture"),
        (f"from os import *\n{GOOD}", "must import names, not `*`"),
        (f"{GOOD}def test_hello(call):\n    pass", "defines `test_hello` twice"),
        (f"{GOOD}pytestmark = pytest.mark.usefixtures('tmp_path')", "must not define `pytestmark`"),
        (f"{GOOD}def pytest_runtest_call(item):\n    pass", "must not define `pytest_runtest_call`"),
        (
            f"{GOOD}@pytest.fixture(autouse=True)\ndef around():\n    yield",
            "must not let a fixture act on tests that do not name it",
        ),
        (f"{GOOD}print('x')", "must hold only imports, constants, functions and classes at its top"),
        (f"{GOOD}json.loads = len", "must not assign to `json.loads`"),
        (f"from unittest import mock\n{GOOD}X = mock.ANY", "must not use `unittest.mock`"),
        (GOOD.replace("(call)", "(call, monkeypatch)"), "must not use `monkeypatch`"),
        (f"{GOOD}class Any:\n    def __eq__(self, other):\n        return True", "must not define `__eq__`"),
    ],
)
def test_what_a_run_cannot_show_is_refused(source: str, words: str) -> None:
    assert words in faults(source)


def data(given: dict[str, Any] | None, expected: dict[str, Any] | None, status: Any = None) -> tuple[Scenario, ...]:
    return (Scenario(name="hello", text="It works", given=given, expected=expected, status=status),)


@pytest.mark.parametrize(
    ("scenarios", "body"),
    [
        (data({"text": "hello"}, {"r": "HELLO"}), "assert call({'text': 'hello'})[1]['r'] == 'HELLO'"),
        (data({"n": 3}, {"r": -2.5}), "assert call({'n': 3.0})[1]['r'] == -2.5"),
        (data({"n": [1, {"x": "deep"}]}, None), "assert call({'n': [1, {'x': 'deep'}]})[1]['r'] == 2"),
        (data({"text": "a  b\nc"}, None), "assert call({'text': 'a b c and more'})[1]['r'] == 2"),
        (data({"data": "abc"}, {"ok": True}), "assert call(raw=b'abc')[0] == 200"),
        (data(None, None, 422), "assert call({})[0] == 422"),
        (data(None, None, "4xx"), "assert 400 <= call({})[0] < 500"),
    ],
)
def test_a_scenarios_data_are_in_its_test(scenarios: tuple[Scenario, ...], body: str) -> None:
    assert faults(written(body), scenarios) == ""


@pytest.mark.parametrize(
    ("scenarios", "words"),
    [
        (data({"text": "hullo"}, None), "must hold the value 'hullo' that the scenario names for `text`"),
        (data(None, {"r": "Hello"}), "must hold the value 'Hello' that the scenario names for `r`"),
        (data({"n": 4}, None), "must hold the value 4 that the scenario names for `n`"),
        (data({"deep": {"x": [1.5]}}, None), "must hold the value 1.5 that the scenario names for `deep`"),
        (data(None, None, 422), "must hold the value 422 that the scenario names for `status`"),
    ],
)
def test_a_value_that_is_missing_is_named(scenarios: tuple[Scenario, ...], words: str) -> None:
    body = "'''hullo Hello 4 1.5 422'''\nassert call({'text': 'hello', 'n': 3})[1]['r'] == 'HELLO'"
    assert words in faults(written(body), scenarios)


def test_data_may_be_in_a_constant_that_the_test_uses() -> None:
    source = "WORD = 'hello'\nOTHER = 'hullo'\n\n\ndef test_hello(call):\n    assert call({'t': WORD})[0] == 200"
    assert faults(source, data({"t": "hello"}, None)) == ""
    assert "'hullo'" in faults(source, data({"t": "hullo"}, None))


def test_nesting_that_nobody_writes_is_refused() -> None:
    source = read(written("assert call({})[1] == " + " + ".join(["'a'"] * 3000)))
    assert source.fault or "nested too deeply" in "\n".join(scenario_faults(source, HELLO))
