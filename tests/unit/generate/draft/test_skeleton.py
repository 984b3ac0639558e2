"""What follows from a specification is written out for the model, so that it need not invent it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generate.draft import FieldDraft, object_schema, skeleton
from bot.guard.source import Source
from bot.guard.tests import scenario_faults
from bot.values.service import Scenario, Spec
from tests.fakes.fields import field


def spec(inputs: list[FieldDraft], outputs: list[FieldDraft], *scenarios: Scenario) -> Spec:
    return Spec(
        slug="s",
        title="S",
        summary="",
        input_schema=object_schema(inputs),
        output_schema=object_schema(outputs),
        scenarios=scenarios,
    )


def judged(written: Spec) -> list[str]:
    """Return what the guard says of the tests that a specification leads to."""
    return scenario_faults(Source.read("test_executor.py", skeleton.tests(written)), written.scenarios)


def test_data_become_a_test_that_passes_the_guard() -> None:
    scenario = Scenario(name="half", text="1 and 2 give 0.5", given={"a": 1, "b": 2}, expected={"ratio": 0.5})
    written = spec([field("a", "integer"), field("b", "integer")], [field("ratio", "number")], scenario)
    assert skeleton.tests(written) == (
        "import pytest\n\n\ndef test_half(call):\n"
        "    status, answer = call({'a': 1, 'b': 2})\n    assert status == 200\n"
        "    assert answer['ratio'] == pytest.approx(0.5)\n    # and what else the test says"
    )
    assert judged(written) == []


def test_a_file_is_known_by_its_first_bytes() -> None:
    scenario = Scenario(name="picture", text="hello gives a picture", given={"text": "hello"})
    written = spec([field("text", "text")], [field("image", "file", media_types=["image/png"])], scenario)
    source = skeleton.tests(written)
    assert "def test_picture(call, decoded):\n" in source
    assert "    assert decoded(answer['image']).startswith(b'\\x89PNG\\r\\n\\x1a\\n')\n" in source
    assert judged(written) == []


def test_what_is_only_said_in_words_is_left_open() -> None:
    scenario = Scenario(name="nice", text="it is nice", given={"text": "x"})
    written = spec([field("text", "text"), field("size", "integer")], [field("result", "text")], scenario)
    assert skeleton.tests(written).endswith(
        "def test_nice(call):\n    status, answer = call({'text': 'x', 'size': ...})\n    assert status == 200\n    ..."
    )


def test_a_literal_request_is_sent_and_a_literal_answer_expected_as_they_are() -> None:
    scenario = Scenario(
        name="x",
        text="x",
        request={"maxWords": 2, "class": "a"},
        answer={"result": {"n": [1]}},
        given={"class": "a"},
        expected={"result": {"n": [1]}},
    )
    inputs = [field("class", "text"), field("maxWords", "integer"), field("margin", "integer", required=False)]
    written = spec(inputs, [field("result", "object")], scenario)
    assert skeleton.tests(written) == (
        "def test_x(call):\n    status, answer = call({'maxWords': 2, 'class': 'a'})\n    assert status == 200\n"
        "    assert answer['result'] == {'n': [1]}"
    )
    assert judged(written) == []


@pytest.mark.parametrize(("status", "line"), [("4xx", "assert 400 <= status < 500"), (404, "assert status == 404")])
def test_a_refusal_is_expected(status: Any, line: str) -> None:
    scenario = Scenario(name="x", text="an empty text is refused", request={"text": ""}, status=status)
    written = spec([field("text", "text")], [field("result", "text")], scenario)
    assert skeleton.tests(written) == f"def test_x(call):\n    status, _ = call({{'text': ''}})\n    {line}"
    assert judged(written) == []


@pytest.mark.parametrize(
    ("words", "assertion"),
    [
        ('"x" gives "abc"', "answer['html'] == 'abc'"),
        ('the service answers with "abc"', "answer['html'] == 'abc'"),
        ("html contains `abc`", "'abc' in answer['html']"),
        ("HTML that contains: `abc`, and more", "'abc' in answer['html']"),
        ('a heading with "abc"', "'abc' in answer['html']"),
        ('it starts with "abc"', "answer['html'].startswith('abc')"),
        ('Das Ergebnis endet mit "abc"', "answer['html'].endswith('abc')"),
    ],
)
def test_a_part_of_an_answer_is_no_whole_answer(words: str, assertion: str) -> None:
    scenario = Scenario(name="part", text=words, given={"text": "x"}, expected={"html": "abc"})
    source = skeleton.tests(spec([field("text", "text")], [field("html", "text")], scenario))
    assert source.endswith(f"    assert {assertion}\n    # and what else the test says")
