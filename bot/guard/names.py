"""Names in a syntax tree: what an expression stands for, and which names a file binds."""

from __future__ import annotations

import ast
import builtins
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_ROUNDS = 3
"""How many variables a name may pass through and still be recognised."""


class Names:
    """What names and expressions of a file stand for, as dotted names: `x` after `from os import _exit as x` is
    "os._exit", and `x` after `x = Draw(image)` is "PIL.ImageDraw.Draw()".

    A name stands for everything that the file binds it to, wherever that is. A builtin is called by its plain name, a
    variable by its name behind an "@". What a name stands for only when the file runs is unknown.

    Attributes:
        imported: what imports bind each name to.
        roots: the modules that are imported, by the first part of their names.
        sure: the names of which every binding is known.
    """

    def __init__(self, nodes: Collection[ast.AST]) -> None:
        self.imported: dict[str, set[str]] = {}
        unknown = Counter(name for name, _ in all_bindings(nodes))
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name, target in imports(node):
                    self.imported.setdefault(name, set()).add(target)
                    unknown[name] -= 1
        self.roots = {target.split(".")[0] for targets in self.imported.values() for target in targets}
        self._stands_for = {name: set(targets) for name, targets in self.imported.items()}
        pairs = [pair for node in nodes if (pair := assigned(node))]
        for _ in range(_ROUNDS):
            for name, value in pairs:
                if known := set(filter(self._is_known, self.dotted(value))):
                    self._stands_for.setdefault(name, set()).update(known)
        unknown.subtract(name for name, value in pairs if any(map(self._is_known, self.dotted(value))))
        self.sure = {name for name, count in unknown.items() if not count}

    def dotted(self, node: ast.AST) -> frozenset[str]:
        """Return the dotted names that an expression may stand for; none where that is unknown."""
        match node:
            case ast.Name(id=name):
                unknown = name if hasattr(builtins, name) or name == "__builtins__" else f"@{name}"
                return frozenset(_plain(target) for target in self._stands_for.get(name, {unknown}))
            case ast.Attribute(value=base, attr=attribute):
                return self._attribute(base, attribute)
            case ast.Call(func=function, args=arguments):
                called = self.dotted(function)
                match arguments:
                    case [base, ast.Constant(value=str(text)), *_] if "getattr" in called:
                        return self._attribute(base, text)
                    case [ast.Constant(value=str(text)), *_] if called & IMPORTERS:
                        return frozenset({_plain(text)})
                # Nobody asks for what a result's result's result has, and names would grow with each call.
                return frozenset(f"{target}()" for target in called if target.count("()") < 2)
            case ast.NamedExpr(value=value):
                return self.dotted(value)
        return frozenset()

    def _attribute(self, base: ast.AST, attribute: str) -> frozenset[str]:
        return frozenset(_plain(f"{target}.{attribute}") for target in self.dotted(base))

    def _is_known(self, target: str) -> bool:
        root = target.split(".")[0]
        # `x = x.y` in a loop would make ever longer names.
        return target.count(".") < 6 and (
            root in self.roots or hasattr(builtins, root) or root in sys.builtin_module_names
        )


IMPORTERS = frozenset({"__import__", "importlib.import_module", "importlib.__import__"})


def _plain(target: str) -> str:
    for prefix in ("builtins.", "__builtins__."):
        target = target.removeprefix(prefix)
    return target


def assigned(node: ast.AST) -> tuple[str, ast.expr] | None:
    """Return the one name that a node assigns to, and what it assigns."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            | ast.NamedExpr(target=ast.Name(id=name), value=value)
        ):
            return name, value
    return None


def imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, each with the dotted name of what it stands for; "*" for a star."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
    else:
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            yield alias.asname or alias.name, f"{base}.{alias.name}"


def all_bindings(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Yield every name that the nodes bind, in any scope, with the node that binds it."""
    for node in nodes:
        for name in _bound_by(node):
            yield name, node


def module_bindings(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """Return what binds each name of the module's own scope, in the file's order: definitions, imports, and statements
    that hold an assignment. Those in blocks (`if`, `try`, ...) count too."""
    bindings: dict[str, list[ast.AST]] = {}

    def visit(node: ast.AST, statement: ast.AST) -> None:
        whole = isinstance(node, Function | ast.ClassDef | ast.Import | ast.ImportFrom)
        for name in _bound_by(node):
            bindings.setdefault(name, []).append(node if whole else statement)
        for part in _same_scope(node):
            visit(part, part if isinstance(part, ast.stmt) else statement)

    for node in tree.body:
        visit(node, node)
    return bindings


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node binds itself, without those that its parts bind."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.Import() | ast.ImportFrom():
            yield from (name for name, _ in imports(node))


def _same_scope(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of a node that bind names in the scope that the node stands in."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.decorator_list
        case ast.Lambda():
            return ()
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            # A comprehension has a scope for its variables; only `:=` binds names outside of it.
            return [part for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
    return ast.iter_child_nodes(node)


def line_range(node: ast.AST) -> range:
    """Return the lines of a statement, its decorators among them, counted from 1."""
    places = [(part.lineno, part.end_lineno or part.lineno) for part in (node, *getattr(node, "decorator_list", ()))]
    return range(min(first for first, _ in places), max(last for _, last in places) + 1)
