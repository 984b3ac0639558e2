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


def test_data_become_a_test_that_passes_the_guard() -> None:
    scenario = Scenario(name="half", text="1 and 2 give 0.5", given={"a": 1, "b": 2}, expected={"ratio": 0.5})
    source = skeleton.tests(spec([field("a", "integer"), field("b", "integer")], [field("ratio", "number")], scenario))
    assert source == (
        "import pytest\nfrom executor import Input, execute\n\n\ndef test_half():\n"
        "    output = execute(Input(a=1, b=2))\n    assert output.ratio == pytest.approx(0.5)"
    )
    assert scenario_faults(Source.read("test_executor.py", source), (scenario,)) == []


def test_a_file_is_known_by_its_first_bytes() -> None:
    scenario = Scenario(name="picture", text="hello gives a picture", given={"text": "hello"})
    source = skeleton.tests(
        spec([field("text", "text")], [field("image", "file", media_types=["image/png"])], scenario)
    )
    assert "import base64\n" in source
    assert "    assert base64.b64decode(output.image).startswith(b'\\x89PNG\\r\\n\\x1a\\n')\n" in source
    assert scenario_faults(Source.read("test_executor.py", source), (scenario,)) == []


def test_what_is_only_said_in_words_is_left_open() -> None:
    scenario = Scenario(name="nice", text="it is nice", given={"text": "x"})
    source = skeleton.tests(
        spec([field("text", "text"), field("size", "integer")], [field("result", "text")], scenario)
    )
    assert source.endswith("def test_nice():\n    output = execute(Input(text='x', size=...))\n    ...")


def judged(written: Spec) -> list[str]:
    """Return what the guard says of the tests that a specification leads to."""
    requests = {part.name: skeleton.literal_request(part, written) for part in written.scenarios}
    literal = {name: request for name, request in requests.items() if request is not None}
    return scenario_faults(
        Source.read("test_executor.py", skeleton.tests(written)), written.scenarios, requests=literal
    )


def test_a_literal_request_is_sent_as_it_is() -> None:
    scenario = Scenario(
        name="x", text="x", request={"maxWords": 2, "text": "a"}, given={"maxWords": 2}, expected={"result": "A"}
    )
    written = spec([field("text", "text"), field("maxWords", "integer")], [field("result", "text")], scenario)
    assert "    output = execute(Input(max_words=2, text='a'))\n" in skeleton.tests(written)
    assert judged(written) == []


def test_a_request_without_a_required_field_is_filled_in_unless_it_shall_be_refused() -> None:
    inputs, outputs = [field("text", "text"), field("margin", "integer")], [field("result", "text")]
    scenario = Scenario(name="x", text="x", request={"text": "a"}, expected={"result": "A"})
    assert "Input(text='a', margin=...)" in skeleton.tests(spec(inputs, outputs, scenario))
    refused = scenario.model_copy(update={"status": 422, "expected": None})
    assert "Input(text='a'))" in skeleton.tests(spec(inputs, outputs, refused))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("4xx", "    with pytest.raises((HTTPException, ValidationError)):\n        execute(Input(text=''))"),
        (422, "    with pytest.raises((HTTPException, ValidationError)):\n        execute(Input(text=''))"),
        (
            404,
            "    with pytest.raises(HTTPException) as refusal:\n        execute(Input(text=''))\n"
            "    assert refusal.value.status_code == 404",
        ),
    ],
)
def test_a_refusal_is_expected(status: Any, body: str) -> None:
    scenario = Scenario(name="x", text="an empty text is refused", request={"text": ""}, status=status)
    written = spec([field("text", "text")], [field("result", "text")], scenario)
    source = skeleton.tests(written)
    assert source.endswith(f"def test_x():\n{body}")
    assert "from fastapi import HTTPException" in source
    assert judged(written) == []
