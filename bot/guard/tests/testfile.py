"""What a test file may hold besides its tests: nothing that decides whether they run, or what they test."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from bot.guard import tricks
from bot.guard.names import Function, Names, all_bindings, folded, imports, own_nodes
from bot.guard.source import Source
from bot.values.naming import TESTS

SERVICE = frozenset({"executor.Input", "executor.Output", "executor.execute"})
"""What a test file imports from the service. It must not bind these names to anything else."""
OUTSIDE = frozenset(
    {"requests", "httpx", "urllib", "urllib3", "socket", "aiohttp", "smtplib", "ftplib", "http", "urlopen"}
    | {"time", "datetime", "random", "secrets", "uuid", "os.environ"}
)
"""What a test may replace: things outside of the service, such as the network, the clock and chance."""

_HOOKS = frozenset({"pytestmark", "pytest_plugins", "collect_ignore", "collect_ignore_glob", "load_tests"})
_DECORATORS = frozenset(
    {"pytest.fixture", "functools", "contextlib.contextmanager", "dataclasses.dataclass", "unittest.mock.patch"}
    | {"staticmethod", "classmethod", "property"}
    | {f"pytest.mark.{mark}" for mark in tricks.MARKS}
)
_REPLACING = frozenset({"setattr", "delattr", "setitem", "delitem", "syspath_prepend"})
# Usual names of variables. No assert needs the builtins of these names.
_BUILTIN_NAMES = frozenset({"input", "id", "format", "file", "dir", "help", "license", "credits", "copyright"})
_STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)


def file_faults(source: Source) -> list[str]:
    """Return what in the file could keep its tests from running, or from testing the service."""
    faults = [
        *_bindings(source),
        *_statements(source),
        *_decorators(source),
        *tricks.forbidden_names(source, tricks.IN_TESTS),
        *_escapes(source),
        *tricks.hidden_names(source),
        *tricks.touched_test_files(source),
        *_assignments(source),
        *_replacements(source),
        *_classes(source),
    ]
    return [f"{TESTS} {fault}" for fault in dict.fromkeys(faults)]


def _bindings(source: Source) -> Iterator[str]:
    names = source.names
    taken = {target for targets in names.imported.values() for target in targets}
    if not taken & {"executor", "executor.execute"}:
        yield "must begin with `from executor import Input, execute`"
    if "*" in names.imported:
        yield "must import names, not `*`"
    for name, nodes in source.bindings.items():
        definitions = [node for node in nodes if isinstance(node, Function | ast.ClassDef)]
        if len(nodes) > 1 and (definitions or name in names.imported) and not _repeated(name, nodes):
            yield f"defines `{name}` twice"
        if name in _HOOKS or name.startswith("pytest_") or (name.startswith("__") and name.endswith("__")):
            yield f"must not define `{name}`: {tricks.RUNNER}"
        elif hasattr(builtins, name) and name not in _BUILTIN_NAMES:
            yield f"must not define `{name}`, which Python has already; choose another name"
    yield from _service_names(source)
    for node in source.nodes:
        if isinstance(node, ast.Global):
            yield "must not use `global`; return values instead"


def _service_names(source: Source) -> Iterator[str]:
    """Yield where a name of the service is bound to anything else."""
    service = {
        name for name, targets in source.names.imported.items() if any(_is_service(target) for target in targets)
    }
    for name, node in all_bindings(source.nodes):
        if isinstance(node, ast.Import | ast.ImportFrom):
            wrong = source.names.imported[name] - SERVICE if name in {"execute", "Input", "Output"} else set()
            if wrong or (name in service and not all(_is_service(target) for target in source.names.imported[name])):
                yield f"must import `{name}` from executor only"
        elif name in service or name in {"execute", "Input", "Output"}:
            yield f"must import `{name}`, not define it"


def _repeated(name: str, nodes: list[ast.AST]) -> bool:
    """Tell whether all bindings of a name are imports of the same thing."""
    if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes):
        return False
    targets = {target for node in nodes for alias, target in imports(node) if alias == name}  # type: ignore[arg-type]
    return len(targets) == 1


def _is_service(target: str) -> bool:
    return target.split(".")[0] == "executor"


def _statements(source: Source) -> Iterator[str]:
    for node in source.bare.body:
        match node:
            case ast.Assign(targets=targets) if all(_plain(target) for target in targets):
                continue
            case ast.AnnAssign(target=ast.Name()) | ast.Expr(value=ast.Constant()):
                continue
            case _ if isinstance(node, _STATEMENTS):
                continue
        first = ast.unparse(node).splitlines()[0][:80]
        yield f"must hold only imports, constants, functions and classes at its top, not `{first}`"
    for node in source.bare.body:
        if not isinstance(node, Function | ast.ClassDef) or not node.name.lower().startswith("test"):
            continue
        for function in [node, *getattr(node, "body", ())] if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(function, ast.AsyncFunctionDef):
                yield f"must define `{function.name}` with `def`, not async: pytest does not run it otherwise"
            elif isinstance(function, ast.FunctionDef) and function.name.startswith("test") and _yields(function):
                yield f"must not use `yield` in `{function.name}`: pytest does not run it then"


def _yields(function: ast.FunctionDef) -> bool:
    return any(isinstance(part, ast.Yield | ast.YieldFrom) for part in own_nodes(function))


def _plain(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(_plain(part) for part in target.elts)
    return isinstance(target, ast.Name)


def _decorators(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if not isinstance(node, Function | ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            known = source.names.dotted(called)
            if any(target == name or target.startswith(f"{name}.") for target in known for name in _DECORATORS):
                yield from _arguments(source.bare, node, decorator, known)
            elif not any(target.split(".")[-1] in tricks.ESCAPES for target in known):
                yield f"must not decorate `{node.name}` with `{ast.unparse(called)}`"
        if isinstance(node, ast.ClassDef) and node.keywords:
            yield f"must not give the class `{node.name}` a metaclass"


def _arguments(
    tree: ast.Module, node: Function | ast.ClassDef, decorator: ast.expr, known: frozenset[str]
) -> Iterator[str]:
    arguments = decorator if isinstance(decorator, ast.Call) else ast.Call(func=decorator, args=[], keywords=[])
    options = {keyword.arg: keyword.value for keyword in arguments.keywords}
    if "pytest.fixture" in known:
        autouse = options.get("autouse")
        if autouse is not None and not (isinstance(autouse, ast.Constant) and autouse.value is False):
            yield f"must not let the fixture `{node.name}` act on tests that do not name it; leave out autouse"
        if "name" in options or None in options:
            yield f"must call the fixture `{node.name}` by its own name"
    if "pytest.mark.parametrize" in known:
        cases = arguments.args[1] if len(arguments.args) > 1 else options.get("argvalues")
        if isinstance(cases, ast.Name):
            name = cases.id
            cases = next(
                (
                    statement.value
                    for statement in tree.body
                    if isinstance(statement, ast.Assign)
                    and any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)
                ),
                cases,
            )
        if isinstance(cases, ast.List | ast.Tuple | ast.Set) and not cases.elts:
            yield f"must give `{node.name}` at least one case: without any it is not run"


def _escapes(source: Source) -> Iterator[str]:
    """Yield where a test could avoid to run or to count."""
    for node in source.nodes:
        match node:
            case ast.Attribute(attr=attribute):
                if attribute in tricks.ESCAPES:
                    yield f"must not use `{attribute}`: every test runs"
                else:
                    for target in source.names.dotted(node):
                        if target.startswith("pytest.mark.") and target.split(".")[2] not in tricks.MARKS:
                            mark = target.removeprefix("pytest.")
                            yield f"must not use `{mark}`: the only marks are {', '.join(sorted(tricks.MARKS))}"
            case ast.Import() | ast.ImportFrom():
                for _, target in imports(node):
                    if target.rsplit(".", 1)[-1] in tricks.ESCAPES:
                        yield f"must not use `{target.rsplit('.', 1)[-1]}`: every test runs"


def _assignments(source: Source) -> Iterator[str]:
    """Yield assignments to a part of a module, a class or a function; a test may only change its own values."""
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            root = node.value
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and root.id == "self":
                continue
            of_import = any(target.split(".")[0] in source.names.roots for target in source.names.dotted(root))
            if of_import or not isinstance(root, ast.Name) or root.id in source.bindings or node.attr.startswith("__"):
                yield f"must not assign to `{ast.unparse(node)}`: {tricks.REPLACES}"
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            base = node.value
            inner = base.func if isinstance(base, ast.Call) else base
            if source.names.dotted(inner) & {"globals", "vars", "locals", "sys.modules"} or (
                isinstance(base, ast.Attribute) and base.attr == "__dict__"
            ):
                yield f"must not assign to `{ast.unparse(node)}`: {tricks.REPLACES}"


def _replacements(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if not isinstance(node, ast.Call):
            continue
        called = source.names.dotted(node.func)
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        mocked = any(target.startswith("unittest.mock.patch") for target in called)
        if not mocked and attribute not in _REPLACING:
            continue
        targets = _targets(node, source.names)
        if not targets or not all(_is_outside(target) for target in targets):
            what = next(iter(sorted(targets)), "") or ast.unparse(node.func)
            yield (
                f"must not put anything in place of `{what.lstrip('@')}`: the service is tested as it is; only what "
                "reaches the network, the clock or chance may be replaced"
            )


def _targets(call: ast.Call, names: Names) -> set[str]:
    """Return what a call such as `monkeypatch.setattr` or `patch` replaces; empty where that is unknown."""
    if not call.args:
        return set()
    text = folded(call.args[0])
    if text is not None:
        return {text}
    attribute = folded(call.args[1]) if len(call.args) > 1 else None
    return {f"{target}.{attribute or '?'}" for target in names.dotted(call.args[0])}


def _is_outside(target: str) -> bool:
    target = target.removeprefix("executor.")
    return any(target == place or target.startswith(f"{place}.") for place in OUTSIDE)


def _classes(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            for part in ast.walk(node):
                name = part.name if isinstance(part, Function) else part.id if isinstance(part, ast.Name) else ""
                if name in tricks.COMPARISONS or name in {"__getattr__", "__getattribute__", "__init_subclass__"}:
                    yield f"must not define `{name}`: a value that is compared must not decide the comparison itself"
        elif isinstance(node, ast.Constant) and node.value in tricks.COMPARISONS:
            yield f"must not use `{node.value}`: a value that is compared must not decide the comparison itself"
