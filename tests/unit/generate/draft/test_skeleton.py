"""What follows from a specification is written out for the model, so that it need not invent it."""

from __future__ import annotations

from bot.generate.draft import FieldDraft, object_schema, skeleton
from bot.guard.source import Source
from bot.guard.tests import scenario_faults
from bot.values.service import Scenario, Spec


def field(name: str, kind: str, media_type: str = "") -> FieldDraft:
    return FieldDraft.model_validate({"name": name, "type": kind, "media_type": media_type, "description": ""})


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
    source = skeleton.tests(spec([field("text", "text")], [field("image", "file", "image/png")], scenario))
    assert "import base64\n" in source
    assert "    assert base64.b64decode(output.image).startswith(b'\\x89PNG\\r\\n\\x1a\\n')\n" in source
    assert scenario_faults(Source.read("test_executor.py", source), (scenario,)) == []


def test_what_is_only_said_in_words_is_left_open() -> None:
    scenario = Scenario(name="nice", text="it is nice", given={"text": "x"})
    source = skeleton.tests(
        spec([field("text", "text"), field("size", "integer")], [field("result", "text")], scenario)
    )
    assert source.endswith("def test_nice():\n    output = execute(Input(text='x', size=...))\n    ...")
