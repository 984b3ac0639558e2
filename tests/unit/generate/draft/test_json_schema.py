"""From drafted fields to JSON schemas: what people say of a field is kept, and what no field can be is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.generate.draft import object_schema
from tests.fakes.fields import field

BASE64 = {"type": "string", "contentEncoding": "base64"}


@pytest.mark.parametrize(
    ("kind", "changes", "schema"),
    [
        ("text", {"description": "Some\n text"}, {"type": "string", "description": "Some text"}),
        ("String", {}, {"type": "string"}),
        ("list of strings", {}, {"type": "array", "items": {"type": "string"}}),
        ("array of integers", {}, {"type": "array", "items": {"type": "integer"}}),
        ("rows of numbers", {}, {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}),
        ("dict of int", {}, {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("any", {}, {}),
        ("url", {}, {"type": "string", "format": "uri"}),
        ("file", {"media_types": ["image/png"]}, {**BASE64, "contentMediaType": "image/png"}),
        ("file", {"media_types": ["PNG"]}, {**BASE64, "contentMediaType": "image/png"}),
        ("file", {"media_types": ["whatever"]}, {**BASE64, "contentMediaType": "application/octet-stream"}),
        (
            "file",
            {"media_types": ["image/png", "image/jpeg"]},
            {**BASE64, "contentMediaType": "image/*", "x-media-types": ["image/png", "image/jpeg"]},
        ),
        (
            "file",
            {"media_types": ["application/pdf", "text/csv"]},
            {
                **BASE64,
                "contentMediaType": "application/octet-stream",
                "x-media-types": ["application/pdf", "text/csv"],
            },
        ),
        ("file", {"media_types": ["text/html"]}, {"type": "string", "contentMediaType": "text/html"}),
        ("text", {"media_types": ["text/plain"]}, {"type": "string"}),
        ("text", {"nullable": True}, {"type": ["string", "null"]}),
        (
            "text",
            {"nullable": True, "choices": ["a", "b", "a"]},
            {"type": ["string", "null"], "enum": ["a", "b", None]},
        ),
        ("number", {"choices": ["1", "2.5"]}, {"type": "number", "enum": [1, 2.5]}),
        (
            "integer",
            {"limits": {"minimum": "0", "maximum": "9223372036854775807"}},
            {"type": "integer", "minimum": 0, "maximum": 9223372036854775807},
        ),
        ("integer", {"limits": {"exclusiveMinimum": "0.5"}}, {"type": "integer", "minimum": 1}),
        ("number", {"limits": {"maximum": "1_000"}}, {"type": "number", "maximum": 1000}),
        ("text", {"limits": {"minimum": "3"}}, {"type": "string", "minLength": 3}),
        ("list of number", {"limits": {"minLength": 1}}, {"type": "array", "items": {"type": "number"}, "minItems": 1}),
        (
            "list of text",
            {"limits": {"maxLength": 9, "maxItems": 2}},
            {"type": "array", "items": {"type": "string", "maxLength": 9}, "maxItems": 2},
        ),
        (
            "map of text",
            {"limits": {"maxItems": 2}},
            {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 2},
        ),
    ],
)
def test_a_field_becomes_a_schema(kind: str, changes: dict[str, Any], schema: dict[str, Any]) -> None:
    made = object_schema([field("x", kind, **changes)])
    assert made == {"type": "object", "properties": {"x": schema}, "required": ["x"]}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "4", 4),
        ("text", "en", "en"),
        ("text", '"en"', "en"),
        ("text", "4", "4"),
        ("text", '""', ""),
        ("boolean", "True", True),
        ("list of text", "[]", []),
        ("json", '{"a": null}', {"a": None}),
        ("integer", "null", None),
        ("date", "2026-01-31", "2026-01-31"),
    ],
)
def test_a_field_with_a_default_is_optional(kind: str, text: str, value: Any) -> None:
    schema = object_schema([field("x", kind, default=text)])
    assert schema["properties"]["x"]["default"] == value
    assert "required" not in schema


def test_names_are_the_persons() -> None:
    names = ["maxWords", "from", "class", "max-words", "größe", ".env", "a b"]
    assert list(object_schema([field(name) for name in names])["properties"]) == names


def test_fields_within_fields_make_objects() -> None:
    schema = object_schema(
        [
            field("items", "list of object", required=False),
            field("items[].price", "number"),
            field("items[].sizes[].name", required=False),
            field("address.city", description="The city"),
            field("people{}.age", "integer"),
            field("tags[]", "text"),
            field("tags", "integer"),
        ]
    )
    name = {"type": "object", "properties": {"name": {"type": "string"}}}
    item = {"price": {"type": "number"}, "sizes": {"type": "array", "items": name}}
    age = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    city = {"type": "string", "description": "The city"}
    assert schema == {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"type": "object", "properties": item, "required": ["price"]}},
            "address": {"type": "object", "properties": {"city": city}, "required": ["city"]},
            "people": {"type": "object", "additionalProperties": age},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["address", "people", "tags"],
    }


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("integer", {"default": "wide"}, "the default of `x` must be an integer, not wide"),
        ("integer", {"default": "5", "limits": {"maximum": 4}}, "the default of `x` is 5, against maximum: 4"),
        ("text", {"default": "c", "choices": ["a", "b"]}, "must be one of 'a', 'b'"),
        ("integer", {"choices": ["one"]}, "the choice 'one' does not fit"),
        ("text", {"limits": {"pattern": "("}}, "is no regular expression"),
        ("integer", {"limits": {"minimum": "low"}}, "must be a number"),
        ("integer", {"limits": {"minimum": 5, "maximum": 4}}, "minimum of `x` is above its maximum"),
        ("list of text", {"limits": {"minItems": 5, "maxItems": 4}}, "minItems of `x` is above its maxItems"),
        ("map of text", {"limits": {"minItems": 5, "maxItems": 4}}, "minProperties of `x` is above its maxProperties"),
        ("text", {"limits": {"minLength": -1}}, "must be a number"),
        ("number", {"limits": {"multipleOf": 0}}, "must be above 0"),
        ("boolean", {"limits": {"minimum": 1}}, "cannot have the limit minimum"),
        ("date", {"default": "31.1.2026"}, "must be a date such as 2026-01-31"),
    ],
)
def test_what_no_field_can_be_is_refused(kind: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        object_schema([field("x", kind, **changes)])


def test_an_unknown_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValidationError, match="must be one of text, integer, number"):
        field("x", "picture of text")
