"""What the playground makes of an OpenAPI document and of answers."""

from __future__ import annotations

import base64
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from bot.render import templates_dir

PNG = base64.b64encode(b"\x89PNG rest").decode()


@pytest.fixture(scope="module", autouse=True)
def on_path() -> Iterator[None]:
    folder = str(templates_dir() / "platform")
    sys.path.insert(0, folder)
    yield
    sys.path.remove(folder)


@pytest.fixture
def form() -> ModuleType:
    return importlib.import_module("form")


@pytest.fixture
def answer() -> ModuleType:
    return importlib.import_module("answer")


def document(properties: dict[str, Any], example: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Input"},
        "examples": {"example": {"value": example or {}}},
    }
    return {
        "paths": {
            "/execute": {
                "post": {
                    "requestBody": {"content": {"application/json": content}},
                    "responses": {
                        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Output"}}}}
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Input": {"type": "object", "properties": properties, "required": more.get("required", [])},
                "Output": {"type": "object", "properties": properties},
                "Mode": {"enum": ["fast", "good"], "type": "string", "title": "Mode"},
            }
        },
    }


@pytest.mark.parametrize(
    ("name", "schema", "kind"),
    [
        ("title", {"type": "string"}, "text"),
        ("text", {"type": "string"}, "long text"),
        ("n", {"type": "integer"}, "integer"),
        ("x", {"anyOf": [{"type": "number"}, {"type": "null"}]}, "number"),
        ("strict", {"type": "boolean"}, "boolean"),
        ("mode", {"$ref": "#/components/schemas/Mode"}, "choice"),
        ("mode", {"allOf": [{"$ref": "#/components/schemas/Mode"}], "default": "good"}, "choice"),
        ("only", {"const": "a", "type": "string"}, "choice"),
        ("rows", {"type": "array", "items": {"type": "object"}}, "json"),
        ("any", {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "json"),
        ("scan", {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/pdf"}, "file"),
        ("scan", {"anyOf": [{"type": "string"}, {"type": "null"}], "contentEncoding": "base64"}, "file"),
        ("scans", {"type": "array", "items": {"type": "string", "contentEncoding": "base64"}}, "files"),
    ],
)
def test_a_schema_becomes_a_field(form: ModuleType, name: str, schema: dict[str, Any], kind: str) -> None:
    [field] = form.read_form(document({name: schema}))
    assert field.kind == kind


def test_the_form_starts_with_the_example_then_the_default(form: ModuleType) -> None:
    properties = {"b": {"type": "string", "default": "d"}, "a": {"type": "string", "default": "d"}, "c": {}}
    fields = form.read_form(document(properties, {"a": "e"}, required=["a"]))
    assert [(field.name, field.value, field.required) for field in fields] == [
        ("a", "e", True),
        ("b", "d", False),
        ("c", None, False),
    ]


def test_bounds_of_whole_numbers_are_inclusive(form: ModuleType) -> None:
    [field] = form.read_form(document({"n": {"type": "integer", "exclusiveMinimum": 0, "maximum": 9}}))
    assert (field.minimum, field.maximum) == (1, 9)


def test_text_that_is_not_json_is_named(form: ModuleType) -> None:
    [field] = form.read_form(document({"rows": {"type": "array"}}))
    assert form.read_json(field, "[1]") == [1]
    with pytest.raises(form.BadInput, match="Rows: not valid JSON"):
        form.read_json(field, "[1,")


@pytest.mark.parametrize(
    ("value", "schema", "kind"),
    [
        (PNG, {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}, "image"),
        (PNG, {"type": "string", "contentEncoding": "base64"}, "image"),
        (f"data:image/png;base64,{PNG}", {"type": "string"}, "image"),
        ("!!", {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}, "value"),
        ("aGk=", {"type": "string", "contentEncoding": "base64", "contentMediaType": "audio/wav"}, "audio"),
        ("aGk=", {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/pdf"}, "download"),
        ("PGI+", {"type": "string", "contentEncoding": "base64", "contentMediaType": "text/html"}, "html"),
        ("<b>", {"type": "string", "contentMediaType": "text/html"}, "html"),
        ("<svg/>", {"type": "string", "contentMediaType": "image/svg+xml"}, "image"),
        ("short", {"type": "string"}, "value"),
        ("two\nlines", {"type": "string"}, "text"),
        ([{"a": 1}], {}, "table"),
        ([{"a": []}], {}, "json"),
        ([], {}, "json"),
        (True, {}, "value"),
        (None, {}, "nothing"),
    ],
)
def test_an_answer_is_shown_by_its_media_type(
    answer: ModuleType, value: Any, schema: dict[str, Any], kind: str
) -> None:
    [part] = answer.read_answer({"x": value}, answer.answer_schema(document({"x": schema})))
    assert part.kind == kind


def test_media_come_first_and_files_get_their_suffix(answer: ModuleType) -> None:
    schema = {"image": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}}
    parts = answer.read_answer({"note": "n", "image": PNG}, answer.answer_schema(document(schema)))
    assert [part.name for part in parts] == ["image", "note"]
    assert parts[0].file_name == "image.png"


def test_the_curl_command_survives_quotes_and_big_bodies(answer: ModuleType) -> None:
    assert """'{"text": "it'\\''s"}'""" in answer.curl("http://a.localhost/execute", {"text": "it's"})
    assert "@request.json" in answer.curl("http://a.localhost/execute", {"text": "x" * 5000})


@pytest.mark.parametrize(
    ("status", "body", "sentences"),
    [
        (
            422,
            {"detail": [{"loc": ["body", "rows", 0, "name"], "msg": "Field required"}]},
            ["Rows › 0 › name: Field required"],
        ),
        (422, {"detail": "Not a PDF."}, ["Not a PDF."]),
        (
            500,
            {"detail": "It failed.", "request_id": "ab"},
            ["It failed.", "The log has the cause under request id ab."],
        ),
        (502, None, ["The service is not reachable right now. It may be restarting: try again in a moment."]),
        (413, None, ["That is more than the platform accepts in one request."]),
        (418, "?", ["The service answered with status 418."]),
    ],
)
def test_a_failed_request_is_explained(answer: ModuleType, status: int, body: Any, sentences: list[str]) -> None:
    assert answer.explain(status, body) == sentences
