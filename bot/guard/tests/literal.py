"""The requests that people write as data: the test of a scenario sends them as they are."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.guard.names import all_bindings, assigned

_MOST = 100_000
"""How long a text or a list may be that is computed, as in `"a" * 5_000`."""

UNREADABLE = (ValueError, TypeError, AttributeError, RecursionError)
"""What reading the value of an expression raises that is no literal."""


def request_faults(parts: Sequence[ast.AST], request: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a test sends something else than the request that its scenario says.

    Args:
        parts: the test, and what it uses of the file.
    """
    variables = Variables(parts)
    calls = [node for part in parts for node in ast.walk(part) if is_call(node)]
    if not all(_sends(node, request, variables) for node in calls):
        yield f"must send exactly {json.dumps(request, ensure_ascii=False)}, no field more or less: `call({request!r})`"


def is_call(node: ast.AST) -> bool:
    """Tell whether a node sends a request, as in `status, answer = call({"text": "hello"})`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "call"


def _sends(node: ast.AST, request: Mapping[str, Any], variables: Variables) -> bool:
    match node:
        case ast.Call(args=[sent], keywords=[]) | ast.Call(args=[], keywords=[ast.keyword(arg="request", value=sent)]):
            try:
                return _same(read_value(sent, variables), dict(request))
            except UNREADABLE:
                return False
    return False


def _same(first: Any, second: Any) -> bool:
    """Tell whether two values are the same data. In Python `True == 1`, in JSON not; 2 and 2.0 are one number."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[name], second[name]) for name in first)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(_same, first, second))
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


class Variables:
    """The names that parts of a file bind exactly once; the value of each is read when it is first asked for."""

    def __init__(self, parts: Sequence[ast.AST]) -> None:
        self._unread = _bound_once(parts)
        self._values: dict[str, Any] = {}

    def read(self, name: str) -> Any:
        """Return the value of a variable.

        Raises:
            ValueError, TypeError, AttributeError: it is no literal.
        """
        if name not in self._values:
            if name not in self._unread:
                raise ValueError(f"`{name}` is no literal")
            self._values[name] = read_value(self._unread.pop(name), self)
        return self._values[name]


def _bound_once(parts: Sequence[ast.AST]) -> dict[str, ast.expr]:
    nodes = [node for part in parts for node in ast.walk(part)]
    bound = Counter(name for name, _ in all_bindings(nodes))
    for node in nodes:
        match node:
            case (
                ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del())
                | ast.Attribute(value=ast.Name(id=name), attr="update" | "pop" | "setdefault" | "append" | "extend")
            ):
                bound[name] += 1
    return {pair[0]: pair[1] for node in nodes if (pair := assigned(node)) and bound[pair[0]] == 1}


def read_value(node: ast.expr, variables: Variables) -> Any:
    """Return the value of an expression of literals.

    Raises:
        ValueError, TypeError, AttributeError: it is another expression.
    """
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return variables.read(name)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [read_value(part, variables) for part in parts]
        case ast.Dict(keys=keys, values=values):
            made: dict[Any, Any] = {}
            for key, part in zip(keys, values, strict=True):
                value = read_value(part, variables)
                made |= value if key is None else {read_value(key, variables): value}
            return made
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.BinOp(left=left, op=op, right=right):
            return _operated(read_value(left, variables), op, read_value(right, variables))
        case ast.Call():
            return _called(node, variables)
        case ast.JoinedStr(values=parts):
            return _short("".join(str(_in_braces(part, variables)) for part in parts))
    raise ValueError(f"`{ast.unparse(node)}` is no literal")


def _in_braces(node: ast.expr, variables: Variables) -> Any:
    """Return the value of a part of an f-string."""
    match node:
        case ast.FormattedValue(value=part, conversion=-1, format_spec=None):
            return read_value(part, variables)
    return read_value(node, variables)


def _called(node: ast.Call, variables: Variables) -> Any:
    match node:
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            return {str(part.arg): read_value(part.value, variables) for part in keywords if part.arg}
        case ast.Call(func=ast.Attribute(value=ast.Name(id="json"), attr="loads"), args=[text], keywords=[]):
            return json.loads(read_value(text, variables))
        case ast.Call(func=ast.Attribute(value=text, attr="join"), args=[part], keywords=[]):
            return _short(read_value(text, variables).join(read_value(part, variables)))
        case ast.Call(func=ast.Attribute(value=text, attr="encode"), args=[], keywords=[]):
            return read_value(text, variables).encode()
    raise ValueError(f"`{ast.unparse(node)}` is no literal")


def _operated(left: Any, operator: ast.operator, right: Any) -> Any:
    match operator, left, right:
        case (ast.Add(), str(), str()) | (ast.Add(), bytes(), bytes()) | (ast.Add(), list(), list()):
            return _short(left + right)
        case (ast.Mult(), str() | bytes() | list(), int()) if len(left) * right <= _MOST:
            return left * right
        case ast.BitOr(), dict(), dict():
            return left | right
    raise ValueError("this is no operation of literals")


def _short(value: Any) -> Any:
    """Return a text or a list.

    Raises:
        ValueError: it is so long that no test needs it.
    """
    if len(value) > _MOST:
        raise ValueError("this is too long")
    return value
