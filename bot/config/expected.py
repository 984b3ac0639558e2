"""What a setting takes, in words, from its JSON schema."""

from __future__ import annotations

from typing import Any

_KINDS = {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`", "string": "a text"}


def expected(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return what a value must be, such as "a whole number from 0 to 10".

    Args:
        definitions: the schemas that this one may name by `$ref`, by name.
    """
    schema = resolved(schema, definitions)
    if "anyOf" in schema:
        return _either([expected(choice, definitions) for choice in schema["anyOf"]])
    if "enum" in schema:
        return _either([f"`{choice}`" for choice in schema["enum"]])
    match schema.get("type"):
        case "null":
            return "`null`"
        case "array":
            return "a list, such as `[name, name]`"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"names, and for each {expected(schema['additionalProperties'], definitions)}"
        case "object":
            return "settings of its own: " + ", ".join(f"`{name}`" for name in schema.get("properties", {}))
    if schema.get("examples"):
        return "like " + _either([f"`{example}`" for example in schema["examples"]])
    return f"{_KINDS.get(str(schema.get('type')), 'another value')}{_range(schema)}"


def resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a schema itself, where it only names another one."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return dict(definitions[name]) if name else schema


def _either(choices: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(choices[:-1]), choices[-1]]))


def _range(schema: dict[str, Any]) -> str:
    least, most, above = (schema.get(key) for key in ("minimum", "maximum", "exclusiveMinimum"))
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if above is not None:
        return f" greater than {above:g}"
    return "" if least is None else f", {least} or more"
