"""Whether the requirements provide what a service's files import."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from packaging.utils import canonicalize_name

from bot.guard.packages.famous import FAMOUS
from bot.guard.packages.import_names import NAMESPACES, PROVIDERS
from bot.guard.packages.standard_library import GONE, STANDARD, UNUSABLE
from bot.guard.packages.verdicts import known_bad, name_of, needless

_EXPLAINED = frozenset(provider for providers in PROVIDERS.values() for provider in providers)

ModulesOf = Callable[[str], frozenset[str] | None]
"""What can be imported thanks to one line of the pinned requirements; None where it cannot be told."""

_TEMPLATE = frozenset(
    {"fastapi", "starlette", "uvicorn", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "anyio"}
)
"""Pinned together with every service's requirements, because the template's server needs them."""
_TEST_TOOLS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"})
"""The image's test stage installs pytest with all it needs, and nothing of that is left in the service."""
_DEPENDS = frozenset({"version_info", "platform", "find_spec"})
"""What a condition asks for that chooses between imports."""
_CATCHES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def problems(
    executor: ast.Module,
    tests: ast.Module,
    pinned: str,
    direct: Sequence[str],
    modules_of: ModulesOf | None = None,
) -> list[str]:
    """Return which imports of the two files nothing provides, each with what to do about it, on one line.

    Where a name is known, its distribution must be among `pinned`. Where it is not, and no requirement is called alike,
    `modules_of` tells; without it, or where it cannot tell, an import that a direct requirement of unknown contents may
    provide passes: a wrong refusal would send the model in circles.

    Imports that need not succeed are left out: under `if TYPE_CHECKING`, and in a `try` that goes on after ImportError.

    Args:
        pinned: text of requirements.txt with exact versions, the packages of the template's server included.
        direct: the requirements it was pinned for.
        modules_of: see `Packages.modules`; called from several threads, and its errors pass through.
    """
    files = {"executor.py": set(_imported(executor)), "test_executor.py": set(_imported(tests))}
    tops = {name.partition(".")[0] for names in files.values() for name in names}
    provided = _Provided(pinned, direct, tops, modules_of)
    found = (_problem(file, name, provided) for file, names in files.items() for name in sorted(names))
    return list(dict.fromkeys(problem for problem in found if problem))


def lacking(executor: ast.Module, tests: ast.Module, pinned: str) -> list[str]:
    """Return the distributions that would provide imports which `pinned` does not, where there is no doubt which: a
    pair that is known, or a famous package that is called like its module."""
    provided = _Provided(pinned, (), (), None)
    found: dict[str, None] = {}
    for module in sorted({*_imported(executor), *_imported(tests)}):
        top = module.partition(".")[0]
        if not top or top in STANDARD | _TEMPLATE | _TEST_TOOLS or top in GONE or top in ("executor", "test_executor"):
            continue
        same = str(canonicalize_name(top))
        providers = _providers(module) or ((same,) if same in FAMOUS else ())
        if not providers or any(map(provided.has, providers)):
            continue
        if not known_bad(providers[0]) and not needless(providers[0]):
            found[providers[0]] = None
    return list(found)


class _Provided:
    """What the pinned requirements bring.

    Args:
        imported: the first parts of all imports of both files.
    """

    def __init__(
        self, pinned: str, direct: Sequence[str], imported: Collection[str], modules_of: ModulesOf | None
    ) -> None:
        self._modules_of = modules_of
        self._imported = {str(canonicalize_name(name)) for name in imported}
        self._lines: dict[str, str] = {}
        for line in pinned.splitlines():
            text = line.partition("#")[0].strip()
            if (name := name_of(text)) is not None:
                self._lines.setdefault(name, text)
        self._direct = [name for text in direct if (name := name_of(text)) in self._lines and name is not None]
        self._modules: dict[str, frozenset[str] | None] = {}

    def has(self, distribution: str) -> bool:
        return distribution in self._lines

    def alike(self, module: str) -> str | None:
        """Return a distribution that is called like the module, but for what people put around such names."""
        name = canonicalize_name(module)
        return next((distribution for distribution in self._lines if name in _cores(distribution)), None)

    def shares(self, namespace: str) -> bool:
        """Return whether some distribution says in its name that it is part of a namespace."""
        return any(distribution.startswith(f"{namespace}-") for distribution in self._lines)

    def modules(self, distribution: str) -> frozenset[str] | None:
        if distribution not in self._modules:
            self._modules[distribution] = self._modules_of(self._lines[distribution]) if self._modules_of else None
        return self._modules[distribution]

    def finds(self, module: str) -> bool:
        """Return whether a requirement that was asked for by name brings the module, by what is in its wheel.

        What these need in turn is not looked into: each look costs a request or two, and who imports a module of such a
        package under a name of its own can as well require the package.
        """
        if self._modules_of is None:
            return False
        # Waiting for the index is most of it.
        with ThreadPoolExecutor(4) as pool:
            return any(module in (modules or ()) for modules in list(pool.map(self.modules, self._direct)))

    def may_bring(self) -> bool:
        """Return whether a requirement that was asked for by name holds what nobody knows."""
        unknown = (name for name in self._direct if name not in _EXPLAINED and name not in self._imported)
        return any(self.modules(name) is None for name in unknown)


def _problem(file: str, module: str, provided: _Provided) -> str | None:
    top = module.partition(".")[0]
    imports = f"{file} imports `{module}`"
    if not top:
        return f"{file} uses a relative import; it is no part of a package"
    if top == "executor":
        return None if file != "executor.py" else f"{imports}, which is that very file"
    if top in ("server", "test_executor"):
        return f"{imports}, which is not for it to use; everything the service does is in executor.py"
    if top in UNUSABLE:
        return f"{imports}, which {UNUSABLE[top]}"
    if top in STANDARD or top in _TEMPLATE or top.startswith("__"):
        return None
    if top in GONE:
        return _gone(imports, top, provided)
    if file == "test_executor.py" and top in _TEST_TOOLS:
        return None
    return _third_party(imports, module, provided)


def _gone(imports: str, module: str, provided: _Provided) -> str | None:
    instead, packages = GONE[module]
    if any(provided.has(package) for package in packages):
        return None
    ways = [instead] if instead else []
    ways += [f"add `{packages[0]}` to requirements.txt, which brings it back"] if packages else []
    return f"{imports}, which Python 3.13 no longer has" + (f": {', or '.join(ways)}" if ways else "")


def _third_party(imports: str, module: str, provided: _Provided) -> str | None:
    top = module.partition(".")[0]
    if top == "pytest":
        return f"{imports}, which is there for the tests only"
    providers = _providers(module)
    if any(provided.has(provider) for provider in providers):
        return None
    if not providers and (alike := provided.alike(top)) is not None:
        return _other_name(imports, top, alike, provided)
    if not providers and top in NAMESPACES and provided.shares(top):
        return None
    if top not in NAMESPACES and provided.finds(top):
        return None
    wanted = providers[0] if providers else str(canonicalize_name(top))
    if reason := known_bad(wanted):
        return f"{imports}, which cannot be used: {reason}"
    if needless(wanted):
        return f"{imports}, which no service needs: leave it out (the service's web server is there already)"
    if providers:
        return f"{imports}, which `{wanted}` provides: add it to requirements.txt"
    if top not in NAMESPACES and provided.may_bring():
        return None
    return f"{imports}, which no requirement provides: add the package that does to requirements.txt, or do without it"


def _other_name(imports: str, module: str, distribution: str, provided: _Provided) -> str | None:
    """Refuse what is called like its package where the package is known for another name, as `pillow` is for PIL."""
    modules = provided.modules(distribution) if distribution in _EXPLAINED else None
    if modules is None or module in modules:
        return None
    names = ", ".join(f"`{name}`" for name in sorted(modules) if not name.startswith("_"))
    return f"{imports}, which no requirement provides: import {names} from the package `{distribution}`"


def _providers(module: str) -> tuple[str, ...]:
    """Return who is known to provide a module, by the longest part of its dotted name that is known."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        if found := PROVIDERS.get(".".join(parts[:end])):
            return found
    return ()


def _cores(distribution: str) -> set[str]:
    """Return a distribution's name without what people put around the module's: `python-X`, `X-py`, `pyX`, `X3`."""
    core = distribution.removeprefix("python-").removeprefix("py-").removesuffix("-python").removesuffix("-py")
    return {distribution, core, core.removeprefix("py"), core.rstrip("0123456789"), f"py{core}"}


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted names that must be importable for the file to work."""
    # Not by recursion: what a model writes may be nested deeper than Python calls itself.
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
    """Return the parts of a statement in which an import need not succeed, or is not carried out in the image."""
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
        # `from google.cloud import storage` may name a module that a package of its own provides.
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
    """Return whether an ImportError is caught, and not merely to raise it or another one."""
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
    """Return whether an expression is the name, be it after a dot."""
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)
