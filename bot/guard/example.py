"""What a value must be to fit a JSON schema: the example request, the answer of a live service, a default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from bot.guard.formats import CHECKS, check_base64

_LONGEST_VALUE = 80
_ARTICLES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def example_faults(example: Any, schema: dict[str, Any]) -> list[str]:
    """Return how the request body `example` differs from `schema`, the JSON schema of an object."""
    if not isinstance(example, dict):
        return ["example.json must hold one JSON object, the request body"]
    unknown = [name for name in example if name not in schema.get("properties", {})]
    faults = [f"example.json has a field `{name}` that Input has not" for name in unknown]
    return [f"example.json: {fault}" for fault in value_faults(example, schema)] + faults


def value_faults(value: Any, schema: dict[str, Any]) -> list[str]:
    """Return how `value` differs from a JSON schema, a sentence a fault; empty where it fits.

    Formats and the base64 of files are checked too.
    """
    errors = sorted(_Validator(schema, format_checker=_FORMATS).iter_errors(value), key=lambda error: error.json_path)
    return list(dict.fromkeys(_sentence(error) for error in errors))


def type_of(schema: dict[str, Any]) -> str:
    """Return the type of a schema's values apart from null; "" for any JSON value."""
    kind = schema.get("type", "")
    return kind if isinstance(kind, str) else next((name for name in kind if name != "null"), "null")


def takes_null(schema: dict[str, Any]) -> bool:
    """Tell whether null fits a schema."""
    kind = schema.get("type")
    return kind is None or "null" in ([kind] if isinstance(kind, str) else kind)


def is_file(schema: dict[str, Any]) -> bool:
    """Tell whether a schema's values are files as base64."""
    return schema.get("contentEncoding") == "base64"


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and every schema within it."""
    yield schema
    within = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    for part in within:
        if isinstance(part, dict):
            yield from parts(part)


def _content(_: Any, encoding: str, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    if encoding == "base64" and isinstance(value, str):
        try:
            valid = bool(check_base64(value))
        except ValueError:
            valid = False
        if not valid:
            yield ValidationError(f"must be the base64 text of a valid {schema.get('contentMediaType', '')} file")


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, check in CHECKS.items():
        checker.checks(name, raises=ValueError)(
            lambda value, check=check: not isinstance(value, str) or bool(check(value))
        )
    return checker


_FORMATS = _formats()
_Validator = validators.extend(Draft202012Validator, {"contentEncoding": _content})  # type: ignore[no-untyped-call]


def _sentence(error: ValidationError) -> str:
    """Return a fault as a sentence that names the field by its path, such as `items[0].price`."""
    where = error.json_path.removeprefix("$").removeprefix(".")
    return f"`{where}` {_wrong(error)}" if where else _wrong(error)


def _wrong(error: ValidationError) -> str:
    expected: Any = error.validator_value
    match error.validator, expected:
        case "required", _:
            return f"lacks the field `{error.message.split(chr(39))[1]}`"
        case "type", _:
            kinds = [expected] if isinstance(expected, str) else expected
            return f"must be {' or '.join(_ARTICLES.get(kind, kind) for kind in kinds)}"
        case "format", _ if error.cause is not None:
            return str(error.cause)
        case "contentEncoding", _:
            return error.message
        case "enum", _:
            return f"must be one of {', '.join(map(repr, expected))}"
    value = repr(error.instance)
    shown = value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
    return f"is {shown}, against {error.validator}: {expected}"
