"""`interface.py` of a service: its request and its answer as classes, made from their JSON schemas.

The classes accept and refuse the same JSON as the schemas do, if the JSON is read strictly and by alias, as the
service's server reads it.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.generate.draft import field_types
from bot.generate.draft.layout import assignment, literal
from bot.generate.draft.names import class_name, field_name, unused
from bot.guard import formats
from bot.guard.example import is_file, takes_null, type_of

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_LIMITS = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minProperties": "min_length",
    "maxProperties": "max_length",
    "pattern": "pattern",
}
"""A keyword of JSON schema -> the argument of pydantic's Field that says the same."""
_FORMATS = {
    "date": ("Date", "Text that is checked: a date such as 2026-01-31."),
    "date-time": ("DateTime", "Text that is checked: as 2026-01-31T12:30:00Z; the zone may be left out."),
    "email": ("Email", "Text that is checked: an email address."),
    "uri": ("Url", "Text that is checked: a URL with its scheme."),
    "uuid": ("Uuid", "Text that is checked: a UUID with hyphens."),
}
_HEAD = '"""The request and the answer of this service, made from its specification. `executor.py` works with them."""'
_MODEL = """class Model(BaseModel):
    model_config = ConfigDict(
        validate_by_name=True, validate_by_alias=True, regex_engine="python-re", allow_inf_nan=False
    )"""
_OR_ABSENT = (
    "# None where it is left out; in JSON it must not be null.\n"
    "OrAbsent = Annotated[T | None, BeforeValidator(refuse_null), "
    "Field(exclude_if=is_none, json_schema_extra=without_null)]"
)
_HOMES = {
    "typing": ("Annotated", "Any", "Literal", "TypeVar"),
    "pydantic": (
        "AfterValidator",
        "BaseModel",
        "BeforeValidator",
        "ConfigDict",
        "Field",
        "TypeAdapter",
        "ValidationInfo",
    ),
    "datetime": ("date", "datetime"),
    "urllib.parse": ("urlsplit",),
}
"""Module -> what the file may take from it."""
_MODULES = ("base64", "binascii", "re")
_RESERVED = frozenset(
    {"Input", "Output", "Model", "OrAbsent", "T", *(name for name, _ in _FORMATS.values())}
    | {name for names in _HOMES.values() for name in names}
)
"""Names that no other type may have."""


def interface_source(input_schema: dict[str, Any], output_schema: dict[str, Any]) -> str:
    """Return the source of `interface.py`: the classes `Input` and `Output` and what they need."""
    module = _Module()
    module.add_class("Input", input_schema)
    module.add_class("Output", output_schema)
    return module.source()


@dataclass
class _Module:
    """The parts of the file, as far as they are written.

    Attributes:
        types: named types, each with its comment and its expression, by name.
        classes: source by name, what a class needs before it.
        functions: sources, each once.
        or_absent: a field may be left out without having a default.
        named: the name of each type that has one, by what it is.
    """

    types: dict[str, tuple[str, str]] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)
    or_absent: bool = False
    named: dict[str, str] = field(default_factory=dict)

    def source(self) -> str:
        names = [f"# {comment}\n{assignment(name, text)}" for name, (comment, text) in self.types.items()]
        if self.or_absent:
            names = ['T = TypeVar("T")', _OR_ABSENT, *names]
        body = [*self.functions, _MODEL, *(["\n".join(names)] if names else []), *self.classes.values()]
        text = "\n\n\n".join(body) + "\n"
        return f"{_HEAD}\n\n{_imports(text)}\n\n\n{text}"

    def add_class(self, name: str, schema: dict[str, Any]) -> None:
        """Write the class of an object, after those of the objects within it."""
        lines: list[str] = []
        taken: set[str] = set()
        for json_name, part in schema.get("properties", {}).items():
            python_name = unused(field_name(json_name), taken, "_")
            taken.add(python_name)
            required = json_name in schema.get("required", ())
            lines.append(self._field(_Property(json_name, python_name, part, required, name)))
        self.classes[name] = "\n".join([f"class {name}(Model):", *(lines or ["    pass"])])

    def _field(self, prop: _Property) -> str:
        schema = prop.schema
        annotation, arguments = self._annotation(schema, f"{prop.owner} {prop.json_name}")
        nullable = takes_null(schema) and annotation != "Any"
        if nullable or (not prop.required and "default" not in schema and annotation != "Any"):
            annotation = self._annotated(annotation, arguments)
            arguments = []
        if nullable:
            annotation = f"{annotation} | None"
        elif not prop.required and "default" not in schema and annotation != "Any":
            annotation = f"OrAbsent[{annotation}]"
            self.or_absent = True
            self._need(field_types.refuse_null, field_types.without_null, field_types.is_none)
        if not prop.required:
            arguments = [*self._default(schema, annotation), *arguments]
        if prop.python_name != prop.json_name:
            arguments.append(f"alias={literal(prop.json_name)}")
        if description := _description(schema):
            arguments.append(f"description={literal(description)}")
        return assignment(prop.python_name, "Field" if arguments else "", annotation, arguments, indent=4)

    def _default(self, schema: dict[str, Any], annotation: str) -> list[str]:
        value = schema.get("default")
        holds_objects = any(name in annotation for name in self.classes)
        if value and isinstance(value, dict | list) and holds_objects:
            made = f"TypeAdapter({annotation}).validate_python({literal(value)})"
            return [f"default_factory=lambda: {made}", f'json_schema_extra={{"default": {literal(value)}}}']
        if value == {} and holds_objects and annotation in self.classes:
            return [f"default_factory={annotation}", 'json_schema_extra={"default": {}}']
        return [f"default={literal(value)}"]

    def _annotation(self, schema: dict[str, Any], path: str) -> tuple[str, list[str]]:
        """Return the type of a schema's values apart from null, and its limits as arguments of Field."""
        limits = [f"{_LIMITS[key]}={literal(schema[key])}" for key in _LIMITS if key in schema]
        match type_of(schema):
            case "":
                return "Any", []
            case "array":
                return f"list[{self._inner(schema.get('items', {}), path)}]", limits
            case "object" if schema.get("properties"):
                return self._class_of(schema, path), []
            case "object":
                return f"dict[str, {self._inner(schema.get('additionalProperties', {}), path)}]", limits
            case kind:
                return self._scalar(kind, schema, path, limits)

    def _inner(self, schema: Any, path: str) -> str:
        """Return the type of the values within a list or a map."""
        annotation, limits = self._annotation(schema if isinstance(schema, dict) else {}, path)
        annotated = self._annotated(annotation, limits)
        return f"{annotated} | None" if "type" in schema and takes_null(schema) else annotated

    def _annotated(self, annotation: str, limits: list[str]) -> str:
        if not limits:
            return annotation
        return f"Annotated[{annotation}, Field({', '.join(limits)})]"

    def _scalar(self, kind: str, schema: dict[str, Any], path: str, limits: list[str]) -> tuple[str, list[str]]:
        choices = [choice for choice in schema.get("enum", ()) if choice is not None]
        if choices and kind == "string":
            return self._literal(choices, path), []
        if choices:
            return self._number_of(choices, kind, path), []
        if is_file(schema) or schema.get("contentMediaType"):
            return self._content(schema), limits
        if schema.get("format") in _FORMATS:
            return self._format(schema["format"]), limits
        return _SCALARS[kind], limits

    def _literal(self, choices: list[str], path: str) -> str:
        text = f"Literal[{', '.join(map(literal, choices))}]"
        return text if len(text) <= 60 else self._name_type(f"{path} choice", text, "One of these.")

    def _number_of(self, choices: list[Any], kind: str, path: str) -> str:
        self._need(field_types.one_of)
        values = ", ".join(map(literal, choices))
        extra = f'Field(json_schema_extra={{"enum": [{values}]}})'
        text = f"Annotated[{_SCALARS[kind]}, one_of({values}), {extra}]"
        return self._name_type(f"{path} choice", text, f"One of {values}.")

    def _content(self, schema: dict[str, Any]) -> str:
        """Return the type of a file, or of a text in a language of its own."""
        extra = {key: schema[key] for key in ("contentEncoding", "contentMediaType", "x-media-types") if key in schema}
        shown_as = f"Field(json_schema_extra={literal(extra)})"
        media = schema.get("contentMediaType", "application/octet-stream")
        family, _, subtype = media.partition("/")
        what = family if subtype == "*" else subtype.removeprefix("x-").rpartition(".")[2].partition("+")[0]
        what = "" if what == "octet-stream" else what
        if is_file(schema):
            self._need(formats.check_base64)
            text = f"Annotated[str, AfterValidator(check_base64), {shown_as}]"
            comment = f"Text that is checked: base64, here of {media}."
            return self._name_type(f"{what} file", text, comment)
        return self._name_type(f"{what} text", f"Annotated[str, {shown_as}]", f"Text that is {media}.")

    def _format(self, name: str) -> str:
        alias, comment = _FORMATS[name]
        check = formats.CHECKS[name]
        self._need(check)
        extra = f'Field(json_schema_extra={{"format": "{name}"}})'
        self.types[alias] = (comment, f"Annotated[str, AfterValidator({check.__name__}), {extra}]")
        return alias

    def _name_type(self, words: str, text: str, comment: str) -> str:
        """Return the name of a type that is too long to stand in a class."""
        return self._name(words, text, lambda name: self.types.update({name: (comment, text)}))

    def _class_of(self, schema: dict[str, Any], path: str) -> str:
        core: dict[str, Any] = {key: schema[key] for key in ("properties", "required") if key in schema}
        text = json.dumps(core, sort_keys=True)
        return self._name(path.rpartition(" ")[2], text, lambda name: self.add_class(name, core))

    def _name(self, words: str, text: str, write: Callable[[str], object]) -> str:
        """Return the name under which `text` is written already, or write it under a new one."""
        if text not in self.named:
            taken = {*_RESERVED, *self.named.values()}
            self.named[text] = unused(class_name(words), taken, "")
            write(self.named[text])
        return self.named[text]

    def _need(self, *functions: Callable[..., Any]) -> None:
        self.functions |= {inspect.getsource(function).rstrip(): None for function in functions}


@dataclass(frozen=True)
class _Property:
    """A field of a class, as the schema has it.

    Attributes:
        owner: the class.
    """

    json_name: str
    python_name: str
    schema: dict[str, Any]
    required: bool
    owner: str


def _imports(text: str) -> str:
    """Return the lines that import what the source `text` uses."""
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    lines = [f"import {module}" for module in _MODULES if module in used]
    for module, names in sorted(_HOMES.items(), key=lambda home: (home[0] == "pydantic", home[0])):
        needed = sorted(used & set(names), key=lambda name: (name[0].islower(), name))
        if needed:
            # Pydantic stands apart, as it is no part of Python.
            lines += [""] if lines and module == "pydantic" else []
            lines.append(f"from {module} import {', '.join(needed)}")
    return "\n".join(lines)


def _description(schema: dict[str, Any]) -> str:
    description = str(schema.get("description", ""))
    items = schema.get("items", {})
    file = schema if is_file(schema) else items if isinstance(items, dict) and is_file(items) else None
    return f"{description} (base64 of {file['contentMediaType']})".strip() if file else description
