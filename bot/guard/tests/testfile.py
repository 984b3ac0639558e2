"""What a test file must not hold: what would change what its tests measure, unseen by who reads one of them.

Whether tests run, count and can fail is no matter of these rules: the build shows it, for it names each scenario whose
test did not run to its end, and each test that passes on services that do nothing.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from bot.guard.names import Function
from bot.guard.rule import forbidden_names
from bot.guard.source import Source
from bot.guard.tests import rules
from bot.values.naming import TESTS

DOOR = frozenset({"call", "fixture", "sample", "decoded"})
"""The fixtures by which tests use the service and their files."""
_SERVICE = frozenset({"executor", "interface", "server"})
_HOOKS = frozenset({"pytestmark", "pytest_plugins", "collect_ignore", "collect_ignore_glob", "load_tests"})
# Usual names of variables. No assert needs the builtins of these names.
_BUILTIN_NAMES = frozenset({"input", "id", "format", "file", "dir", "help", "license", "credits", "copyright"})
_STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)
_REPLACING = frozenset(
    {"sys.modules", "sys.meta_path", "sys.path", "sys._getframe", "inspect.stack", "inspect.currentframe", "gc"}
    | {"setattr", "delattr", "globals", "vars", "exec", "eval", "compile", "__import__", "importlib", "__builtins__"}
    | {"object.__setattr__", "type.__setattr__", "unittest.mock", "pytest.MonkeyPatch"}
)
"""Names by which code reaches other code and changes it."""
_INTERNALS = frozenset(
    {
        "__globals__",
        "__code__",
        "__dict__",
        "__closure__",
        "__defaults__",
        "__subclasses__",
        "__traceback__",
        "__test__",
    }
)
"""Attributes by which code does."""
_COMPARISONS = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__bool__", "__len__", "__hash__"}
)
"""Methods by which a value decides the result of a comparison with it."""


def file_faults(source: Source) -> list[str]:
    """Return what in the file could keep its tests from testing the service."""
    faults = [
        *_imports(source),
        *_bindings(source),
        *_statements(source),
        *forbidden_names(source, {rules.REPLACES_CODE: _REPLACING}),
        *(fault for node in source.nodes for fault in _node_faults(source, node)),
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


def _node_faults(source: Source, node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Global():
            yield rules.GLOBAL.refuse("must not use `global`; return values instead")
        case ast.keyword(arg="autouse"):
            yield rules.ACTS_UNSEEN.refuse("must not let a fixture act on tests that do not name it: `autouse`")
        case ast.Call(func=function, keywords=options) if "pytest.fixture" in source.names.dotted(function):
            if any(option.arg == "name" for option in options):
                yield rules.ACTS_UNSEEN.refuse("must call each fixture by its own name: no `name=`")
        case ast.Attribute(attr=attribute) if attribute in _INTERNALS:
            yield rules.REPLACES_CODE.refuse(f"must not use `{attribute}`; leave it out")
        case ast.Attribute(value=owner, ctx=ast.Store() | ast.Del()):
            # What a module's function returns may be changed, the module may not.
            modules = [target for target in source.names.dotted(owner) if "()" not in target]
            if any(target.split(".")[0] in source.names.roots for target in modules):
                yield rules.REPLACES_CODE.refuse(f"must not assign to `{ast.unparse(node)}`; leave it out")
        case ast.arg(arg="monkeypatch"):
            yield rules.REPLACES_CODE.refuse("must not use `monkeypatch`; test the service as it is")
        case ast.FunctionDef(name=name) if name in _COMPARISONS:
            yield rules.DECIDES_COMPARISON.refuse(f"must not define `{name}`; compare with plain values")
