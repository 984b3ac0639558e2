"""What a test file must not hold: what decides whether its tests run, or what they measure.

`rules` lists the rules, each with its reason and examples.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from bot.guard.names import Function, imports, own_nodes
from bot.guard.rule import forbidden_names
from bot.guard.source import Source
from bot.guard.tests import rules, tricks
from bot.values.naming import TESTS

DOOR = frozenset({"call", "fixture", "sample", "decoded"})
"""The fixtures by which tests use the service and their files."""
_SERVICE = frozenset({"executor", "interface", "server"})
_HOOKS = frozenset({"pytestmark", "pytest_plugins", "collect_ignore", "collect_ignore_glob", "load_tests"})
# Usual names of variables. No assert needs the builtins of these names.
_BUILTIN_NAMES = frozenset({"input", "id", "format", "file", "dir", "help", "license", "credits", "copyright"})
_STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)


def file_faults(source: Source) -> list[str]:
    """Return what in the file could keep its tests from running, or from testing the service."""
    faults = [
        *_imports(source),
        *_bindings(source),
        *_statements(source),
        *_tests_that_do_not_run(source),
        *_fixtures(source),
        *forbidden_names(source, tricks.FORBIDDEN),
        *_escapes(source),
        *tricks.hidden_names(source),
        *tricks.touched_test_files(source),
        *_replacements(source),
        *_comparisons(source),
    ]
    return [f"{TESTS} {fault}" for fault in dict.fromkeys(faults)]


def _imports(source: Source) -> Iterator[str]:
    for targets in source.names.imported.values():
        for target in targets:
            if (module := target.split(".")[0]) in _SERVICE:
                yield rules.IMPORTS_SERVICE.refuse(f"must not import `{module}`; use the fixture `call`")
    if "*" in source.names.imported:
        yield rules.IMPORTS_STAR.refuse("must import names, not `*`")


def _bindings(source: Source) -> Iterator[str]:
    for name, nodes in source.bindings.items():
        if len(nodes) > 1 and any(isinstance(node, Function | ast.ClassDef) for node in nodes):
            yield rules.DEFINED_TWICE.refuse(f"defines `{name}` twice; give each its own name")
        if name in _HOOKS or name.startswith("pytest_") or (name.startswith("__") and name.endswith("__")):
            yield rules.DEFINES_HOOK.refuse(f"must not define `{name}`; choose another name")
        elif hasattr(builtins, name) and name not in _BUILTIN_NAMES:
            yield rules.HIDES_BUILTIN.refuse(f"must not define `{name}`, which Python has; choose another name")
        if name in DOOR:
            yield rules.HIDES_DOOR.refuse(f"must not define `{name}`, which is a fixture; choose another name")
    if any(isinstance(node, ast.Global) for node in source.nodes):
        yield rules.GLOBAL.refuse("must not use `global`; return values instead")


def _statements(source: Source) -> Iterator[str]:
    for node in source.bare.body:
        match node:
            case ast.Assign(targets=targets) if all(_is_plain(target) for target in targets):
                continue
            case ast.AnnAssign(target=ast.Name()) | ast.Expr(value=ast.Constant()):
                continue
            case _ if isinstance(node, _STATEMENTS):
                continue
        first = ast.unparse(node).splitlines()[0][:80]
        yield rules.CODE_AT_TOP.refuse(
            f"must hold only imports, constants, functions and classes at its top, not `{first}`"
        )


def _is_plain(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_plain, target.elts))
    return isinstance(target, ast.Name)


def _tests_that_do_not_run(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if not isinstance(node, Function) or not node.name.startswith("test"):
            continue
        if isinstance(node, ast.AsyncFunctionDef):
            yield rules.NEVER_RUNS.refuse(f"must define `{node.name}` with `def`, not async")
        elif any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own_nodes(node)):
            yield rules.NEVER_RUNS.refuse(f"must not use `yield` in `{node.name}`")


def _fixtures(source: Source) -> Iterator[str]:
    """Yield the fixtures that act on tests that do not name them, or that take another's place."""
    for node in source.nodes:
        for decorator in getattr(node, "decorator_list", ()):
            for option in getattr(decorator, "keywords", ()):
                name = getattr(node, "name", "")
                if option.arg == "autouse":
                    yield rules.ACTS_UNSEEN.refuse(
                        f"must not let the fixture `{name}` act on tests that do not name it"
                    )
                elif option.arg == "name":
                    yield rules.ACTS_UNSEEN.refuse(f"must call the fixture `{name}` by its own name")


def _escapes(source: Source) -> Iterator[str]:
    """Yield where a test could avoid to run or to count."""
    for node in source.nodes:
        match node:
            case ast.Attribute(attr=attribute) if attribute in tricks.ESCAPES:
                yield rules.SKIPS.refuse(f"must not use `{attribute}`; leave it out")
            case ast.Attribute():
                for target in source.names.dotted(node):
                    if target.startswith("pytest.mark.") and target.split(".")[2] not in tricks.MARKS:
                        mark = target.removeprefix("pytest.")
                        marks = ", ".join(sorted(tricks.MARKS))
                        yield rules.SKIPS.refuse(f"must not use `{mark}`; the only marks are {marks}")
            case ast.Import() | ast.ImportFrom():
                for _, target in imports(node):
                    if (name := target.rsplit(".", 1)[-1]) in tricks.ESCAPES:
                        yield rules.SKIPS.refuse(f"must not use `{name}`; leave it out")


def _replacements(source: Source) -> Iterator[str]:
    """Yield what puts something in place of code that is not the test's: the service cannot be reached so anyway."""
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            if any(target.split(".")[0] in source.names.roots for target in source.names.dotted(node.value)):
                yield rules.REPLACES_CODE.refuse(f"must not assign to `{ast.unparse(node)}`; leave it out")
        elif isinstance(node, ast.arg) and node.arg == "monkeypatch":
            yield rules.REPLACES_CODE.refuse("must not use `monkeypatch`; test the service as it is")


def _comparisons(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            for part in ast.walk(node):
                if isinstance(part, Function) and part.name in tricks.COMPARISONS:
                    yield rules.DECIDES_COMPARISON.refuse(f"must not define `{part.name}`; compare with plain values")
