"""The lock on tests: where one test is written anew, the others stay as they are."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Sequence

from bot.guard.names import Function
from bot.guard.source import Source
from bot.guard.tests.scenarios import used_names
from bot.values.naming import TESTS

# Functions that pytest calls around tests that do not name them. What else acts unseen is refused in every file.
_AROUND = frozenset(
    {"setup_module", "teardown_module", "setup_function", "teardown_function", "setup_class", "teardown_class"}
    | {"setup_method", "teardown_method", "setUpModule", "tearDownModule", "setup", "teardown"}
)


def lock_faults(before: Source, after: Source, disputed: Collection[str]) -> list[str]:
    """Return how `after` changes tests that must stay as they are, or something in the file that such a test uses.

    Syntax trees are compared, so that comments, docstrings and layout do not matter. New tests are allowed. Nothing is
    locked by a file that cannot be parsed.

    Args:
        before: the test file on the branch; a person may have changed it.
        disputed: the tests that may change; with or without "test_".
    """
    if before.fault or after.fault:
        return []
    try:
        return list(dict.fromkeys(_differences(before, after, _with_prefix(disputed))))
    except RecursionError:
        return [after.too_deep]


def _with_prefix(disputed: Collection[str]) -> set[str]:
    return {name if name.lower().startswith("test") else f"test_{name}" for name in disputed} | {
        f"test_{name}" for name in disputed
    }


def _differences(before: Source, after: Source, disputed: set[str]) -> Iterator[str]:
    users: dict[str, str] = {}
    for name, node in _tests(before.bare).items():
        part = None if name in disputed else _without(node, disputed)
        if part is None:
            continue
        if name not in after.bindings:
            yield _fault(name, "is gone")
            continue
        others = [_without(other, disputed) for other in after.bindings[name]]
        if len(others) != 1 or others[0] is None or ast.dump(others[0]) != ast.dump(part):
            yield _fault(name, f"differs{_lost(part, others)}")
        for used_name in used_names(before, part) - {name}:
            users.setdefault(used_name, f"`{name}`")
    for name in _AROUND:
        for used_name in {name}.union(*(used_names(before, node) for node in before.bindings.get(name, ()))):
            users.setdefault(used_name, "every test")
    for name, user in sorted(users.items()):
        if not _means_the_same(name, before, after):
            yield _fault(name, f"is used by {user} and differs")


def _meanings(source: Source, name: str) -> list[str]:
    """Return what `name` is bound to, an entry for each binding, so that it can be compared."""
    return [
        # Imports may be grouped in another way; only what the name stands for counts.
        f"import {sorted(source.names.imported[name])}"
        if isinstance(node, ast.Import | ast.ImportFrom)
        else ast.dump(node)
        for node in source.bindings.get(name, ())
    ]


def _is_import(source: Source, name: str) -> bool:
    nodes = source.bindings.get(name, [])
    return bool(nodes) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)


def _means_the_same(name: str, before: Source, after: Source) -> bool:
    """Tell whether a name that a locked test uses still means the same."""
    was, now = _meanings(before, name), _meanings(after, name)
    if was:
        return set(was) == set(now) and (len(now) <= len(was) or _is_import(after, name))
    if not now:
        return True
    # A forgotten import may be added. A fixture of pytest or a builtin may not be replaced.
    return not hasattr(builtins, name) and _is_import(after, name)


def _tests(tree: ast.Module) -> dict[str, Function | ast.ClassDef]:
    return {
        node.name: node
        for node in tree.body
        if (isinstance(node, Function) and node.name.startswith("test"))
        or (isinstance(node, ast.ClassDef) and node.name.startswith("Test"))
    }


def _without(node: ast.AST, disputed: Collection[str]) -> ast.AST | None:
    """Return a test, or a class of tests without its disputed tests; None where nothing is left of it."""
    if not isinstance(node, ast.ClassDef):
        return node
    body = [part for part in node.body if not (isinstance(part, Function) and part.name in disputed)]
    if not body:
        return None
    return ast.ClassDef(
        name=node.name, bases=node.bases, keywords=node.keywords, body=body, decorator_list=node.decorator_list
    )


def _lost(was: ast.AST, now: Sequence[ast.AST | None]) -> str:
    """Say which values a test no longer holds: a model that changes a test mostly changes what it expects."""
    lost = _constants([was]) - _constants([node for node in now if node is not None])
    listed = ", ".join(sorted(lost)[:3])
    return f" (it no longer holds {listed})" if listed else ""


def _constants(nodes: Sequence[ast.AST]) -> set[str]:
    return {
        repr(part.value)[:80]
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes | int | float)
    }


def _fault(name: str, how: str) -> str:
    return f"{TESTS}: `{name}` {how}; it must stay as it is, because only the disputed test may change"
