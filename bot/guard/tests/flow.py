"""A test, followed statement by statement: it must call `execute`, and reach an assert that it cannot avoid."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.guard.names import Function, Names, own_nodes
from bot.guard.tests.calls import ADDING, ASSERTIONS
from bot.guard.tests.content import CONTENT, NOTHING, Known, Level, Words, combined, is_empty, joined, merge, tolerates
from bot.guard.tests.expecting import fails, is_telling, is_telling_handler, leaves, only_calls
from bot.guard.tests.expressions import Expressions, Variables

_DEPTH = 6
"""How many functions deep a test is followed."""
_SWALLOWING = frozenset({"contextlib.suppress", "contextlib.ExitStack", "pytest.raises", "contextlib.AsyncExitStack"})


@dataclass
class _Frame:
    """A call of a function that is followed.

    Attributes:
        returned: what is known of the values it returned so far.
        left: it may have ended before the statements that follow.
    """

    returned: list[Known] = field(default_factory=list)
    left: bool = False


class Walk(Expressions):
    """Follows the tests of a file.

    Attributes:
        hits: how many asserts compare the output with something concrete and cannot be avoided.
    """

    def __init__(self, tree: ast.Module, names: Names, words: Words) -> None:
        super().__init__(names, words)
        self.hits = 0
        self._top: Variables = {}
        self._frames = [_Frame()]
        self._entered: list[ast.AST] = []
        self._under = Level.NONE
        self._fixtures = {
            node.name: node
            for node in tree.body
            if isinstance(node, Function)
            and any(
                "pytest.fixture" in names.dotted(part.func if isinstance(part, ast.Call) else part)
                for part in node.decorator_list
            )
        }
        for node in tree.body:
            if isinstance(node, Function):
                self._top[node.name] = Known(node=node)
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                self._statement(node, self._top)
        # What runs while the file is imported is part of no test.
        self.calls = self.hits = 0

    def follow(self, test: Function) -> None:
        """Follow a test as pytest calls it: fixtures run first, parameters are plain values."""
        self._run(test, dict(self._top), self._given(test))

    def _given(self, function: Function) -> Variables:
        given: Variables = {}
        for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
            fixture = self._fixtures.get(argument.arg)
            if fixture is None or fixture in self._entered or len(self._entered) >= _DEPTH:
                given[argument.arg] = Known(node=ast.Name(id=argument.arg, ctx=ast.Load()))
            else:
                given[argument.arg] = self._run(fixture, dict(self._top), self._given(fixture))
        return given

    def enter(self, function: ast.AST, arguments: Sequence[Known], named: Variables, scope: Variables) -> Known:
        """Return what is known of the result of a call of a function of the file, and count the asserts in it."""
        if not isinstance(function, Function | ast.Lambda):
            return NOTHING
        everything = [*arguments, *named.values()]
        if function in self._entered or len(self._entered) >= _DEPTH:
            return combined(everything)
        parameters = [*function.args.posonlyargs, *function.args.args]
        given: Variables = {}
        defaults = function.args.defaults
        for parameter, default in zip(parameters[len(parameters) - len(defaults) :], defaults, strict=True):
            given[parameter.arg] = self.value(default, scope)
        for keyword, keyword_default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
            given[keyword.arg] = self.value(keyword_default, scope) if keyword_default else NOTHING
        given |= {parameter.arg: value for parameter, value in zip(parameters, arguments, strict=False)}
        given |= named
        for more in (function.args.vararg, function.args.kwarg):
            if more is not None:
                given[more.arg] = combined(everything)
        if isinstance(function, ast.Lambda):
            self._entered.append(function)
            value = self.value(function.body, {**scope, **given})
            self._entered.pop()
            return value
        # A coroutine that is not awaited, or a generator that is not iterated over, does not run.
        idle = isinstance(function, ast.AsyncFunctionDef) or any(
            isinstance(part, ast.Yield | ast.YieldFrom) for part in own_nodes(function)
        )
        with self._uncounted(idle):
            return self._run(function, dict(scope), given)

    def _run(self, function: Function, scope: Variables, given: Variables) -> Known:
        frame = _Frame()
        self._frames.append(frame)
        self._entered.append(function)
        under, self._under = self._under, Level.NONE
        self._block(function.body, {**scope, **given})
        self._under = under
        self._entered.pop()
        self._frames.pop()
        if not frame.returned:
            return NOTHING
        value = frame.returned[0]
        for other in frame.returned[1:]:
            both = (value, other)
            denied = [known for known in both if isinstance(known.node, ast.Constant) and not known.node.value]
            says = all(known.says or known in denied for known in both) and len(denied) < 2
            value = Known(joined(value, other, NOTHING).level, says=says)
        return value

    def _block(self, statements: Sequence[ast.stmt], scope: Variables) -> None:
        for statement in statements:
            self._statement(statement, scope)

    @contextmanager
    def _uncounted(self, when: bool = True) -> Iterator[None]:
        """Do not count asserts in the block, because the test may avoid them."""
        before = self.hits
        yield
        if when:
            self.hits = before

    @contextmanager
    def _depending_on(self, value: Known) -> Iterator[None]:
        """Note that what is counted in the block depends on `value`."""
        under = self._under
        self._under = max(under, Level.CONTENT if value.says else value.level)
        yield
        self._under = under

    def _hit(self, says: bool) -> None:
        if says and not any(frame.left for frame in self._frames):
            self.hits += 1

    def _statement(self, node: ast.stmt, scope: Variables) -> None:  # noqa: C901 (a case a kind of statement)
        match node:
            case ast.Assert(test=test):
                self._hit(self.value(test, scope).says)
            case ast.Expr(value=value):
                self._expression(value, scope)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self.bind(target, self.value(value, scope), scope)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.value(value, scope), scope)
            case ast.AugAssign(target=target, value=value):
                old, new = self.value(target, scope), self.value(value, scope)
                self.bind(target, Known(max(old.level, new.level, self._under)), scope)
            case ast.Return(value=value):
                self._frames[-1].returned.append(self.value(value, scope) if value else NOTHING)
                self._frames[-1].left = True
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                scope[name] = Known(node=node)
            case ast.Continue() | ast.Break():
                self._frames[-1].left = True
            case ast.If():
                self._if(node, scope)
            case ast.For():
                self._for(node, scope)
            case ast.While(test=test, body=body):
                condition = self.value(test, scope)
                inner = dict(scope)
                with self._uncounted(), self._depending_on(condition), self._loop():
                    self._block([*body, *body], inner)
                merge(scope, inner, dict(scope), condition)
            case ast.With() | ast.AsyncWith():
                self._with(node, scope)
            case ast.Try() | ast.TryStar():
                self._try(node, scope)
            case ast.Match(subject=subject, cases=cases):
                condition = self.value(subject, scope)
                for case in cases:
                    inner = dict(scope)
                    with self._uncounted(), self._depending_on(condition):
                        self._block(case.body, inner)
                    merge(scope, inner, dict(scope), condition)

    def _expression(self, node: ast.expr, scope: Variables) -> None:
        if isinstance(node, ast.Yield):
            self._frames[-1].returned.append(self.value(node.value, scope))
            return
        self.value(node, scope)
        if not isinstance(node, ast.Call):
            return
        arguments = [self.value(part, scope) for part in node.args]
        known = self.names.dotted(node.func)
        if any(target.split(".")[-1] in ASSERTIONS for target in known) and not tolerates(node, self.names):
            root = next(iter(known)).split(".")[0]
            levels = {argument.level for argument in arguments[:2]}
            self._hit(levels == {Level.NONE, Level.CONTENT} and root in self.names.roots)
        elif "pytest.raises" in known and len(node.args) > 1:
            self._hit("executor.execute" in self.names.dotted(node.args[1]) and is_telling(node, self.names))
        elif isinstance(node.func, ast.Attribute) and node.func.attr in ADDING:
            self.change(node.func, Known(max(combined(arguments).level, self._under)), scope)

    def _if(self, node: ast.If, scope: Variables) -> None:
        condition = self.value(node.test, scope)
        if isinstance(node.test, ast.Constant):
            self._block(node.body if node.test.value else node.orelse, scope)
            return
        before = self.hits
        yes, no = dict(scope), dict(scope)
        with self._depending_on(condition):
            self._block(node.body, yes)
            in_body, self.hits = self.hits > before or fails(node.body), before
            self._block(node.orelse, no)
            in_orelse, self.hits = self.hits > before or fails(node.orelse), before
        self.hits += in_body and in_orelse and not (fails(node.body) and fails(node.orelse))
        merge(scope, yes, no, condition)

    def _for(self, node: ast.For, scope: Variables) -> None:
        over = self.value(node.iter, scope)
        filled = self.is_filled(node.iter, over, scope)
        empty = is_empty(over.node)
        inner = dict(scope)
        self.bind(node.target, self.element(node.iter, over, scope), inner)
        with self._uncounted(not filled), self._depending_on(over), self._loop():
            self._block(node.body, inner)
        # A second time, because the first round may set variables for the next.
        with self._uncounted(), self._depending_on(over), self._loop():
            self._block(node.body, inner)
        if not empty:
            if filled:
                scope.update(inner)
            else:
                merge(scope, inner, dict(scope), NOTHING)
        with self._uncounted():
            self._block(node.orelse, scope)

    @contextmanager
    def _loop(self) -> Iterator[None]:
        """Let `break` and `continue` end with the loop; a `return` in the loop ends the function."""
        frame = self._frames[-1]
        left, returned = frame.left, len(frame.returned)
        yield
        frame.left = left or len(frame.returned) > returned

    def _with(self, node: ast.With | ast.AsyncWith, scope: Variables) -> None:
        counts = True
        expected: list[ast.Call] = []
        for item in node.items:
            context = item.context_expr
            value = self.value(context, scope)
            called = context.func if isinstance(context, ast.Call) else context
            known = self.names.dotted(called)
            if known & _SWALLOWING or (isinstance(called, ast.Name) and called.id not in self.names.imported):
                counts = counts and isinstance(called, ast.Name) and called.id == "open"
            if "pytest.raises" in known and isinstance(context, ast.Call):
                expected.append(context)
                value = CONTENT
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        calls = self.calls
        with self._uncounted(not counts):
            self._block(node.body, scope)
        if expected and self.calls > calls and only_calls(node.body, self.names, self._top):
            self._hit(all(is_telling(call, self.names) for call in expected))

    def _try(self, node: ast.Try | ast.TryStar, scope: Variables) -> None:
        passes = [handler for handler in node.handlers if not fails(handler.body)]
        body = dict(scope)
        calls = self.calls
        with self._uncounted(bool(passes) or leaves(node.finalbody)):
            self._block(node.body, body)
            self._block(node.orelse, body)
        must_raise = fails(node.body) and self.calls > calls
        scope.update(body)
        for handler in node.handlers:
            inner = dict(scope)
            if handler.name:
                inner[handler.name] = CONTENT
            # The body ends with `assert False`, so the test goes on in the handler.
            only = must_raise and len(node.handlers) == 1 and is_telling_handler(handler, self.names)
            with self._uncounted(not only):
                self._block(handler.body, inner)
            if handler in passes:
                merge(scope, inner, dict(scope), NOTHING)
        self._block(node.finalbody, scope)
