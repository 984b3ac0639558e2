"""What a service asks for, read from its OpenAPI document. Pure: Streamlit is not imported here."""

import json
import re
from dataclasses import dataclass
from typing import Any

from media import is_binary, media_type_of, suffixes

LONG_NAMES = {"text", "content", "body", "markdown", "html", "code", "source", "message", "document", "prompt", "query"}
LONG = 60
"""Characters of an example above which a text gets several lines."""
_SCALARS = ("text", "long text", "number", "integer", "boolean", "choice")


@dataclass(frozen=True)
class Field:
    """One field of the form.

    Attributes:
        path: its name, after the names of the objects that it is in.
        kind: "text", "long text", "number", "integer", "boolean", "choice", "text file", "file", "files", "object",
            "table" (a list of objects), "list" (of texts, numbers, ...), "map" or "json".
        value: what the form starts with, as the example has it; None where the example does not have the field.
        default: what the service takes where the field is left out.
        nullable: null can be sent.
        options: what a choice offers.
        media_type: of a file, empty if unknown.
        suffixes: of the files that can be chosen; none for any.
        within: the fields of an object, or the columns of rows.
    """

    path: tuple[str, ...]
    label: str
    kind: str
    help: str = ""
    required: bool = False
    value: Any = None
    default: Any = None
    nullable: bool = False
    options: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    max_length: int | None = None
    media_type: str = ""
    suffixes: tuple[str, ...] = ()
    within: tuple["Field", ...] = ()

    @property
    def name(self) -> str:
        return self.path[-1]


def read_form(document: dict[str, Any]) -> list[Field]:
    """Return the fields of POST /execute in the order of the document, required ones first."""
    content = document["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
    return _fields(document, resolve(document, content["schema"]), read_example(document), ())


def read_example(document: dict[str, Any]) -> dict[str, Any]:
    """Return the request body that the document shows, or {}."""
    content = document["paths"]["/execute"]["post"]["requestBody"]["content"]["application/json"]
    for example in (content.get("examples") or {}).values():
        if isinstance(example.get("value"), dict):
            return dict(example["value"])
    example = content.get("example")
    return dict(example) if isinstance(example, dict) else {}


def as_text(value: Any) -> str:
    """Return a value as a person types it: text as it is, all else as JSON, numbers exactly."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without reference, optional wrapper or single-entry allOf; outer annotations win."""
    outer = {key: value for key, value in schema.items() if key not in ("$ref", "anyOf", "oneOf", "allOf")}
    inner: dict[str, Any] = {}
    if "$ref" in schema:
        inner = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            inner = inner[step]
        # The title of a class is no name for a field.
        inner = {key: value for key, value in resolve(document, inner).items() if key != "title"}
    for key in ("anyOf", "oneOf", "allOf"):
        choices = [choice for choice in schema.get(key, ()) if choice.get("type") != "null"]
        if len(choices) == 1:
            inner = resolve(document, choices[0])
        elif choices:
            # A union is typed as JSON.
            inner = {"type": "any"}
        if len(choices) < len(schema.get(key, ())):
            outer["nullable"] = True
    if isinstance(outer.get("type"), list):
        kinds = [kind for kind in outer["type"] if kind != "null"]
        outer |= {"type": kinds[0] if len(kinds) == 1 else "any", "nullable": "null" in outer["type"]}
    return {**inner, **outer}


def _fields(document: dict[str, Any], schema: dict[str, Any], example: Any, path: tuple[str, ...]) -> list[Field]:
    required = set(schema.get("required", ()))
    values = example if isinstance(example, dict) else {}
    fields = [
        _field(document, (*path, name), prop, name in required, values.get(name))
        for name, prop in schema.get("properties", {}).items()
    ]
    return sorted(fields, key=lambda field: not field.required)


def _field(document: dict[str, Any], path: tuple[str, ...], raw: dict[str, Any], required: bool, value: Any) -> Field:
    schema = resolve(document, raw)
    inner = schema.get("items") if schema.get("type") == "array" else schema.get("additionalProperties")
    items = resolve(document, inner) if isinstance(inner, dict) else {}
    kind, media_type = _kind(path[-1], schema, items, value)
    options = schema.get("enum") or ([schema["const"]] if "const" in schema else ())
    return Field(
        path=path,
        label=label_of(path[-1], schema),
        kind=kind,
        help=_help(schema),
        required=required,
        value=schema.get("const", value),
        default=schema.get("default"),
        nullable=bool(schema.get("nullable")),
        options=tuple(option for option in options if option is not None),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        above=schema.get("exclusiveMinimum"),
        below=schema.get("exclusiveMaximum"),
        max_length=schema.get("maxLength"),
        media_type=media_type,
        suffixes=tuple(suffixes(items if kind == "files" else schema)) if "file" in kind else (),
        within=tuple(_within(document, kind, items if kind in ("table", "list", "map") else schema, path, value)),
    )


def _within(
    document: dict[str, Any], kind: str, schema: dict[str, Any], path: tuple[str, ...], value: Any
) -> list[Field]:
    """Return the fields of an object with `schema`, or the columns of rows that each hold a value of `schema`."""
    if kind in ("object", "table"):
        return _fields(document, schema, value if kind == "object" else None, path)
    if kind not in ("list", "map"):
        return []
    name = Field(path=(*path, "name"), label="Name", kind="text", required=True)
    return [*([name] if kind == "map" else []), _field(document, (*path, "value"), schema, True, None)]


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
        if media_type_of(schema) and media_type_of(schema) != "text/plain":
            return "text file", media_type_of(schema)
        long = long or schema.get("format") == "textarea"
        return "long text" if long else "text", ""
    if type_ in ("object", "array") and (rows := _rows_kind(schema, items)):
        return rows, ""
    return (str(type_), "") if type_ in ("number", "integer", "boolean") else ("json", "")


def _rows_kind(schema: dict[str, Any], items: dict[str, Any]) -> str:
    if schema["type"] == "object" and schema.get("properties"):
        return "object"
    scalar = bool(items) and not is_binary(items) and _kind("value", items, {}, None)[0] in _SCALARS
    if schema["type"] == "object":
        return "map" if scalar else ""
    if items.get("type") == "object" and items.get("properties"):
        return "table"
    return "list" if scalar else ""


def _help(schema: dict[str, Any]) -> str:
    """Return a field's description with what its values must keep to."""
    words = (
        ("minimum", "at least {}"),
        ("maximum", "at most {}"),
        ("exclusiveMinimum", "more than {}"),
        ("exclusiveMaximum", "less than {}"),
        ("minLength", "{} characters or more"),
        ("minItems", "{} or more"),
        ("maxItems", "{} or fewer"),
    )
    limits = ", ".join(text.format(as_text(schema[key])) for key, text in words if key in schema)
    description = str(schema.get("description", ""))
    return f"{description} ({limits})".strip() if limits else description


def label_of(name: str, schema: dict[str, Any]) -> str:
    """Return what people read for a field: its title where a person gave one, else its name in words."""
    title = str(schema.get("title") or "")
    # Pydantic gives every field a title that is its name in capitals.
    if title and re.sub(r"[\W_]", "", title).lower() != re.sub(r"[\W_]", "", name).lower():
        return title
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").split()
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return text[:1].upper() + text[1:]
