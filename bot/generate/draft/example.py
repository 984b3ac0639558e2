"""The example request as a model is shown it: everything that has to be there, of the right type."""

from __future__ import annotations

from typing import Any

from bot.generate import samples
from bot.guard.example import is_file, type_of, value_faults
from bot.values.service import Spec

_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:30:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_PLACEHOLDER = "..."


def example_shape(spec: Spec) -> dict[str, Any]:
    """Return an example request with placeholders for the model to replace.

    A field that may be left out is there only if a scenario has it. Values of the first scenario that has any stand as
    they are; a placeholder that becomes a sample stands for a file.
    """
    given = next((scenario.given for scenario in spec.scenarios if scenario.given), {})
    required = spec.input_schema.get("required", ())
    return {
        name: given[name] if name in given else _value(schema)
        for name, schema in spec.input_schema["properties"].items()
        if name in given or name in required
    }


def _value(schema: dict[str, Any]) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    if is_file(schema):
        return samples.placeholder(next(iter(schema.get("x-media-types", ())), schema["contentMediaType"]))
    match type_of(schema):
        case "string":
            return _FORMATS.get(schema.get("format", ""), _text(schema))
        case "integer" | "number" as kind:
            return _number(schema, 1 if kind == "integer" else 1.5)
        case "boolean":
            return True
        case "array":
            return [_value(schema.get("items", {}))] * max(1, schema.get("minItems", 1))
        case "object":
            return _object(schema)
    return _PLACEHOLDER


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    if "properties" in schema:
        return {name: _value(schema["properties"][name]) for name in schema.get("required", ())}
    count = max(1, schema.get("minProperties", 1)) if schema.get("additionalProperties") else 0
    return {f"name {number}": _value(schema["additionalProperties"]) for number in range(1, count + 1)}


def _text(schema: dict[str, Any]) -> str:
    text = _PLACEHOLDER.ljust(schema.get("minLength", 0), ".")
    return text[: schema.get("maxLength", len(text))]


def _number(schema: dict[str, Any], usual: float) -> float:
    """Return a number within a schema's limits: the usual one where they allow it, else one at a limit."""
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    most = schema.get("maximum", schema.get("exclusiveMaximum", least + 2))
    step = schema.get("multipleOf", 1)
    candidates = (usual, step, least, most, least + step, most - step, (least + most) / 2)
    return next((number for number in candidates if not value_faults(number, schema)), usual)
