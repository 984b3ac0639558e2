"""The rules for the example request: the service's input must allow it."""

from __future__ import annotations

import base64
import binascii
from typing import Any


def example_faults(example: Any, schema: dict[str, Any]) -> list[str]:
    """Return how `example` differs from `schema`, the JSON schema of an object."""
    if not isinstance(example, dict):
        return ["example.json must hold one JSON object, the request body"]
    properties = schema.get("properties", {})
    faults = [f"example.json lacks the field `{name}`" for name in schema.get("required", ()) if name not in example]
    faults += [f"example.json has a field `{name}` that Input has not" for name in example if name not in properties]
    for name, value in example.items():
        if name in properties and (wrong := value_fault(value, properties[name])):
            faults.append(f"example.json: `{name}` must be {wrong}")
    return faults


def value_fault(value: Any, schema: dict[str, Any]) -> str:
    """Return what `value` must be to fit a JSON schema, such as "an integer"; "" if it fits."""
    match schema.get("type"):
        case "string" if not isinstance(value, str):
            return "a string"
        case "string" if schema.get("contentEncoding") == "base64" and not _is_base64(value):
            media = schema.get("contentMediaType", "")
            sample = f'{{"$file": "{media}"}}'
            return f'the base64 text of a valid {media} file, {sample}, or {{"$text": "..."}} with the text it holds'
        case "integer" if isinstance(value, bool) or not isinstance(value, int):
            return "an integer"
        case "number" if isinstance(value, bool) or not isinstance(value, int | float):
            return "a number"
        case "boolean" if not isinstance(value, bool):
            return "true or false"
        case "object" if not isinstance(value, dict):
            return "an object"
        case "array" if not isinstance(value, list):
            return "a list"
        case "array":
            faults = [wrong for part in value if (wrong := value_fault(part, schema.get("items", {})))]
            return f"a list, each of it {faults[0]}" if faults else ""
    return ""


def _is_base64(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False
