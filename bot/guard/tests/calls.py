"""Calls of functions that a test file does not define: what is known of their results."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from bot.guard.names import Names, folded
from bot.guard.tests.content import CONTENT, NOTHING, Display, Known, Level, is_empty, tolerates

_KIND_CALLS = frozenset({"isinstance", "issubclass", "type", "hasattr", "callable", "id", "dir", "bool"})
_PREDICATES = frozenset({"isupper", "islower", "istitle", "isdigit", "isdecimal", "isnumeric", "isalpha", "isalnum"})
_COMPARING = frozenset(
    {"startswith", "endswith", "equals", "issubset", "issuperset", "isdisjoint", "allclose", "isclose", "array_equal"}
    | {"array_equiv", "compare_digest", "is_equal", "cmp"}
)
_SEARCHES = frozenset({"re.match", "re.search", "re.fullmatch", "re.findall", "regex.search", "regex.match"})
_ANYTHING = frozenset(
    {"", ".", ".*", ".+", "^.*$", "^.+$", ".*$", "^.*", r"[\s\S]*", r"[\s\S]+", "(?s).*", r"\A", "^", "$"}
)
ASSERTIONS = frozenset(
    {"assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal", "assert_array_almost_equal"}
    | {"assert_frame_equal", "assert_series_equal", "assertEqual", "assertAlmostEqual", "assertIn", "assertListEqual"}
    | {"assertDictEqual", "assertCountEqual", "assertSequenceEqual", "assert_string_equal"}
)
"""Functions of test libraries that fail unless two values are equal, or nearly."""
ADDING = frozenset({"append", "extend", "insert", "add", "update", "write", "put", "appendleft", "setdefault"})
"""Methods that put a value into their object."""
_COUNTING = frozenset({"sum", "mean", "count_nonzero"})


@dataclass(frozen=True)
class Called:
    """A call of a function.

    Attributes:
        method: the last part of the function's name.
        known: the dotted names that the function's name may stand for.
        base: what is known of the object of which the function is a method.
        level: the highest level of the object and the arguments.
    """

    method: str
    known: frozenset[str]
    base: Known
    arguments: Sequence[Known]
    level: Level


def result(node: ast.Call, called: Called, names: Names) -> Known:
    """Return what is known of the result of a call."""
    method, known, base, arguments, level = called.method, called.known, called.base, called.arguments, called.level
    inner = arguments[0] if arguments else NOTHING
    kind = Known(min(level, Level.KIND))
    if known & _KIND_CALLS:
        keeps = known == {"bool"}
        return Known(kind.level, says=keeps and inner.says, flag=keeps and inner.flag)
    if known == {"len"} and isinstance(inner.node, Display | ast.Dict):
        return NOTHING if not _is_starred(inner.node) else Known(level)
    if method in {"all", "any"}:
        asked = inner if arguments else base
        return Known(kind.level, says=asked.each or asked.says or (method == "any" and asked.some))
    if method in _COUNTING and (inner.says or base.says or inner.some):
        return CONTENT
    if method in {"values", "keys", "items", "copy"} and isinstance(base.node, ast.Dict):
        return Known(level, node=base.node)
    default = method in {"get", "pop", "next", "getattr"} and len(arguments) > (2 if method == "getattr" else 1)
    swaps = method == "replace" and any(part.level == Level.CONTENT for part in arguments)
    copies = method in {"model_copy", "copy", "_replace"} and bool(node.keywords)
    if (default and not is_empty(arguments[-1].node)) or swaps or copies:
        return kind
    pattern = folded(node.args[0]) if node.args else None
    if method in {"sub", "match", "search", "fullmatch", "findall"} and pattern in _ANYTHING:
        return kind
    if method in {"approx", "isclose", "allclose"} and tolerates(node, names):
        return Known(max(level, Level.KIND))
    concrete = any(part.level == Level.NONE and not is_empty(part.node) for part in [*arguments, base])
    compares = (
        (method in _PREDICATES and base.level == Level.CONTENT)
        or (method in _COMPARING and concrete and bool(arguments))
        or (bool(known & _SEARCHES) and concrete)
        or (method in {"match", "search", "fullmatch"} and base.level == Level.NONE)
    )
    return Known(level, says=level == Level.CONTENT and compares)


def _is_starred(node: ast.AST) -> bool:
    return any(isinstance(item, ast.Starred) for item in getattr(node, "elts", ())) or None in getattr(node, "keys", ())
