"""The example that a model is shown; `test_interface.py` tries it with fields of all kinds."""

from __future__ import annotations

from bot.generate.draft import example_shape, object_schema
from bot.guard.example import value_faults
from bot.values.service import Scenario, Spec
from tests.fakes.fields import field


def test_the_examples_shape_fits_and_leaves_out_what_is_optional() -> None:
    inputs = [
        field("text", limits={"minLength": 5, "maxLength": 6}),
        field("count", "integer", limits={"minimum": 10, "multipleOf": 4}),
        field("ratio", "number", limits={"exclusiveMinimum": 0, "exclusiveMaximum": 0.5}),
        field("mode", choices=["fast", "slow"]),
        field("day", "date"),
        field("link", "uri"),
        field("flag", "boolean"),
        field("items", "list of object", limits={"minItems": 2}),
        field("items[].price", "number"),
        field("items[].note", required=False),
        field("labels", "map of uuid"),
        field("margin", "integer", default="4"),
        field("size", "integer", required=False),
        field("photo", "file", required=False, media_types=["image/png"]),
    ]
    schema = object_schema(inputs)
    spec = Spec(slug="s", title="S", summary="", input_schema=schema, output_schema={}, scenarios=())
    shape = example_shape(spec)
    assert value_faults(shape, schema) == []
    assert shape.keys() == {*schema["required"]}
    assert shape["items"] == [{"price": 1.5}] * 2
    given = Scenario(name="a", text="", given={"margin": 2, "text": "Grüße"})
    shape = example_shape(spec.model_copy(update={"scenarios": (Scenario(name="b", text=""), given)}))
    assert (shape["text"], shape["margin"], "size" in shape) == ("Grüße", 2, False)
    refused = Scenario(name="r", text="", given={"margin": 3, "text": "too long"}, status="4xx")
    shape = example_shape(spec.model_copy(update={"scenarios": (refused,)}))
    assert (shape["text"], "margin" in shape) == (".....", False)
    code = object_schema([field("code", limits={"pattern": "^[A-Z]{2}-\\d+$"}), field("tags", "map of json")])
    told = {"input_schema": code, "description": "A code such as `XY-12`."}
    assert example_shape(spec.model_copy(update=told)) == {"code": "XY-12", "tags": {"name 1": "..."}}
    photo = object_schema([field("photo", "file", media_types=["image/png", "image/gif"])])
    assert example_shape(spec.model_copy(update={"input_schema": photo})) == {"photo": {"$file": "png"}}
