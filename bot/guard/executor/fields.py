"""The fields of `Input` and `Output`, compared by name and type with what the specification says."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.guard.names import Function
from bot.guard.source import Source

_PLAIN = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "object",
    "typing.Dict": "object",
    "typing.Mapping": "object",
    "collections.abc.Mapping": "object",
    "typing.Text": "string",
    "pydantic.StrictStr": "string",
    "pydantic.StrictInt": "integer",
    "pydantic.StrictFloat": "number",
    "pydantic.StrictBool": "boolean",
    "pydantic.PositiveInt": "integer",
    "pydantic.NonNegativeInt": "integer",
    "pydantic.NegativeInt": "integer",
    "pydantic.PositiveFloat": "number",
    "pydantic.NonNegativeFloat": "number",
    "pydantic.FiniteFloat": "number",
}
_CONSTRAINED = {
    "pydantic.constr": "string",
    "pydantic.conint": "integer",
    "pydantic.confloat": "number",
}
_LISTS = frozenset({"list", "typing.List", "typing.Sequence", "collections.abc.Sequence"})
_DICTS = frozenset({"dict", "typing.Dict", "typing.Mapping", "collections.abc.Mapping"})
_MODELS = frozenset({"pydantic.BaseModel", "typing.TypedDict", "typing_extensions.TypedDict"})
_SPELLED = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "dict"}
# `alias` and its like give a field another name in the request or the answer; `exclude` leaves it out of the answer;
# with `init`, a request cannot set it.
_RENAMING = frozenset({"alias", "validation_alias", "serialization_alias", "exclude", "init", "alias_priority"})
_RESHAPING = frozenset({"pydantic.computed_field", "pydantic.model_serializer"})
_HARMLESS = frozenset({"__str__", "__repr__"})


@dataclass(frozen=True)
class Declared:
    """A field as a class declares it.

    Attributes:
        kind: its type in the words of JSON schema, such as "string" or "array of number"; for any other type, the
            annotation as it is written.
        required: a request must have it.
    """

    kind: str
    required: bool


class Classes:
    """The classes of a file, and what their annotations mean."""

    def __init__(self, source: Source) -> None:
        self.names = source.names
        self.classes = {node.name: node for node in source.bare.body if isinstance(node, ast.ClassDef)}
        self._aliases: dict[str, ast.expr] = {}
        for node in source.bare.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._aliases[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._aliases[name] = value

    def is_model(self, name: str, depth: int = 0) -> bool:
        """Tell whether a class of the file is one that pydantic fills and checks."""
        node = self.classes.get(name)
        if node is None or depth > 5:
            return False
        return any(
            self.names.dotted(base) & _MODELS or (isinstance(base, ast.Name) and self.is_model(base.id, depth + 1))
            for base in node.bases
        )

    def declared(self, name: str, depth: int = 0) -> dict[str, Declared]:
        """Return the fields of a class of the file, those of its bases first."""
        node = self.classes.get(name)
        if node is None or depth > 5:
            return {}
        fields: dict[str, Declared] = {}
        for base in reversed(node.bases):
            if isinstance(base, ast.Name):
                fields |= self.declared(base.id, depth + 1)
        for part in _annotated(node):
            if isinstance(part.target, ast.Name):
                fields[part.target.id] = Declared(self.kind(part.annotation), self._required(part))
        return fields

    def kind(self, node: ast.expr, depth: int = 0) -> str:
        """Return the type an annotation stands for, in the words of `Declared.kind`."""
        known = self._known_kind(node, depth) if depth <= 8 else None
        return known or ast.unparse(node)

    def _known_kind(self, node: ast.expr, depth: int) -> str | None:
        match node:
            case ast.Constant(value=str(text)):
                return self._quoted(text, depth)
            case ast.Name(id=name) if name in self.classes:
                return "object" if self.is_model(name) else None
            case ast.Name(id=name) if name in self._aliases:
                return self.kind(self._aliases[name], depth + 1)
            case ast.Name() | ast.Attribute():
                return next((_PLAIN[known] for known in self.names.dotted(node) if known in _PLAIN), None)
            case ast.Subscript(value=base, slice=inner):
                return self._generic(self.names.dotted(base), inner, depth)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return _union([self.kind(left, depth + 1), self.kind(right, depth + 1)])
            case ast.Call(func=function, args=arguments):
                return self._called(self.names.dotted(function), arguments, depth)
        return None

    def _quoted(self, text: str, depth: int) -> str | None:
        try:
            return self.kind(ast.parse(text, mode="eval").body, depth + 1)
        except (SyntaxError, ValueError):
            return None

    def _called(self, known: frozenset[str], arguments: list[ast.expr], depth: int) -> str | None:
        if "pydantic.conlist" in known and arguments:
            return f"array of {self.kind(arguments[0], depth + 1)}"
        return next((_CONSTRAINED[name] for name in known if name in _CONSTRAINED), None)

    def _generic(self, known: frozenset[str], inner: ast.expr, depth: int) -> str | None:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if known & {"typing.Annotated", "typing_extensions.Annotated", "typing.Required"}:
            return self.kind(parts[0], depth + 1)
        if known & _LISTS and len(parts) == 1:
            return f"array of {self.kind(parts[0], depth + 1)}"
        if known & _DICTS and len(parts) == 2 and self.kind(parts[0], depth + 1) == "string":
            return "object"
        if "typing.Union" in known:
            return _union([self.kind(part, depth + 1) for part in parts])
        return None

    def _required(self, node: ast.AnnAssign) -> bool:
        candidates = [node.value] if node.value is not None else []
        if isinstance(node.annotation, ast.Subscript) and isinstance(node.annotation.slice, ast.Tuple):
            candidates += [part for part in node.annotation.slice.elts[1:] if self._is_field(part)]
        for value in candidates:
            if isinstance(value, ast.Call) and self._is_field(value):
                given = value.args[:1] + [k.value for k in value.keywords if k.arg in {"default", "default_factory"}]
                if any(not _is_ellipsis(part) for part in given):
                    return False
            elif not _is_ellipsis(value):
                return False
        return True

    def _is_field(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and "pydantic.Field" in self.names.dotted(node.func)

    def faults(self, name: str) -> Iterator[str]:
        """Yield what makes the class's JSON differ from its fields: other names, or methods that change them."""
        node = self.classes[name]
        if not self.is_model(name):
            yield f"class {name} must derive from BaseModel: `class {name}(BaseModel)`"
        yield from self._renamed(node)
        yield from self._hiding(node)
        if "alias_generator" in {keyword.arg for call in ast.walk(node) for keyword in getattr(call, "keywords", ())}:
            yield f"class {name} must not rename its fields"

    def _renamed(self, node: ast.ClassDef) -> Iterator[str]:
        for part in _annotated(node):
            for call in ast.walk(part):
                if isinstance(call, ast.Call) and self._is_field(call):
                    renamed = sorted({keyword.arg for keyword in call.keywords if keyword.arg} & _RENAMING)
                    if renamed and isinstance(part.target, ast.Name):
                        yield f"class {node.name}: the field `{part.target.id}` must not have `{renamed[0]}`"

    def _hiding(self, node: ast.ClassDef) -> Iterator[str]:
        for method in node.body:
            if not isinstance(method, Function):
                continue
            called = [part.func if isinstance(part, ast.Call) else part for part in method.decorator_list]
            if any(self.names.dotted(part) & _RESHAPING for part in called):
                yield f"class {node.name} must not compute or rewrite fields in `{method.name}`; fill them in `execute`"
            elif (method.name.startswith("__") and method.name not in _HARMLESS) or (
                not method.decorator_list and method.name.startswith(("model_dump", "model_json", "dict", "json"))
            ):
                yield f"class {node.name} must not define `{method.name}`; it only holds fields"


def differences(name: str, declared: Mapping[str, Declared], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield how the fields of class `name` differ from the JSON schema of an object."""
    wanted = schema.get("properties", {})
    for field, field_schema in wanted.items():
        if field not in declared:
            yield f"class {name} lacks the field `{field}`"
            continue
        kind = _kind(field_schema)
        if kind is not None and declared[field].kind != kind:
            yield f"class {name}: the field `{field}` must be `{field}: {_spelled(kind)}`, not `{declared[field].kind}`"
        elif name == "Input" and not declared[field].required and field in schema.get("required", wanted):
            yield f"class {name}: the field `{field}` is required, so it must have no default"
    for field in declared:
        if field not in wanted:
            yield f"class {name} must not have the field `{field}`"


def _kind(schema: Mapping[str, Any]) -> str | None:
    match schema.get("type"):
        case "array":
            inner = _kind(schema.get("items", {}))
            return None if inner is None else f"array of {inner}"
        case str(name) if name in _SPELLED:
            return name
    return None


def _spelled(kind: str) -> str:
    inner = kind.removeprefix("array of ")
    return f"list[{_spelled(inner)}]" if inner != kind else _SPELLED.get(kind, kind)


def _union(kinds: list[str]) -> str | None:
    # JSON writes the number 1.0 as 1, so `int | float` is the same as `float`.
    if set(kinds) == {"integer", "number"}:
        return "number"
    return kinds[0] if len(set(kinds)) == 1 else None


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _annotated(node: ast.ClassDef) -> list[ast.AnnAssign]:
    return [
        part
        for part in node.body
        if isinstance(part, ast.AnnAssign)
        and isinstance(part.target, ast.Name)
        and not part.target.id.startswith("_")
        and part.target.id != "model_config"
        and "ClassVar" not in ast.unparse(part.annotation)
    ]
