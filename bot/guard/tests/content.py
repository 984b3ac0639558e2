"""How much of a value comes from an output of `execute`, and whether its truth says anything about that output.

This is an estimate, because no code runs. It should let every honest test pass. A dishonest test that it does not find
still has to pass in the build, with a service that a person can read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from bot.guard.names import Names


class Level(IntEnum):
    """What a value shows of an output: nothing, only its type or presence, or its content."""

    NONE = 0
    KIND = 1
    CONTENT = 2


@dataclass(frozen=True)
class Known:
    """What is known of an expression's value.

    Attributes:
        says: if it is true, content of the output was compared with something concrete.
        flag: it is a field of the output that is true or false.
        each: it has at least one item, and `says` holds for each of its items.
        some: `says` holds for each of its items, and it may be empty.
        node: the expression if it holds nothing of an output, a display (list, ...) that may hold some, or the
            definition of a function.
    """

    level: Level = Level.NONE
    says: bool = False
    flag: bool = False
    each: bool = False
    some: bool = False
    node: ast.AST | None = None


NOTHING = Known()
CONTENT = Known(Level.CONTENT)

Display = ast.List | ast.Tuple | ast.Set
_NUMBERS = (int, float)


@dataclass(frozen=True)
class Words:
    """The words of a scenario, and the output's fields with their types, such as "string" or "boolean"."""

    text: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def is_flag(self, name: str | None) -> bool:
        """Tell whether a field of the output is true or false."""
        return name is not None and self.fields.get(name) == "boolean"

    def names(self, node: ast.AST | None) -> bool:
        """Tell whether the scenario names a value that stands in `node`."""
        for part in ast.walk(node) if node is not None else ():
            if isinstance(part, ast.Constant) and not isinstance(part.value, bool | None):
                value = part.value.decode("utf-8", "replace") if isinstance(part.value, bytes) else str(part.value)
                if value.strip() and value.strip().casefold() in self.text.casefold():
                    return True
        return False


def combined(values: Sequence[Known]) -> Known:
    """Return what is known of a value that is made of others."""
    return Known(max((value.level for value in values), default=Level.NONE))


def is_empty(node: ast.AST | None) -> bool:
    """Tell whether an expression is a literal that counts as false, such as `[]` or `""`."""
    match node:
        case ast.Constant(value=value):
            return not value
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return not items
        case ast.Dict(keys=keys):
            return not keys
        case ast.Call(func=ast.Name(id="list" | "dict" | "set" | "bytearray" | "str" | "bytes"), args=[], keywords=[]):
            return True
    return False


def joined(yes: Known, no: Known, condition: Known) -> Known:
    """Return what is known of a value that is `yes` or `no`, as `condition` decides."""
    if yes.level == no.level:
        if yes.level == Level.NONE and condition.says and yes != no:
            true = isinstance(yes.node, ast.Constant) and bool(yes.node.value)
            return Known(Level.CONTENT, says=true and is_empty(no.node))
        node = yes.node if yes.node is no.node else None
        return Known(yes.level, says=yes.says and no.says, flag=yes.flag and no.flag, node=node)
    more, less = (yes, no) if yes.level > no.level else (no, yes)
    if is_empty(less.node) or condition.says:
        # `found = True` under `if x == 3:` says what `x == 3` says.
        noted = less is yes and condition.says and isinstance(less.node, ast.Constant) and less.node.value is True
        agrees = noted or is_empty(less.node)
        return replace(more, says=more.says and agrees, node=None)
    return Known(min(more.level, Level.KIND))


def merge(scope: dict[str, Known], yes: dict[str, Known], no: dict[str, Known], condition: Known) -> None:
    """Note in `scope` what is known of variables after one of two branches ran, as `condition` decides."""
    for name in yes.keys() | no.keys():
        if name in yes and name in no:
            scope[name] = joined(yes[name], no[name], condition) if yes[name] != no[name] else yes[name]
        else:
            scope[name] = yes[name] if name in yes else no[name]


def comparison(
    values: tuple[Known, Known], operator: ast.cmpop, nodes: tuple[ast.expr, ast.expr], words: Words
) -> bool:
    """Tell whether a comparison compares content of an output with something concrete."""
    left, right = values
    if isinstance(operator, ast.IsNot):
        # `re.search("x", text) is not None` says what `re.search("x", text)` says.
        return left.says and isinstance(nodes[1], ast.Constant) and nodes[1].value is None
    for value, other in ((left, nodes[1]), (right, nodes[0])):
        if value.says and not value.flag:
            # The result of another comparison is compared: it says something only if it must be true.
            return isinstance(operator, ast.Eq | ast.Is) and isinstance(other, ast.Constant) and other.value is True
    if {left.level, right.level} != {Level.NONE, Level.CONTENT}:
        return False
    if isinstance(operator, ast.Is):
        return any(isinstance(node, ast.Constant) and isinstance(node.value, bool) for node in nodes)
    known, node, other = (left, *nodes) if left.level == Level.NONE else (right, nodes[1], nodes[0])
    literal = known.node or node
    if isinstance(operator, ast.NotEq | ast.NotIn):
        return words.names(literal)
    if isinstance(operator, ast.Eq):
        return not _is_found_missing(literal, other) or words.names(other)
    if isinstance(operator, ast.In):
        if known is left:
            return _contained(literal, nodes[1], words) and not _put_in(literal, nodes[1], right.node)
        return not _is_everything(literal)
    return (
        words.names(literal)
        or _is_computed(literal)
        or (_holds_text(literal) and not isinstance(literal, ast.Constant))
    )


def _is_found_missing(literal: ast.AST, other: ast.expr) -> bool:
    """Tell whether an equation only says that something was not found, and so nothing about what is there."""
    match other:
        case ast.Call(func=ast.Attribute(attr="count" | "find" | "rfind")) if number(literal) in {0, -1}:
            return True
        case ast.Subscript(slice=ast.Slice()) | ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return is_empty(literal)
    return isinstance(literal, ast.Constant) and literal.value is None


def _put_in(literal: ast.AST, container: ast.expr, display: ast.AST | None) -> bool:
    """Tell whether a test looks for something in a place where it has put it itself."""
    if not isinstance(literal, ast.Constant) or isinstance(container, ast.Call):
        container_parts: list[ast.AST] = []
    else:
        container_parts = [container]
    parts = [*container_parts, *([display] if isinstance(display, Display | ast.Dict) else [])]
    return any(
        isinstance(part, ast.Constant) and isinstance(literal, ast.Constant) and str(literal.value) in str(part.value)
        for node in parts
        for part in ast.walk(node)
    )


def cancels(left: ast.expr, operator: ast.operator, right: ast.expr, sides: Sequence[Known]) -> bool:
    """Tell whether the result of a calculation is always the same: `x * 0`, `x - x`, `x % 1`."""
    numbers = [number(side.node) for side in sides]
    match operator:
        case ast.Mult():
            return 0 in numbers or any(is_empty(side.node) for side in sides)
        case ast.Mod():
            return numbers[1] == 1
        case ast.Pow():
            return numbers[1] == 0 or numbers[0] == 1
        case ast.Sub() | ast.Div() | ast.FloorDiv() | ast.BitXor():
            return ast.dump(left) == ast.dump(right)
    return False


def _contained(literal: ast.AST, container: ast.expr, words: Words) -> bool:
    """Tell whether `literal in container` can fail: "" is in every text, and a field's name is in every output."""
    if not isinstance(literal, ast.Constant):
        return True
    if isinstance(literal.value, str) and _is_whole(container):
        parts = re.findall(r"\w+", literal.value.casefold())
        shown = all(any(part in field.casefold() for field in words.fields) for part in parts)
        return not shown and any(character.isalnum() for character in literal.value)
    return not is_empty(literal)


def _is_whole(node: ast.expr) -> bool:
    """Tell whether an expression shows the names of an output's fields beside their contents."""
    match node:
        case ast.Call(func=ast.Attribute(attr="model_dump" | "model_dump_json" | "dict" | "json" | "keys")):
            return True
        case ast.Call(func=ast.Name(id="dict" | "str" | "repr" | "vars" | "dir")):
            return True
        case ast.Attribute(attr="__dict__" | "model_fields" | "model_fields_set"):
            return True
        case ast.JoinedStr() | ast.Call(func=ast.Attribute(attr="lower" | "upper")):
            return True
    return False


def _is_everything(node: ast.AST) -> bool:
    if isinstance(node, Display):
        values = [part.value for part in node.elts if isinstance(part, ast.Constant)]
        return not node.elts or (True in values and False in values)
    return False


def _is_computed(node: ast.AST | None) -> bool:
    """Tell whether a limit is computed from other values; a plain number may be one that every value passes."""
    if node is None:
        return True
    return any(isinstance(part, ast.Name) and part.id not in {"float", "int", "abs", "sys"} for part in ast.walk(node))


def _holds_text(node: ast.AST | None) -> bool:
    if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in {"set", "frozenset"}):
        return False
    return node is not None and any(
        isinstance(part, ast.Constant) and isinstance(part.value, str | bytes) and part.value for part in ast.walk(node)
    )


def within_limits(node: ast.Compare, middle: Known) -> bool:
    """Tell whether `1 <= x <= 6` compares content with two limits that are not too wide."""
    match node:
        case ast.Compare(left=low, ops=[first, second], comparators=[_, high]) if middle.level == Level.CONTENT:
            rising = isinstance(first, ast.Lt | ast.LtE) and isinstance(second, ast.Lt | ast.LtE)
            falling = isinstance(first, ast.Gt | ast.GtE) and isinstance(second, ast.Gt | ast.GtE)
            numbers = [number(low), number(high)]
            return (rising or falling) and all(value is not None and abs(value) <= 1_000_000 for value in numbers)
    return False


def is_close(node: ast.Compare, sides: Sequence[Known]) -> bool:
    """Tell whether `abs(x - 3) < 0.1` compares content with a number that it must be close to."""
    match node:
        case ast.Compare(
            left=ast.Call(args=[ast.BinOp(op=ast.Sub(), left=left, right=right)]),
            ops=[ast.Lt() | ast.LtE()],
            comparators=[limit],
        ) if {side.level for side in sides} == {Level.NONE, Level.CONTENT}:
            expected = max(abs(number(left) or 0), abs(number(right) or 0))
            far = number(limit)
            return far is not None and far <= max(1.0, expected / 2)
    return False


def number(node: ast.AST | None) -> float | None:
    """Return the value of a literal number; None for anything else."""
    match node:
        case ast.Constant(value=value) if isinstance(value, _NUMBERS) and not isinstance(value, bool):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = number(operand)
            return None if value is None else -value
    return None


def tolerates(call: ast.Call, names: Names) -> bool:
    """Tell whether a comparison of numbers accepts nearly every number: `approx(5, abs=1e9)`."""
    expected = next((value for part in call.args if (value := number(part)) is not None), None)
    for keyword in call.keywords:
        limit = number(keyword.value)
        if keyword.arg in {"rel", "rtol", "rel_tol"} and (limit is None or limit > 0.5):
            return True
        if keyword.arg in {"abs", "atol", "abs_tol"}:
            far = 100.0 if expected is None else max(1.0, abs(expected) / 2)
            if limit is None or limit > far:
                return True
    # By position: numpy.allclose(a, b, rtol, atol), pytest.approx(expected, rel, abs).
    first = 1 if "pytest.approx" in names.dotted(call.func) else 2
    return any((number(part) or 0.0) > 0.5 for part in call.args[first:])
