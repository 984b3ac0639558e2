"""What a setting takes, in words, from its JSON schema."""

from __future__ import annotations

from typing import Any

from bot.sentence import Sentence, either, sentence, verbatim

_KINDS = {
    "integer": sentence("a whole number"),
    "number": sentence("a number"),
    "boolean": sentence("`true` or `false`"),
    "string": sentence("a text"),
}


def expected(schema: dict[str, Any], definitions: dict[str, Any]) -> Sentence:
    """Return what a value must be, such as "a whole number from 0 to 10".

    Args:
        definitions: the schemas that this one may name by `$ref`, by name.
    """
    schema = resolved(schema, definitions)
    if "anyOf" in schema:
        return either([expected(choice, definitions) for choice in schema["anyOf"]])
    if "enum" in schema:
        return either([verbatim(f"`{choice}`") for choice in schema["enum"]])
    match schema.get("type"):
        case "null":
            return verbatim("`null`")
        case "array":
            return sentence("a list, such as `[name, name]`")
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            each = expected(schema["additionalProperties"], definitions)
            return sentence("names, and for each %(kind)s", kind=each)
        case "object":
            names = ", ".join(f"`{name}`" for name in schema.get("properties", {}))
            return sentence("settings of its own: %(names)s", names=names)
    if schema.get("examples"):
        examples = either([verbatim(f"`{example}`") for example in schema["examples"]])
        return sentence("like %(examples)s", examples=examples)
    return _in_range(_KINDS.get(str(schema.get("type"))) or sentence("another value"), schema)


def resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return a schema itself, where it only names another one."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return dict(definitions[name]) if name else schema


def _in_range(kind: Sentence, schema: dict[str, Any]) -> Sentence:
    least, most, above = (schema.get(key) for key in ("minimum", "maximum", "exclusiveMinimum"))
    if least is not None and most is not None:
        return sentence("%(kind)s from %(low)s to %(high)s", kind=kind, low=least, high=most)
    if above is not None:
        return sentence("%(kind)s greater than %(limit)s", kind=kind, limit=f"{above:g}")
    return kind if least is None else sentence("%(kind)s, %(limit)s or more", kind=kind, limit=least)
