"""The example request as a model is shown it: everything that has to be there, as the interface takes it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
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
_WORD = re.compile(r"[^\s\"'`“”„,;()]+")
_USUAL_TEXTS = (
    "a",
    "A",
    "ab",
    "AB",
    "abc",
    "ABC",
    "abcdef",
    "A1",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "12:30",
    "#00ff00",
)
"""What is tried where a text has a pattern and nothing in the person's words fits it."""


def example_shape(spec: Spec) -> dict[str, Any]:
    """Return an example request with placeholders for the model to replace.

    A field that may be left out is there only if the first scenario that is served has it. Values that the scenarios
    name stand as they are; a placeholder that becomes a sample stands for a file. Once these are filled in, the request
    fits the interface, unless no text is known that fits a pattern: then the placeholder `...` stands there.
    """
    return _Shape(spec).request()


class _Shape:
    def __init__(self, spec: Spec) -> None:
        self._schema = spec.input_schema
        self._served = [scenario.given for scenario in spec.scenarios if scenario.given and not scenario.is_refused]
        self._words = "\n".join([*(scenario.text for scenario in spec.scenarios), spec.description])

    def request(self) -> dict[str, Any]:
        required = self._schema.get("required", ())
        first = self._served[0] if self._served else {}
        shape = {}
        for name, schema in self._schema["properties"].items():
            named = [given[name] for given in self._served if name in given and not value_faults(given[name], schema)]
            if name in required or (name in first and named):
                shape[name] = named[0] if named else self._value(schema)
        return shape

    def _value(self, schema: dict[str, Any]) -> Any:
        if schema.get("enum"):
            return schema["enum"][0]
        if is_file(schema):
            return samples.placeholder(next(iter(schema.get("x-media-types", ())), schema["contentMediaType"]))
        match type_of(schema):
            case "string":
                return _FORMATS.get(schema.get("format", "")) or self._text(schema)
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return True
            case "array":
                count = min(max(1, schema.get("minItems", 1)), schema.get("maxItems", math.inf))
                return [self._value(schema.get("items", {})) for _ in range(int(count))]
            case "object":
                return self._object(schema)
        return _PLACEHOLDER

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "properties" in schema:
            return {name: self._value(schema["properties"][name]) for name in schema.get("required", ())}
        if "additionalProperties" not in schema:
            return {}
        count = min(max(1, schema.get("minProperties", 1)), schema.get("maxProperties", math.inf))
        return {f"name {number}": self._value(schema["additionalProperties"]) for number in range(1, int(count) + 1)}

    def _text(self, schema: dict[str, Any]) -> str:
        text = _PLACEHOLDER.ljust(schema.get("minLength", 0), ".")
        text = text[: schema.get("maxLength", len(text))]
        candidates = [text, *_WORD.findall(self._words), *_USUAL_TEXTS] if "pattern" in schema else []
        return next((candidate for candidate in candidates if not value_faults(candidate, schema)), text)


def _number(schema: dict[str, Any]) -> float:
    """Return a number within a schema's limits: a usual one where they allow it, else one near a limit."""
    whole = type_of(schema) == "integer"
    usual = 1 if whole else 1.5
    candidates = (int(number) if float(number).is_integer() else number for number in (usual, *_near_limits(schema)))
    return next((number for number in candidates if not value_faults(number, schema)), usual)


def _near_limits(schema: dict[str, Any]) -> Iterator[float]:
    lows = [schema[keyword] for keyword in ("minimum", "exclusiveMinimum") if keyword in schema]
    highs = [schema[keyword] for keyword in ("maximum", "exclusiveMaximum") if keyword in schema]
    low, high = max(lows, default=None), min(highs, default=None)
    if low is not None and high is not None:
        yield (low + high) / 2
    step = schema.get("multipleOf", 1)
    for bound in (low, high, 0):
        if bound is not None:
            yield from (bound, bound + 1, bound - 1)
            # A multiple of a fraction may be none in the arithmetic of floats.
            yield from (step * (math.floor(bound / step) + number) for number in range(-3, 5))
