"""The classes of interface.py accept and refuse what the JSON schemas do, whatever the fields are."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.generate.draft import example_shape, interface_source, object_schema
from bot.generate.samples import filled
from bot.guard.example import type_of, value_faults
from bot.values.service import Scenario, Spec
from tests.fakes.fields import draft, field

PROPERTY = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
NAMES = st.sampled_from(
    [
        "text",
        "maxWords",
        "max-words",
        "max_words",
        "from",
        "class",
        "str",
        "model_config",
        "json",
        "größe",
        "1st",
        "@id",
    ]
)
TEXTS = st.text(string.ascii_lowercase + " '\"\\ä", max_size=8)
INTEGERS = st.one_of(st.integers(-9, 9), st.sampled_from([2**53 + 1, 2**63 - 1, -(2**63), 2**70]))
# JSON schema takes 1.0 for an integer, and pydantic does not, so no number here is both.
NUMBERS = st.sampled_from([0.5, -0.5, 1.25, 0.00012, 1e300])
JUNK = st.one_of(st.none(), st.booleans(), INTEGERS, NUMBERS, TEXTS, st.just([]), st.just({}), st.just(["x"]))
VALID: dict[str, list[str]] = {
    "date": ["2026-01-31", "2024-02-29"],
    "date-time": ["2026-01-31T12:30:00Z", "2026-01-31 12:30:00+02:00"],
    "email": ["ada@example.com"],
    "uri": ["https://example.com/a?b", "mailto:ada@example.com"],
    "uuid": ["123e4567-e89b-42d3-a456-426614174000"],
    "base64": ["aGVsbG8=", "eA=="],
}
SCALARS = ("text", "integer", "number", "boolean", "date", "date-time", "email", "uri", "uuid", "file", "json")


@st.composite
def fields(draw: st.DrawFn, prefix: str = "", depth: int = 0) -> list[dict[str, Any]]:
    """Draft fields, up to three levels deep."""
    made: list[dict[str, Any]] = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        base = draw(st.sampled_from([*SCALARS, "object"]))
        shape = draw(st.sampled_from(["", "", "list of ", "rows of ", "map of "]))
        nested = base == "object" and shape != "rows of " and depth < 2 and draw(st.booleans())
        changes: dict[str, Any] = {
            "required": draw(st.booleans()),
            "nullable": base != "json" and draw(st.booleans()),
            "description": draw(TEXTS),
            "media_types": draw(st.sampled_from([[], ["image/png"], ["image/png", "image/jpeg"], ["text/csv"]])),
        }
        if shape == "" and not nested:
            changes |= draw(limits_of(base))
        elif shape == "list of ":
            changes["limits"] = draw(st.sampled_from([{}, {"minItems": 1}, {"minItems": 1, "maxItems": 2}]))
            changes["default"] = draw(st.sampled_from(["", "[]"])) if not changes["limits"] else ""
        elif shape == "map of " and draw(st.booleans()):
            changes["limits"] = draw(st.sampled_from([{"maxItems": 1}, {"minItems": 1}, {"minItems": 2}]))
        made.append(draft(f"{prefix}{name}", f"{shape}{base}", **changes))
        if nested:
            brackets = {"list of ": "[]", "map of ": "{}"}.get(shape, "")
            made += draw(fields(f"{prefix}{name}{brackets}.", depth + 1))
    return made


@st.composite
def limits_of(draw: st.DrawFn, base: str) -> dict[str, Any]:
    match base:
        case "text":
            return draw(
                st.sampled_from(
                    [
                        {"choices": ["a", "b c"], "default": "a"},
                        {"choices": ["a", 'a "quoted" one', "it's", "a long choice", "and another long choice"]},
                        {"limits": {"minLength": 1, "maxLength": 3}},
                        {"limits": {"pattern": "^(?=a)[a-z]+$"}, "default": "ab"},
                        {"default": '""'},
                    ]
                )
            )
        case "integer":
            return draw(
                st.sampled_from(
                    [
                        {"limits": {"minimum": 0, "maximum": 4}, "default": "4"},
                        {"limits": {"exclusiveMinimum": 0.5}},
                        {"limits": {"maximum": 2**63 - 1}},
                        {"limits": {"multipleOf": 2}},
                        {"limits": {"multipleOf": 7, "minimum": 10}},
                        {"limits": {"minimum": 0, "exclusiveMinimum": 5}},
                        {"limits": {"exclusiveMaximum": -5}},
                        {"choices": ["1", "2"], "default": "2"},
                    ]
                )
            )
        case "number":
            return draw(
                st.sampled_from(
                    [
                        {"limits": {"exclusiveMinimum": 0}, "default": "0.5"},
                        {"limits": {"exclusiveMinimum": 0, "exclusiveMaximum": 0.5}},
                        {"limits": {"multipleOf": 0.01, "minimum": 2.005}},
                        {"choices": ["0.5", "1.25"]},
                        {},
                    ]
                )
            )
        case "boolean":
            return {"default": draw(st.sampled_from(["", "true", "False"]))}
    return {}


def near(schema: dict[str, Any], most: int = 3) -> st.SearchStrategy[Any]:
    """Values for a schema: most of them fit."""
    usual = _usual(schema, most)
    return st.one_of(usual, usual, usual, JUNK)


def _usual(schema: dict[str, Any], most: int) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match type_of(schema):
        case "array":
            return st.lists(near(schema["items"]), max_size=most)
        case "object" if "properties" in schema:
            return _objects(schema)
        case "object":
            return st.dictionaries(TEXTS, near(schema.get("additionalProperties", {})), max_size=2)
        case "integer":
            return INTEGERS
        case "number":
            return st.one_of(NUMBERS, INTEGERS.filter(lambda number: abs(number) < 2**53))
        case "boolean":
            return st.booleans()
        case "string":
            known = "base64" if "contentEncoding" in schema else schema.get("format", "")
            return st.sampled_from(VALID[known]) if known in VALID else TEXTS
    return JUNK


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    required = {name: near(part) for name, part in schema["properties"].items() if name in schema.get("required", ())}
    optional = {name: near(part) for name, part in schema["properties"].items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def load(source: str) -> ModuleType:
    module = ModuleType("interface")
    exec(compile(source, "interface.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def validated(model: Any, value: Any) -> Any:
    """Return what the service's server makes of a body, or None where it refuses it."""
    try:
        return model.model_validate_json(json.dumps(value), strict=True, by_alias=True, by_name=False)
    except ValidationError:
        return None


@PROPERTY
@given(st.data())
def test_classes_and_schema_agree(data: st.DataObject) -> None:
    schema = object_schema([field(made["name"], made["type"], **plain(made)) for made in data.draw(fields())])
    model = load(interface_source(schema, object_schema([field("done", "boolean")]))).Input
    described = model.model_json_schema(by_alias=True)
    for _ in range(4):
        value = data.draw(near(schema))
        fits = not value_faults(value, schema)
        read = validated(model, value)
        assert (read is not None) == fits, value_faults(value, schema)
        assert (not value_faults(value, described)) == fits
        if read is not None:
            answered = json.loads(read.model_dump_json(by_alias=True))
            assert not value_faults(answered, schema)
            assert {model.model_fields[name].alias or name for name in read.model_fields_set} == (
                value.keys() & schema["properties"].keys()
            )
            for name, part in schema["properties"].items():
                if name not in value:
                    assert answered.get(name) == part.get("default")


@PROPERTY
@given(st.data())
def test_the_examples_shape_always_fits(data: st.DataObject) -> None:
    """Also where scenarios name what the request does not take, or what is refused."""
    schema = object_schema([field(made["name"], made["type"], **plain(made)) for made in data.draw(fields())])
    statuses: st.SearchStrategy[Any] = st.sampled_from([None, "4xx", 422])
    scenarios = tuple(
        Scenario(name=f"s{number}", text="", given=given, status=data.draw(statuses))
        for number, given in enumerate(data.draw(st.lists(_objects(schema), max_size=2)))
    )
    spec = Spec(slug="s", title="S", summary="", input_schema=schema, output_schema={}, scenarios=scenarios)
    example = filled(example_shape(spec))
    assert value_faults(example, schema) == []
    model = load(interface_source(schema, object_schema([field("done", "boolean")]))).Input
    assert validated(model, example) is not None


def plain(made: dict[str, Any]) -> dict[str, Any]:
    """Return a draft's fields but its name and type, with its limits as `field` takes them."""
    rest = {name: value for name, value in made.items() if name not in ("name", "type")}
    return rest | {"limits": {limit["keyword"]: limit["value"] for limit in made["limits"]}}


@settings(PROPERTY, max_examples=20)
@given(fields())
def test_the_source_is_laid_out_as_a_formatter_would(made: list[dict[str, Any]]) -> None:
    schema = object_schema([field(each["name"], each["type"], **plain(each)) for each in made])
    source = interface_source(schema, schema)
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,UP,B"]):
        result = subprocess.run(
            [ruff, *command, "--isolated", "--line-length", "120", "--stdin-filename", "interface.py", "-"],
            input=source,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, f"{source}\n{result.stdout}{result.stderr}"


CART = [
    field("maxWords", "integer", required=False, limits={"minimum": 1}),
    field("from", "date", required=False, nullable=True),
    field("class", choices=["a", "b"], default="a"),
    field("items", "list of object", limits={"minItems": 1}),
    field("items[].price", "number", limits={"exclusiveMinimum": 0}),
    field("items[].sizes", "list of integer", default="[1]"),
    field("customer.address.city"),
    field("labels", "map of text", required=False),
    field("photo", "file", required=False, media_types=["image/png", "image/jpeg"]),
]


def test_python_has_identifiers_and_json_the_persons_names() -> None:
    module = load(interface_source(object_schema(CART), object_schema(CART)))
    body = {"items": [{"price": 1}], "customer": {"address": {"city": "Ulm"}}, "maxWords": 3, "from": None}
    read = validated(module.Input, body)
    assert (read.max_words, read.from_, read.class_) == (3, None, "a")
    assert (read.items[0].price, read.items[0].sizes, read.customer.address.city) == (1.0, [1], "Ulm")
    assert {"from_", "labels"} & read.model_fields_set == {"from_"}
    assert read.labels is None


def test_an_answer_is_made_by_python_names_and_leaves_out_what_is_none() -> None:
    output = load(interface_source(object_schema([field("done", "boolean")]), object_schema(CART))).Output
    made = output(max_words=None, class_="b", items=[{"price": 2.5}], customer={"address": {"city": "Ulm"}})
    assert json.loads(made.model_dump_json(by_alias=True)) == {
        "from": None,
        "class": "b",
        "items": [{"price": 2.5, "sizes": [1]}],
        "customer": {"address": {"city": "Ulm"}},
    }


def test_the_same_object_in_request_and_answer_is_one_class() -> None:
    module = load(interface_source(object_schema(CART), object_schema(CART)))
    read = validated(module.Input, {"items": [{"price": 1}], "customer": {"address": {"city": "Ulm"}}})
    assert module.Output(items=read.items, customer=read.customer, class_="a").items == read.items


@pytest.mark.parametrize("default", ['{"city": "Ulm"}', "{}"])
def test_an_object_can_have_a_default(default: str) -> None:
    inputs = [field("address", "object", default=default), field("address.city", required=False)]
    model = load(interface_source(object_schema(inputs), object_schema([field("done", "boolean")]))).Input
    assert validated(model, {}).address.city == json.loads(default).get("city")
    assert model.model_json_schema()["properties"]["address"]["default"] == json.loads(default)
