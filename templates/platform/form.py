"""What a service asks for, read from its OpenAPI document. Pure: Streamlit is not imported here."""

import json
from dataclasses import dataclass
from typing import Any

from media import is_binary, media_type_of

LONG_NAMES = {"text", "content", "body", "markdown", "html", "code", "source", "message", "document", "prompt", "query"}
LONG = 60
"""Characters of an example above which a text gets several lines."""


class BadInput(Exception):
    """A field's text cannot be sent; the message is for the person who typed it."""


@dataclass(frozen=True)
class Field:
    """One field of the form.

    Attributes:
        kind: "text", "long text", "number", "integer", "boolean", "choice", "file", "files" or "json".
        value: what the form starts with, as JSON has it; None where there is neither example nor default.
        options: what a choice offers.
        media_type: of a file, empty if unknown.
    """

    name: str
    label: str
    kind: str
    help: str = ""
    required: bool = False
    value: Any = None
    options: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    media_type: str = ""


def read_form(document: dict[str, Any]) -> list[Field]:
    """Return the fields of POST /execute in the order of the document, required ones first."""
    content = document["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
    schema = resolve(document, content["schema"])
    example = read_example(document)
    required = set(schema.get("required", ()))
    fields = [
        _field(document, name, prop, name in required, example) for name, prop in schema.get("properties", {}).items()
    ]
    return sorted(fields, key=lambda field: not field.required)


def read_example(document: dict[str, Any]) -> dict[str, Any]:
    """Return the request body that the document shows, or {}."""
    content = document["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
    for example in (content.get("examples") or {}).values():
        if isinstance(example.get("value"), dict):
            return dict(example["value"])
    example = content.get("example")
    return dict(example) if isinstance(example, dict) else {}


def read_json(field: Field, text: str) -> Any:
    """Return what a JSON field holds.

    Raises:
        BadInput: it is not JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{field.label}: not valid JSON ({error.msg}, line {error.lineno})") from error


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without reference, optional wrapper or single-entry allOf; outer annotations win."""
    outer = {key: value for key, value in schema.items() if key not in ("$ref", "anyOf", "oneOf", "allOf")}
    inner: dict[str, Any] = {}
    if "$ref" in schema:
        inner = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            inner = inner[step]
        inner = resolve(document, inner)
    for key in ("anyOf", "oneOf", "allOf"):
        choices = [choice for choice in schema.get(key, ()) if choice.get("type") != "null"]
        if len(choices) == 1:
            inner = resolve(document, choices[0])
        elif choices:
            # A union is typed as JSON.
            inner = {"type": "any"}
    return {**inner, **outer}


def _field(document: dict[str, Any], name: str, raw: dict[str, Any], required: bool, example: dict[str, Any]) -> Field:
    schema = resolve(document, raw)
    items = resolve(document, schema.get("items") or {})
    value = example[name] if name in example else schema.get("default")
    kind, media_type = _kind(name, schema, items, value)
    return Field(
        name=name,
        label=label_of(name, schema),
        kind=kind,
        help=str(schema.get("description", "")),
        required=required,
        value=schema.get("const", value),
        options=tuple(schema.get("enum") or ([schema["const"]] if "const" in schema else ())),
        minimum=schema.get("minimum", _beyond(schema, "exclusiveMinimum", +1)),
        maximum=schema.get("maximum", _beyond(schema, "exclusiveMaximum", -1)),
        max_length=schema.get("maxLength"),
        media_type=media_type,
    )


def _kind(name: str, schema: dict[str, Any], items: dict[str, Any], value: Any) -> tuple[str, str]:
    type_ = schema.get("type")
    if "enum" in schema or "const" in schema:
        return "choice", ""
    if is_binary(schema):
        return "file", media_type_of(schema)
    if type_ == "array" and is_binary(items):
        return "files", media_type_of(items)
    if type_ == "string":
        long = name in LONG_NAMES or "\n" in str(value or "") or len(str(value or "")) > LONG
        return "long text" if long or schema.get("format") == "textarea" else "text", ""
    return (str(type_), "") if type_ in ("number", "integer", "boolean") else ("json", "")


def _beyond(schema: dict[str, Any], key: str, step: int) -> Any:
    bound = schema.get(key)
    return bound + step if bound is not None and schema.get("type") == "integer" else bound


def label_of(name: str, schema: dict[str, Any]) -> str:
    title = str(schema.get("title") or "")
    return title or name.replace("_", " ").strip().capitalize()
