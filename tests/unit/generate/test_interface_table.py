"""A service's request as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generate import interface_rows
from bot.generate.draft import object_schema
from tests.fakes.fields import field


@pytest.mark.parametrize(
    ("kind", "changes", "row"),
    [
        ("text", {}, ("text", "required", "")),
        ("text", {"required": False}, ("text", "optional", "")),
        ("text", {"default": '"!"'}, ("text", 'optional, `"!"` without it', "")),
        ("text", {"nullable": True}, ("text or null", "required", "")),
        ("text", {"limits": {"minLength": 1, "maxLength": 80}}, ("text", "required", "1 to 80 characters")),
        ("text", {"limits": {"pattern": "[a-z]+"}}, ("text", "required", 'matches `"[a-z]+"`')),
        ("text", {"media_types": ["text/html"]}, ("text (text/html)", "required", "")),
        ("text", {"choices": ["a", "b|c"]}, ("text", "required", 'one of `"a"`, `"b|c"`')),
        ("number", {"limits": {"exclusiveMinimum": 0, "maximum": 1}}, ("number", "required", "at most 1; above 0")),
        ("integer", {"limits": {"minimum": 4}, "default": "4"}, ("integer", "optional, `4` without it", "at least 4")),
        ("date", {}, ("date", "required", "")),
        ("file", {"media_types": ["image/png", "image/jpeg"]}, ("file (image/png, image/jpeg)", "required", "")),
        ("list of date", {"limits": {"maxItems": 9}}, ("list of date", "required", "at most 9 entries")),
        ("list of integer", {"limits": {"minimum": 1}}, ("list of integer", "required", "each at least 1")),
        ("map of number", {}, ("map of number", "required", "")),
        ("json", {}, ("any JSON", "required", "")),
    ],
)
def test_a_field_in_words(kind: str, changes: dict[str, Any], row: tuple[str, ...]) -> None:
    schema = object_schema([field("size", kind, **changes, description="How large.")])
    assert [tuple(map(str, found)) for found in interface_rows(schema)] == [("`size`", *row, "How large.")]


def test_fields_within_others_follow_with_their_path() -> None:
    fields = [
        field("buyer", "object"),
        field("buyer.name"),
        field("items[].price", "number"),
        field("tags{}.on", "date"),
    ]
    names = [(row.name, str(row.kind)) for row in interface_rows(object_schema(fields))]
    assert names == [
        ("`buyer`", "object"),
        ("`buyer.name`", "text"),
        ("`items`", "list of object"),
        ("`items[].price`", "number"),
        ("`tags`", "map of object"),
        ("`tags{}.on`", "date"),
    ]
