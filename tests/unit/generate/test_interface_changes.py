"""Old and new interface compared: which fields came, went and changed, and what may break callers."""

from __future__ import annotations

import pytest

from bot.generate.draft import FieldDraft, object_schema
from bot.generate.interface_changes import interface_changes
from bot.values.service import Spec
from tests.fakes.fields import field
from tests.unit.generate.files.test_assemble import SPEC

TEXT = field("text")


def spec(inputs: list[FieldDraft], outputs: list[FieldDraft]) -> Spec:
    fields = {"input_schema": object_schema(inputs), "output_schema": object_schema(outputs)}
    return SPEC.model_copy(update=fields)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([TEXT], [TEXT], []),
        ([TEXT], [field("text", description="Other words")], []),
        (
            [TEXT],
            [TEXT, field("border", "integer", required=False, default="4")],
            [("request: `border` is new (integer, optional, default `4`)", False)],
        ),
        ([TEXT], [TEXT, field("size", "integer")], [("request: `size` is new (integer, required)", True)]),
        ([TEXT, field("size", "integer")], [TEXT], [("request: `size` is gone", True)]),
        ([TEXT], [field("text", required=False)], [("request: `text` is optional now", False)]),
        ([field("text", required=False)], [TEXT], [("request: `text` is required now", True)]),
        ([TEXT], [field("text", "integer")], [('request: `text`: type `"string"` → `"integer"`', True)]),
        (
            [field("text", limits={"maxLength": 40})],
            [field("text", limits={"maxLength": 80})],
            [("request: `text`: maxLength `40` → `80`", False)],
        ),
        (
            [field("text", limits={"minLength": 1})],
            [field("text", limits={"minLength": 2})],
            [("request: `text`: minLength `1` → `2`", True)],
        ),
        ([TEXT], [field("text", limits={"maxLength": 9})], [("request: `text`: maxLength none → `9`", True)]),
        (
            [field("text", choices=["a"])],
            [field("text", choices=["a", "b"])],
            [('request: `text`: enum `["a"]` → `["a", "b"]`', False)],
        ),
        (
            [field("text", choices=["a", "b"])],
            [field("text", choices=["a"])],
            [('request: `text`: enum `["a", "b"]` → `["a"]`', True)],
        ),
    ],
)
def test_the_request(before: list[FieldDraft], after: list[FieldDraft], changes: list[tuple[str, bool]]) -> None:
    result = [field("result")]
    found = interface_changes(spec(before, result), spec(after, result))
    assert [(str(change.text), change.breaks) for change in found] == changes


def test_the_answer_breaks_where_something_is_no_longer_sure_to_be_there() -> None:
    before = spec([TEXT], [field("result"), field("size", "integer")])
    after = spec([TEXT], [field("result", required=False), field("width", "integer")])
    assert [(str(change.text), change.breaks) for change in interface_changes(before, after)] == [
        ("answer: `result` is optional now", True),
        ("answer: `width` is new (integer)", False),
        ("answer: `size` is gone", True),
    ]
