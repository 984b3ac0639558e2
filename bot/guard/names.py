"""Names in a syntax tree: what an expression stands for, and what a file binds at its top."""

from __future__ import annotations

import ast
import builtins
import copy
import sys
from collections.abc import Iterator, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_ROUNDS = 3
"""How many variables a name may pass through and still be recognised."""


class Names:
    """What names and expressions of a file stand for, as dotted names: `x` after `from os import _exit as x` is
    "os._exit".

    Where in the file a name is bound does not matter: it stands for all that it is bound to anywhere. Builtins go by
    their plain name, variables by theirs behind an "@". What is put together while the file runs stays unknown.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.imported: dict[str, set[str]] = {}
        self._stands_for: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name, target in imports(node):
                    self.imported.setdefault(name, set()).add(target)
        self.roots = {target.split(".")[0] for targets in self.imported.values() for target in targets}
        self._stands_for = {name: set(targets) for name, targets in self.imported.items()}
        assigned = [
            (target.id, value)
            for node in ast.walk(tree)
            for target, value in _assigned(node)
            if isinstance(target, ast.Name)
        ]
        for _ in range(_ROUNDS):
            for name, value in assigned:
                known = {
                    target for target in self.dotted(value) if not target.startswith("@") and self._is_known(target)
                }
                if known:
                    self._stands_for.setdefault(name, set()).update(known)

    def dotted(self, node: ast.AST) -> frozenset[str]:
        """Return the dotted names that an expression may stand for; none where that is unknown."""
        match node:
            case ast.Name(id=name):
                unknown = name if hasattr(builtins, name) or name == "__builtins__" else f"@{name}"
                return frozenset(_plain(target) for target in self._stands_for.get(name, {unknown}))
            case ast.Attribute(value=base, attr=attribute):
                return self._of(base, attribute)
            case ast.Call(func=function, args=[base, name, *_]) if "getattr" in self.dotted(function):
                looked_up = folded(name)
                return self._of(base, looked_up) if looked_up else frozenset()
            case ast.Call(func=function, args=[name, *_]) if self.dotted(function) & _IMPORTERS:
                module = folded(name)
                return frozenset({_plain(module)}) if module else frozenset()
            case ast.Subscript(value=base, slice=key):
                return self._item(base, folded(key))
            case ast.NamedExpr(value=value):
                return self.dotted(value)
        return frozenset()

    def _of(self, base: ast.AST, attribute: str) -> frozenset[str]:
        return frozenset(_plain(f"{target}.{attribute}") for target in self.dotted(base))

    def _item(self, base: ast.AST, key: str | None) -> frozenset[str]:
        """Return what `sys.modules["os"]`, `globals()["x"]`, `vars(os)["x"]` and `os.__dict__["x"]` stand for."""
        if key is None:
            return frozenset()
        if isinstance(base, ast.Call):
            called = self.dotted(base.func)
            if "globals" in called:
                return frozenset({key})
            if "vars" in called and base.args:
                return self._of(base.args[0], key)
        owners = self.dotted(base)
        if "sys.modules" in owners:
            return frozenset({key})
        return frozenset(
            _plain(f"{owner.removesuffix('.__dict__')}.{key}")
            for owner in owners
            if owner.endswith(".__dict__") or owner == "__builtins__"
        )

    def _is_known(self, target: str) -> bool:
        root = target.split(".")[0]
        # `x = x.y` in a loop would make ever longer names.
        return target.count(".") < 6 and (
            root in self.roots or hasattr(builtins, root) or root in sys.builtin_module_names
        )


_IMPORTERS = frozenset({"__import__", "importlib.import_module", "importlib.__import__"})


def _plain(target: str) -> str:
    for prefix in ("builtins.", "__builtins__."):
        target = target.removeprefix(prefix)
    return target


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
                    yield from zip(target.elts, value.elts, strict=False)
                else:
                    yield target, value
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value


def folded(node: ast.AST | None) -> str | None:
    """Return the text that an expression of literals makes (`"_ex" + "it"`), or None where it is not one."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [folded(left), folded(right)]
        case ast.JoinedStr(values=values):
            parts = [folded(value) for value in values]
        case ast.FormattedValue(value=value, format_spec=None):
            return folded(value)
        case ast.Call(func=ast.Attribute(value=glue, attr="join"), args=[ast.List(elts=items) | ast.Tuple(elts=items)]):
            between = folded(glue)
            parts = [folded(item) for item in items]
            return between.join(map(str, parts)) if between is not None and None not in parts else None
        case _:
            return None
    return None if None in parts else "".join(map(str, parts))


def imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names an import binds, each with the dotted name of what it binds; "*" for a star."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
    else:
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            yield alias.asname or alias.name, f"{base}.{alias.name}"


def bound(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """Return what binds each name of the module's own scope, in blocks (`if`, `try`, ...) too, in the file's order."""
    found: dict[str, list[ast.AST]] = {}

    def visit(node: ast.AST, statement: ast.AST) -> None:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.setdefault(name, []).append(node)
                parts: Sequence[ast.AST] = node.decorator_list
            case ast.Lambda():
                return
            case ast.Import() | ast.ImportFrom():
                for name, _ in imports(node):
                    found.setdefault(name, []).append(node)
                return
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.setdefault(name, []).append(statement)
                return
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                # Its variables are its own; only what `:=` binds is the module's.
                parts = [part for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
            case _:
                if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
                    found.setdefault(node.name, []).append(statement)
                parts = list(ast.iter_child_nodes(node))
        for part in parts:
            visit(part, part if isinstance(part, ast.stmt) else statement)

    for node in tree.body:
        visit(node, node)
    return found


def bare(tree: ast.Module) -> ast.Module:
    """Return the module without docstrings and without `if __name__ == "__main__":` blocks, which a test run or a
    server never enters. The tree given is left as it is."""
    plain = copy.deepcopy(tree)
    plain.body = [node for node in plain.body if not _is_main(node)]
    for node in ast.walk(plain):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])
    return plain


def _is_main(node: ast.stmt) -> bool:
    match node:
        case ast.If(
            test=ast.Compare(
                left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]
            ),
            orelse=[],
        ):
            return True
    return False


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes within a function (or module), without the bodies of functions and classes defined in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, Scope):
            yield from own_nodes(child)


def free(node: ast.AST) -> set[str]:
    """Return the names that `node` uses and does not bind itself: of a function, its globals, decorators and defaults
    included, and its parameters, as those of a test are fixtures."""
    used, own = _used_and_bound(node)
    if isinstance(node, Function):
        parameters = {argument.arg for argument in _arguments(node.args)}
        return (used - own) | parameters | _outside(node)
    return used - own


def _used_and_bound(scope: ast.AST) -> tuple[set[str], set[str]]:
    """Return the names used within a scope, without those that scopes in it bind themselves, and those it binds."""
    used: set[str] = set()
    own: set[str] = set()
    if isinstance(scope, Function | ast.Lambda):
        own |= {argument.arg for argument in _arguments(scope.args)}
    # Only of these is `body` a list of statements: a conditional expression has one as well.
    of_statements = isinstance(scope, Scope | ast.Module) and not isinstance(scope, ast.Lambda)
    inside: list[ast.AST] = list(getattr(scope, "body", ())) if of_statements else [scope]
    if isinstance(scope, ast.Lambda):
        inside = [scope.body]
    if isinstance(scope, ast.ClassDef):
        inside += [*scope.bases, *scope.keywords, *scope.decorator_list]
    while inside:
        node = inside.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name):
                own.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                own.add(name)
                used |= _inner(node) | _outside(node)
            case ast.Lambda():
                used |= _inner(node) | _outside(node)
            case ast.ClassDef(name=name):
                own.add(name)
                used |= _inner(node)
            case ast.Import() | ast.ImportFrom():
                own |= {name for name, _ in imports(node)}
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                # Its variables are its own, but where it starts is looked up outside.
                first = node.generators[0].iter
                within, variables = _comprehension(node, first)
                used |= within - variables
                inside.append(first)
            case _:
                if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
                    own.add(node.name)
                inside += ast.iter_child_nodes(node)
    return used, own


def _inner(scope: ast.AST) -> set[str]:
    used, own = _used_and_bound(scope)
    return used - own


def _comprehension(node: ast.AST, first: ast.expr) -> tuple[set[str], set[str]]:
    used: set[str] = set()
    own: set[str] = set()
    for part in ast.iter_child_nodes(node):
        for piece in ast.iter_child_nodes(part) if isinstance(part, ast.comprehension) else [part]:
            if piece is not first:
                loaded, stored = _used_and_bound(piece)
                used |= loaded
                own |= stored
    return used, own


def _outside(function: Function | ast.Lambda) -> set[str]:
    """Return what is looked up where a function is defined: decorators, defaults and annotations."""
    arguments = function.args
    parts: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
    parts += [argument.annotation for argument in _arguments(arguments)]
    if isinstance(function, Function):
        parts += [*function.decorator_list, function.returns]
    return set().union(*(_inner(part) for part in parts if part is not None))


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    more = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]
