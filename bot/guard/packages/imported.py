"""The modules that a file imports and cannot work without."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from bot.guard.packages.import_names import PROVIDERS

_DEPENDS = frozenset({"version_info", "platform", "find_spec"})
"""Names in a condition that chooses between imports."""
_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def imported_modules(tree: ast.Module) -> list[str]:
    """Return the dotted names of the modules, sorted; "" stands for a relative import.

    Imports that may fail are left out: under `if TYPE_CHECKING`, and in a `try` that goes on after ImportError.
    """
    return sorted(set(_imported(tree)))


def _imported(tree: ast.Module) -> Iterator[str]:
    # Without recursion: a model's code may be nested deeper than Python's limit for recursion.
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, optional = waiting.pop()
        if not optional:
            yield from _named(node)
        lenient = _lenient(node)
        waiting += [(part, optional or part in lenient) for part in ast.iter_child_nodes(node)]


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from _from(node)
    elif isinstance(node, ast.Call) and (name := _named_in_call(node)):
        yield name


def _lenient(node: ast.AST) -> Sequence[ast.AST]:
    """Return the parts of a statement in which an import may fail, or may not run in the image."""
    match node:
        case ast.Try() | ast.TryStar() if _goes_on(node.handlers):
            return node.body
        case ast.With() if any(_suppresses(item.context_expr) for item in node.items):
            return node.body
        case ast.If() if _is(node.test, "TYPE_CHECKING"):
            return node.body
        case ast.If() if any(
            isinstance(part, ast.expr) and _is(part, name) for part in ast.walk(node.test) for name in _DEPENDS
        ):
            return [*node.body, *node.orelse]
    return []


def _from(node: ast.ImportFrom) -> Iterator[str]:
    if node.level:
        yield ""
    elif node.module:
        # `google.cloud.storage` has a package of its own.
        longer = [f"{node.module}.{alias.name}" for alias in node.names]
        known = [name for name in longer if name in PROVIDERS]
        yield from known or [node.module]


def _named_in_call(node: ast.Call) -> str | None:
    """Return the module that `importlib.import_module("x")` or `__import__("x")` loads."""
    if not (_is(node.func, "import_module") or _is(node.func, "__import__")) or not node.args:
        return None
    first = node.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("."):
        return first.value or None
    return None


def _goes_on(handlers: Sequence[ast.ExceptHandler]) -> bool:
    """Return whether an ImportError is caught and nothing is raised instead."""
    for handler in handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or any(_is(kind, name) for name in _CATCHES) for kind in kinds):
            return not any(isinstance(part, ast.Raise) for part in handler.body)
    return False


def _suppresses(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and _is(node.func, "suppress")
        and any(_is(argument, name) for argument in node.args for name in _CATCHES)
    )


def _is(node: ast.expr, name: str) -> bool:
    """Return whether an expression is the name, alone or after a dot."""
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)
