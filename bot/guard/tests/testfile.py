"""What a test file may hold besides its tests: nothing that decides whether they run, or what they run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from bot.guard import tricks
from bot.guard.names import Function, Names, bound, folded, imports, own_nodes

FILE = "test_executor.py"
SERVICE = frozenset({"executor.Input", "executor.Output", "executor.execute"})
"""What a test file takes from the service, and binds to no other name's sake again."""
OUTSIDE = frozenset(
    {"requests", "httpx", "urllib", "urllib3", "socket", "aiohttp", "smtplib", "ftplib", "http", "urlopen"}
    | {"time", "datetime", "random", "secrets", "uuid", "os.environ"}
)
"""What a test may put something else in place of: what reaches outside of the service."""

_HOOKS = frozenset({"pytestmark", "pytest_plugins", "collect_ignore", "collect_ignore_glob", "load_tests"})
_DECORATORS = frozenset(
    {"pytest.fixture", "functools", "contextlib.contextmanager", "dataclasses.dataclass", "unittest.mock.patch"}
    | {"staticmethod", "classmethod", "property"}
    | {f"pytest.mark.{mark}" for mark in tricks.MARKS}
)
_REPLACING = frozenset({"setattr", "delattr", "setitem", "delitem", "syspath_prepend"})
# People call variables so; none of these is what an assert needs.
_BUILTIN_NAMES = frozenset({"input", "id", "format", "file", "dir", "help", "license", "credits", "copyright"})
_STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)


def problems(tree: ast.Module) -> list[str]:
    """Return what in the file, a `bare` one, could keep its tests from running, or from testing the service."""
    names = Names(tree)
    found = [*_bindings(tree, names), *_statements(tree), *_decorators(tree, names)]
    found += [f"must not use `{name.removeprefix('pytest.')}`: {why}" for name, why in _named(tree, names)]
    found += tricks.hidden_names(tree, names)
    found += tricks.test_files(tree)
    found += _assignments(tree, names, set(bound(tree)))
    found += _replacements(tree, names)
    found += _classes(tree)
    return [f"{FILE} {text}" for text in dict.fromkeys(found)]


def _bindings(tree: ast.Module, names: Names) -> Iterator[str]:
    taken = {target for targets in names.imported.values() for target in targets}
    if not taken & {"executor", "executor.execute"}:
        yield "must begin with `from executor import Input, execute`"
    if "*" in names.imported:
        yield "must import names, not `*`"
    for name, nodes in bound(tree).items():
        definitions = [node for node in nodes if isinstance(node, Function | ast.ClassDef)]
        if len(nodes) > 1 and (definitions or name in names.imported) and not _repeated(name, nodes):
            yield f"defines `{name}` twice"
        if name in _HOOKS or name.startswith("pytest_") or (name.startswith("__") and name.endswith("__")):
            yield f"must not define `{name}`: {tricks.RUNNER}"
        elif hasattr(builtins, name) and name not in _BUILTIN_NAMES:
            yield f"must not define `{name}`, which Python has already; choose another name"
    service = {name for name, targets in names.imported.items() if any(_of_service(target) for target in targets)}
    for name, node in _everywhere(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            wrong = names.imported[name] - SERVICE if name in {"execute", "Input", "Output"} else set()
            if wrong or (name in service and not all(_of_service(target) for target in names.imported[name])):
                yield f"must import `{name}` from executor only"
        elif name in service or name in {"execute", "Input", "Output"}:
            yield f"must import `{name}`, not define it"
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield "must not use `global`; return values instead"


def _repeated(name: str, nodes: list[ast.AST]) -> bool:
    """Tell whether imports only say the same twice."""
    if not all(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes):
        return False
    targets = {target for node in nodes for alias, target in imports(node) if alias == name}  # type: ignore[arg-type]
    return len(targets) == 1


def _of_service(target: str) -> bool:
    return target.split(".")[0] == "executor"


def _everywhere(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield every name that is bound in any scope of the file, with what binds it."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name, node
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node
            case ast.Import() | ast.ImportFrom():
                for name, _ in imports(node):
                    yield name, node


def _statements(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=targets) if all(_plain(target) for target in targets):
                continue
            case ast.AnnAssign(target=ast.Name()) | ast.Expr(value=ast.Constant()):
                continue
            case _ if isinstance(node, _STATEMENTS):
                continue
        first = ast.unparse(node).splitlines()[0][:80]
        yield f"must hold only imports, constants, functions and classes at its top, not `{first}`"
    for node in tree.body:
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


def _decorators(tree: ast.Module, names: Names) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, Function | ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            known = names.dotted(called)
            if any(target == name or target.startswith(f"{name}.") for target in known for name in _DECORATORS):
                yield from _arguments(tree, node, decorator, known)
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


def _named(tree: ast.Module, names: Names) -> Iterator[tuple[str, str]]:
    yield from tricks.named(tree, names, tricks.IN_TESTS)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attribute):
                if attribute in tricks.ESCAPES:
                    yield attribute, "every test runs"
                else:
                    for target in names.dotted(node):
                        if target.startswith("pytest.mark.") and target.split(".")[2] not in tricks.MARKS:
                            yield target, f"the only marks are {', '.join(sorted(tricks.MARKS))}"
            case ast.Import() | ast.ImportFrom():
                for _, target in imports(node):
                    if target.rsplit(".", 1)[-1] in tricks.ESCAPES:
                        yield target.rsplit(".", 1)[-1], "every test runs"


def _assignments(tree: ast.Module, names: Names, own: set[str]) -> Iterator[str]:
    """Yield what is set on a module, a class or a function instead of on a test's own values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            root = node.value
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and root.id == "self":
                continue
            of_import = any(target.split(".")[0] in names.roots for target in names.dotted(root))
            if of_import or not isinstance(root, ast.Name) or root.id in own or node.attr.startswith("__"):
                yield f"must not assign to `{ast.unparse(node)}`: {tricks.REPLACES}"
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            base = node.value
            inner = base.func if isinstance(base, ast.Call) else base
            if names.dotted(inner) & {"globals", "vars", "locals", "sys.modules"} or (
                isinstance(base, ast.Attribute) and base.attr == "__dict__"
            ):
                yield f"must not assign to `{ast.unparse(node)}`: {tricks.REPLACES}"


def _replacements(tree: ast.Module, names: Names) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = names.dotted(node.func)
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        mocked = any(target.startswith("unittest.mock.patch") for target in called)
        if not mocked and attribute not in _REPLACING:
            continue
        targets = _targets(node, names)
        if not targets or not all(_is_outside(target) for target in targets):
            what = next(iter(sorted(targets)), "") or ast.unparse(node.func)
            yield (
                f"must not put anything in place of `{what.lstrip('@')}`: the service is tested as it is; only what "
                "reaches the network, the clock or chance may be replaced"
            )


def _targets(call: ast.Call, names: Names) -> set[str]:
    """Return what a call of `monkeypatch.setattr`, `patch` and the like replaces; empty where that is unknown."""
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


def _classes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in ast.walk(node):
                name = part.name if isinstance(part, Function) else part.id if isinstance(part, ast.Name) else ""
                if name in tricks.COMPARISONS or name in {"__getattr__", "__getattribute__", "__init_subclass__"}:
                    yield f"must not define `{name}`: a value that is compared must not decide the comparison itself"
        elif isinstance(node, ast.Constant) and node.value in tricks.COMPARISONS:
            yield f"must not use `{node.value}`: a value that is compared must not decide the comparison itself"
