"""The requests that people write as data: the test of a scenario sends them as they are."""

from __future__ import annotations

import ast
import json
import keyword
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.guard.source import Source

_MOST = 100_000
"""How long a text or a list may be that is multiplied, as in `"a" * 5_000`."""


@dataclass(frozen=True)
class LiteralRequest:
    """The body of a request, as a person wrote it.

    Attributes:
        names: the name of each of its fields in `Input`.
        left_open: required fields of `Input` that it lacks; a test fills them in.
    """

    data: Mapping[str, Any]
    names: Mapping[str, str]
    left_open: frozenset[str] = frozenset()

    def arguments(self) -> str:
        """Return the source of the arguments of `Input`."""
        named = [f"{self.names[name]}={value!r}" for name, value in self.data.items() if _is_name(self.names[name])]
        rest = {name: value for name, value in self.data.items() if not _is_name(self.names[name])}
        return ", ".join(
            [*named, *(f"{name}=..." for name in sorted(self.left_open)), *([f"**{rest!r}"] if rest else [])]
        )

    def fault(self, sent: Mapping[str, Any] | None) -> str:
        """Return why the arguments of an `Input` are not this request; "" if they are. None are arguments that only a
        run would show."""
        if sent is not None:
            mine = {self.names.get(name, name): value for name, value in sent.items()}
            wanted = {self.names[name]: value for name, value in self.data.items()}
            if _same(wanted, {name: value for name, value in mine.items() if name not in self.left_open}):
                return ""
        written = json.dumps(self.data, ensure_ascii=False)
        return f"must send exactly {written}, no field more or less: write `Input({self.arguments()})`"


def request_faults(source: Source, parts: Sequence[ast.AST], literal: LiteralRequest) -> Iterator[str]:
    """Yield how a test sends something else than its scenario says.

    Args:
        parts: the test, and what it uses of the file.
    """
    variables = _variables(parts)
    for part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and (arguments := _input_arguments(source, node)) is not None:
                try:
                    sent = _value(arguments, variables)
                except (ValueError, TypeError, RecursionError):
                    sent = None
                if fault := literal.fault(sent if isinstance(sent, dict) else None):
                    yield fault


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _same(first: Any, second: Any) -> bool:
    """Tell whether two values are the same data. In Python `True == 1`, in JSON not; 2 and 2.0 are one number."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[name], second[name]) for name in first)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(_same, first, second))
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _input_arguments(source: Source, call: ast.Call) -> ast.expr | None:
    """Return the arguments of a call that makes an `Input`, as the expression of a dict; None for another call."""
    known = source.names.dotted(call.func)
    if "executor.Input" in known:
        return ast.Dict(
            keys=[ast.Constant(argument.arg) if argument.arg else None for argument in call.keywords],
            values=[argument.value for argument in call.keywords],
        )
    if known & {"executor.Input.model_validate", "executor.Input.model_validate_json"} and call.args:
        if isinstance(call.func, ast.Attribute) and call.func.attr.endswith("json"):
            return ast.Call(func=ast.Attribute(ast.Name("json"), "loads"), args=[call.args[0]], keywords=[])
        return call.args[0]
    return None


def _variables(parts: Sequence[ast.AST]) -> dict[str, ast.expr]:
    """Return the names that are bound exactly once, each with its value."""
    values: dict[str, ast.expr] = {}
    bound: list[str] = []
    for part in parts:
        for node in ast.walk(part):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    values[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    values[name] = value
                case ast.Name(id=name, ctx=ast.Store()):
                    bound.append(name)
                case ast.arg(arg=name):
                    bound += [name, name]
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                    bound += [name, name]
                case ast.Attribute(value=ast.Name(id=name), attr="update" | "pop" | "setdefault" | "append" | "extend"):
                    bound += [name, name]
    return {name: value for name, value in values.items() if bound.count(name) == 1}


def _value(node: ast.expr, variables: Mapping[str, ast.expr]) -> Any:
    """Return the value of an expression of literals.

    Raises:
        ValueError: it is another expression.
    """
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in variables:
            return _value(variables[name], {other: value for other, value in variables.items() if other != name})
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, variables) for part in parts]
        case ast.Dict(keys=keys, values=values):
            made: dict[Any, Any] = {}
            for key, part in zip(keys, values, strict=True):
                made |= _value(part, variables) if key is None else {_value(key, variables): _value(part, variables)}
            return made
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.BinOp(left=left, op=op, right=right):
            return _operated(_value(left, variables), op, _value(right, variables))
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            return {str(part.arg): _value(part.value, variables) for part in keywords if part.arg}
        case ast.Call(func=ast.Attribute(value=ast.Name(id="json"), attr="loads"), args=[text], keywords=[]):
            return json.loads(_value(text, variables))
    raise ValueError(f"`{ast.unparse(node)}` is no literal")


def _operated(left: Any, operator: ast.operator, right: Any) -> Any:
    match operator, left, right:
        case (ast.Add(), str(), str()) | (ast.Add(), list(), list()):
            return left + right
        case (ast.Mult(), str() | list(), int()) if len(left) * right <= _MOST:
            return left * right
        case ast.BitOr(), dict(), dict():
            return left | right
    raise ValueError("this is no operation of literals")
