"""What the playground makes of an OpenAPI document, and what it sends."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.unit.playground.documents import document


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
        ("rows", {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}, "table"),
        ("item", {"$ref": "#/components/schemas/Item"}, "object"),
        ("tags", {"type": "array", "items": {"type": "string"}}, "list"),
        ("modes", {"type": "array", "items": {"$ref": "#/components/schemas/Mode"}}, "list"),
        ("matrix", {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, "json"),
        ("labels", {"type": "object", "additionalProperties": {"type": "integer"}}, "map"),
        ("anything", {"type": "object", "additionalProperties": True}, "json"),
        ("csv", {"type": "string", "contentMediaType": "text/csv"}, "text file"),
        ("size", {"type": ["integer", "null"]}, "integer"),
        ("any", {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "json"),
        ("scan", {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/pdf"}, "file"),
        ("scan", {"anyOf": [{"type": "string"}, {"type": "null"}], "contentEncoding": "base64"}, "file"),
        ("scans", {"type": "array", "items": {"type": "string", "contentEncoding": "base64"}}, "files"),
    ],
)
def test_a_schema_becomes_a_field(form: ModuleType, name: str, schema: dict[str, Any], kind: str) -> None:
    [field] = form.read_form(document({name: schema}))
    assert field.kind == kind


def test_the_form_starts_with_the_example_and_knows_the_default(form: ModuleType) -> None:
    properties = {"b": {"type": "string", "default": "d"}, "a": {"type": "string"}, "c": {}}
    fields = form.read_form(document(properties, {"a": "e"}, required=["a"]))
    assert [(field.name, field.value, field.default, field.required) for field in fields] == [
        ("a", "e", None, True),
        ("b", None, "d", False),
        ("c", None, None, False),
    ]


@pytest.mark.parametrize(
    ("name", "schema", "label"),
    [
        ("maxWords", {"title": "Maxwords"}, "Max words"),
        ("max-words", {"title": "Max-Words"}, "Max words"),
        ("image_url", {}, "Image url"),
        ("VAT", {"title": "Vat"}, "VAT"),
        ("n", {"title": "Number of rows"}, "Number of rows"),
        ("customer", {"$ref": "#/components/schemas/Item"}, "Customer"),
    ],
)
def test_a_label_is_the_name_in_words(form: ModuleType, name: str, schema: dict[str, Any], label: str) -> None:
    [field] = form.read_form(document({name: schema}))
    assert field.label == label


CASES = Path(__file__).parents[2] / "data" / "openapi"


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        ("integer", "1009513310189256287", 1009513310189256287),
        ("integer", " -9223372036854775808 ", -(2**63)),
        ("number", "0.00012", 0.00012),
        ("number", "1e-7", 1e-7),
        ("number", "9007199254740993", 9007199254740993),
        ("number", "3", 3),
    ],
)
def test_numbers_are_sent_as_they_were_typed(
    form: ModuleType, entered: ModuleType, kind: str, typed: str, number: float
) -> None:
    fields = form.read_form(document({"n": {"type": kind}}, required=["n"]))
    body, faults = entered.collect(fields, {"n": typed}, {})
    assert (body, faults) == ({"n": number}, [])
    assert form.as_text(number) == json.dumps(body["n"])


@pytest.mark.parametrize(
    ("schema", "typed", "fault"),
    [
        ({"type": "integer", "exclusiveMinimum": 0}, "0", "N: must be more than 0"),
        ({"type": "integer", "maximum": 9223372036854775807}, "9223372036854775808", "must be at most 92233720368547"),
        ({"type": "number", "minimum": 0.00012}, "0.0001", "N: must be at least 0.00012"),
        ({"type": "number", "exclusiveMaximum": 1}, "1.0", "N: must be less than 1"),
        ({"type": "integer"}, "1.5", "N: 1.5 is not a whole number"),
        ({"type": "number"}, "nan", "N: nan is not a number"),
        ({"type": "number"}, "", "N is needed."),
        ({"type": "array"}, "[1,", "N: not valid JSON"),
    ],
)
def test_what_cannot_be_sent_is_named(
    form: ModuleType, entered: ModuleType, schema: dict[str, Any], typed: str, fault: str
) -> None:
    fields = form.read_form(document({"n": schema}, required=["n"]))
    body, faults = entered.collect(fields, {"n": typed}, {})
    assert body == {}
    assert fault in faults[0]


def test_what_is_left_empty_is_not_sent(form: ModuleType, entered: ModuleType) -> None:
    item = {"$ref": "#/components/schemas/Item"}
    properties = {
        "text": {"type": "string"},
        "margin": {"type": "integer", "default": 4},
        "strict": {"type": "boolean", "default": False},
        "mode": {"$ref": "#/components/schemas/Mode"},
        "item": item,
        "rows": {"type": "array", "items": item},
        "note": {"type": ["string", "null"]},
    }
    fields = form.read_form(document(properties, required=["text", "note"]))
    untouched: dict[str, Any] = {
        "text": "hello",
        "margin": "",
        "strict": None,
        "mode": None,
        "item": {"sku": "", "price": "", "note": "", "new": None, "sizes": []},
        "rows": [{"sku": None, "price": "", "note": None, "new": None, "sizes": None}],
        "note": "",
    }
    assert entered.collect(fields, untouched, {}) == ({"text": "hello", "note": None}, [])
    touched = untouched | {"strict": False, "item": untouched["item"] | {"sku": "a"}}
    assert entered.collect(fields, touched, {}) == (
        {"text": "hello", "note": None, "strict": False, "item": {"sku": "a"}},
        ["Item › Price is needed."],
    )


def test_files_of_several_types_and_of_text(form: ModuleType, entered: ModuleType) -> None:
    media = {"contentMediaType": "image/*", "x-media-types": ["image/png", "image/jpeg"]}
    properties = {
        "picture": {"type": "string", "contentEncoding": "base64", **media},
        "table": {"type": "string", "contentMediaType": "text/csv"},
        "any": {"type": "string", "contentEncoding": "base64"},
    }
    picture, table, anything = fields = form.read_form(document(properties))
    assert picture.suffixes == ("png", "jpg", "jpeg")
    assert "csv" in table.suffixes
    assert anything.suffixes == ()
    typed = {"picture": None, "table": "a,b", "any": None}
    assert entered.collect(fields, typed, {}) == ({"table": "a,b"}, [])
    uploaded = {"picture": BytesIO(b"\x89PNG"), "table": BytesIO("\ufeffä,b".encode()), "any": None}
    assert entered.collect(fields, uploaded, {}) == ({"picture": "iVBORw==", "table": "ä,b"}, [])
    assert entered.collect(fields, typed | {"table": BytesIO(b"\xff")}, {})[1] == [
        "Table: the file is not text in UTF-8"
    ]


def test_rows_become_lists_and_maps(form: ModuleType, entered: ModuleType) -> None:
    example = {
        "items": [{"sku": "a", "price": 0.00012, "new": True, "sizes": [1, 2]}],
        "tags": ["x", "y"],
        "labels": {"a": 9007199254740993},
    }
    properties = {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
    }
    fields = form.read_form(document(properties, example, required=list(properties)))
    rows = {field.name: entered.rows_of(field) for field in fields}
    assert rows["items"] == [{"sku": "a", "price": "0.00012", "note": None, "new": True, "sizes": "[1, 2]"}]
    assert entered.collect(fields, rows, example) == (example, [])
    rows["items"].append({"sku": "b", "price": "0"})
    assert entered.collect(fields, rows, example)[1] == ["Items, row 2: Price: must be more than 0"]
    rows["items"][1] = {"sku": "b", "price": None}
    assert entered.collect(fields, rows, example)[1] == ["Items, row 2: Price is needed."]
    assert entered.collect(fields, {name: [] for name in rows}, {}) == ({"items": [], "tags": [], "labels": {}}, [])


def drawn(page: dict[str, Any]) -> AppTest:
    """Draw the form of an OpenAPI document; what is sent stands in the session under `sent`."""

    script = f"import streamlit\nfrom widgets import show_form\nstreamlit.session_state['sent'] = show_form({page!r})\n"
    return AppTest.from_string(script, default_timeout=60).run()


def pressed(app: AppTest) -> Any:
    app.button[0].click().run()
    assert not app.exception
    return app.session_state["sent"]


@pytest.mark.parametrize("case", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_the_form_shows_and_sends_numbers_exactly(case: Path) -> None:
    page = json.loads(case.read_text())
    content = page["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
    example = content["examples"]["example"]["value"]
    app = drawn(page)
    assert not app.exception
    assert app.text_input[0].value == json.dumps(next(iter(example.values())))
    assert pressed(app) == example


def test_optional_fields_are_folded_away_and_not_sent_untouched() -> None:
    properties = {
        "text": {"type": "string", "maxLength": 50},
        "margin": {"type": "integer", "default": 4, "minimum": 0},
        "strict": {"type": "boolean", "default": True},
        "mode": {"$ref": "#/components/schemas/Mode"},
        "tags": {"type": "array", "items": {"type": "string"}},
    }
    app = drawn(document(properties, {"text": "hello"}, required=["text"]))
    assert [expander.label for expander in app.expander] == ["Optional"]
    assert not app.expander[0].proto.expanded
    assert [box.label for box in app.expander[0].selectbox] == ["Strict :gray[(optional)]", "Mode :gray[(optional)]"]
    assert app.expander[0].text_input[0].placeholder == "4"
    assert pressed(app) == {"text": "hello"}
    app.expander[0].text_input[0].input("7")
    app.expander[0].selectbox[0].select(False)
    app.expander[0].selectbox[1].select("good")
    assert pressed(app) == {"text": "hello", "margin": 7, "strict": False, "mode": "good"}
    app.expander[0].text_input[0].input("-7")
    assert pressed(app) is None
    assert [error.value for error in app.error] == [r"Margin\: must be at least 0"]


def test_objects_and_tables_are_fields_of_their_own() -> None:
    item = {"sku": "a", "price": 1.5, "sizes": [1]}
    example = {"customer": item, "items": [item, item | {"new": True}]}
    properties = {
        "customer": {"$ref": "#/components/schemas/Item"},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
    }
    app = drawn(document(properties, example, required=["customer", "items"]))
    assert not app.text_area
    assert [entry.label for entry in app.text_input] == ["Sku", "Price", "Note :gray[(optional)]"]
    assert pressed(app) == example
