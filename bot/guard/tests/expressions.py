"""What is known of the values of a test's expressions, without running them."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from bot.guard.names import Function, Names, folded
from bot.guard.tests.calls import Called, result
from bot.guard.tests.content import (
    CONTENT,
    NOTHING,
    Display,
    Known,
    Level,
    Words,
    cancels,
    combined,
    comparison,
    is_close,
    is_empty,
    joined,
    number,
    within_limits,
)

_KIND_ATTRIBUTES = frozenset(
    {"__class__", "__name__", "__doc__", "__module__", "model_fields", "model_fields_set", "model_json_schema"}
)
Variables = dict[str, Known]


class Expressions(ABC):
    """Evaluates expressions with what is known of the variables in them.

    Attributes:
        calls: how many calls of `execute` were evaluated.
    """

    def __init__(self, names: Names, words: Words) -> None:
        self.names = names
        self.words = words
        self.calls = 0

    @abstractmethod
    def enter(self, function: ast.AST, arguments: Sequence[Known], named: dict[str, Known], scope: Variables) -> Known:
        """Return what is known of the result of a call of a function of the file."""

    def value(self, node: ast.AST | None, scope: Variables) -> Known:
        """Return what is known of an expression. If it shows nothing of an output, the expression itself is known."""
        known = self._value(node, scope)
        if known.level == Level.NONE and known.node is None:
            return replace(known, node=node)
        return known

    def _value(self, node: ast.AST | None, scope: Variables) -> Known:  # noqa: C901 (a case a kind of expression)
        match node:
            case ast.Name(id=name):
                return scope.get(name, NOTHING)
            case ast.NamedExpr(target=target, value=value):
                scope[target.id] = self.value(value, scope)
                return scope[target.id]
            case ast.Attribute(value=base, attr=attribute):
                return self._attribute(self.value(base, scope), attribute)
            case ast.Subscript():
                return self._item(node, scope)
            case ast.BinOp(left=left, op=operator, right=right):
                sides = [self.value(left, scope), self.value(right, scope)]
                return NOTHING if cancels(left, operator, right, sides) else combined(sides)
            case ast.BoolOp(op=operator, values=values):
                return self._either(operator, [self.value(value, scope) for value in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._denied(operand, scope)
            case ast.Compare():
                return self._compared(node, scope)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = self.value(test, scope)
                return joined(self.value(body, scope), self.value(orelse, scope), condition)
            case ast.Call():
                return self._called(node, scope)
            case ast.Lambda():
                return Known(node=node)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return replace(combined([self.value(item, scope) for item in items]), node=node)
            case ast.Dict(keys=keys, values=values):
                parts = [self.value(part, scope) for part in [*keys, *values] if part is not None]
                return replace(combined(parts), node=node)
            case ast.ListComp(elt=made) | ast.SetComp(elt=made) | ast.GeneratorExp(elt=made):
                return self._comprehension(node.generators, [made], scope)
            case ast.DictComp(key=key, value=value):
                return self._comprehension(node.generators, [key, value], scope)
            case ast.Starred(value=value) | ast.Await(value=value) | ast.FormattedValue(value=value):
                return self.value(value, scope)
            case ast.JoinedStr(values=values):
                return combined([self.value(value, scope) for value in values])
        return NOTHING

    def _attribute(self, base: Known, attribute: str) -> Known:
        if attribute in _KIND_ATTRIBUTES:
            return Known(min(base.level, Level.KIND))
        flag = base.level == Level.CONTENT and self.words.is_flag(attribute)
        return Known(base.level, says=flag, flag=flag)

    def _item(self, node: ast.Subscript, scope: Variables) -> Known:
        base = self.value(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            start, stop = number(node.slice.lower) or 0.0, number(node.slice.upper)
            nothing = stop is not None and 0 <= stop <= start
            return NOTHING if nothing else replace(base, says=False, flag=False, node=None)
        at = number(node.slice)
        if isinstance(base.node, ast.List | ast.Tuple) and at is not None and at == int(at):
            items = base.node.elts
            if -len(items) <= at < len(items) and not any(isinstance(item, ast.Starred) for item in items):
                return self.value(items[int(at)], scope)
        name = folded(node.slice)
        if isinstance(base.node, ast.Dict) and name is not None:
            for key, value in zip(base.node.keys, base.node.values, strict=True):
                if folded(key) == name:
                    return self.value(value, scope)
        flag = base.level == Level.CONTENT and self.words.is_flag(name)
        level = max(base.level, self.value(node.slice, scope).level)
        return Known(level, says=flag, flag=flag)

    def _either(self, operator: ast.boolop, values: list[Known]) -> Known:
        if isinstance(operator, ast.And):
            says = any(value.says for value in values)
            return Known(values[-1].level, says=says)
        says = all(value.says for value in values)
        others = [value for value in values if value.level != Level.CONTENT]
        level = combined(values).level
        return Known(level if all(is_empty(value.node) for value in others) else min(level, Level.KIND), says=says)

    def _denied(self, operand: ast.expr, scope: Variables) -> Known:
        if isinstance(operand, ast.Compare) and len(operand.ops) == 1:
            opposite = {ast.Eq: ast.NotEq, ast.In: ast.NotIn, ast.NotEq: ast.Eq, ast.NotIn: ast.In, ast.IsNot: ast.Is}
            operator = opposite.get(type(operand.ops[0]))
            if operator is not None:
                turned = ast.Compare(left=operand.left, ops=[operator()], comparators=operand.comparators)
                return self._compared(turned, scope)
        value = self.value(operand, scope)
        says = value.flag or (value.says and isinstance(operand, ast.Call) and self.words.names(operand))
        return Known(min(value.level, Level.KIND), says=says, flag=value.flag)

    def _compared(self, node: ast.Compare, scope: Variables) -> Known:
        nodes = [node.left, *node.comparators]
        values = [self.value(part, scope) for part in nodes]
        says = len(values) == 3 and within_limits(node, values[1])
        match node.left:
            case ast.Call(args=[ast.BinOp(left=left, right=right)]) if "abs" in self.names.dotted(node.left.func):
                says = is_close(node, [self.value(left, scope), self.value(right, scope)])
        for at, operator in enumerate(node.ops):
            pair = (nodes[at], nodes[at + 1])
            says = says or comparison((values[at], values[at + 1]), operator, pair, self.words)
        return Known(min(combined(values).level, Level.KIND), says=says)

    def _comprehension(self, generators: list[ast.comprehension], made: list[ast.expr], scope: Variables) -> Known:
        inner = dict(scope)
        through = Level.NONE
        certain = True
        for generator in generators:
            over = self.value(generator.iter, inner)
            self.bind(generator.target, self.element(generator.iter, over, inner), inner)
            certain = certain and self.is_filled(generator.iter, over, inner) and not generator.ifs
            checked = [self.value(condition, inner) for condition in generator.ifs]
            # The items of a display are looked at in `element`.
            through = max(through, combined(checked).level if isinstance(over.node, Display) else over.level)
        values = [self.value(part, inner) for part in made]
        return Known(max(combined(values).level, through), each=certain and values[0].says, some=values[0].says)

    def element(self, node: ast.expr, over: Known, scope: Variables) -> Known:
        """Return what is known of an item when `node` is iterated over."""
        if isinstance(over.node, Display):
            items = [self.value(item, scope) for item in over.node.elts]
            return items[0] if len(items) == 1 else combined(items)
        if over.level == Level.NONE and isinstance(node, ast.Call):
            return NOTHING
        return Known(over.level)

    def is_filled(self, node: ast.AST | None, over: Known, scope: Variables) -> bool:
        """Tell whether what is iterated over surely has items, so that the loop's body runs."""
        node = over.node if over.node is not None else node
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return any(not isinstance(item, ast.Starred) for item in items)
            case ast.Dict(keys=keys):
                return any(key is not None for key in keys)
            case ast.Constant(value=str(text)):
                return bool(text)
            case ast.Call(func=ast.Name(id="range"), args=[stop]):
                return (number(stop) or 0) > 0
            case ast.Call(func=ast.Name(id="range"), args=[start, stop, *_]):
                return (number(stop) or 0) > (number(start) or 0)
            case ast.Call(func=ast.Name(id="enumerate" | "sorted" | "list" | "reversed" | "set" | "zip"), args=[_, *_]):
                parts = [(part, self.value(part, scope)) for part in node.args]
                return all(self.is_filled(part, value, scope) for part, value in parts)
            case ast.Call(func=ast.Attribute(value=base, attr="items" | "keys" | "values" | "split" | "splitlines")):
                return self.is_filled(base, self.value(base, scope), scope)
            case ast.Name(id=name) if name in scope and scope[name].node is not None:
                return scope[name].node is not node and self.is_filled(scope[name].node, scope[name], scope)
        return False

    def bind(self, target: ast.expr, value: Known, scope: Variables) -> None:
        """Note what is known of the variables in `target` after `value` was assigned to it."""
        match target:
            case ast.Name(id=name):
                scope[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                items = value.node.elts if isinstance(value.node, ast.Tuple | ast.List) else []
                for at, part in enumerate(parts):
                    matching = len(items) == len(parts) and not any(isinstance(item, ast.Starred) for item in items)
                    self.bind(part, self.value(items[at], scope) if matching else Known(value.level), scope)
            case ast.Starred(value=part):
                self.bind(part, Known(value.level), scope)
            case ast.Attribute() | ast.Subscript():
                self.change(target, value, scope)

    def change(self, target: ast.AST, value: Known, scope: Variables) -> None:
        """Note that a part of a variable is set: what a test itself puts into an output does not count as content."""
        root = target
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name):
            level = scope.get(root.id, NOTHING).level
            changed = Level.KIND if value.level < level else max(level, value.level)
            scope[root.id] = Known(changed)

    def _called(self, node: ast.Call, scope: Variables) -> Known:
        known = self.names.dotted(node.func)
        arguments = [self.value(part, scope) for part in node.args]
        named = {keyword.arg or "**": self.value(keyword.value, scope) for keyword in node.keywords}
        if "executor.execute" in known:
            self.calls += 1
            return CONTENT
        everything = [*arguments, *named.values()]
        if known & {"executor.Input", "executor.Output"}:
            return combined(everything)
        if any(target.split(".")[0] == "executor" for target in known):
            return CONTENT
        function = self.value(node.func, scope) if isinstance(node.func, ast.Name) else NOTHING
        if isinstance(function.node, Function | ast.Lambda):
            return self.enter(function.node, arguments, named, scope)
        if "all" in known and node.args and isinstance(node.args[0], Display):
            items = [self.value(item, scope) for item in node.args[0].elts]
            return Known(min(combined(items).level, Level.KIND), says=any(item.says for item in items))
        if known == {"dict"} and not node.args:
            keys: list[ast.expr | None] = [
                ast.Constant(keyword.arg) if keyword.arg else None for keyword in node.keywords
            ]
            return self.value(ast.Dict(keys=keys, values=[keyword.value for keyword in node.keywords]), scope)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else next(iter(known), "").rsplit(".", 1)[-1]
        base = self.value(node.func.value, scope) if isinstance(node.func, ast.Attribute) else NOTHING
        return result(node, Called(method, known, base, arguments, combined([base, *everything]).level), self.names)
