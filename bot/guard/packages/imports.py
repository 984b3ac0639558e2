"""Whether the requirements provide what a service's files import."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.guard.packages.breakages import BREAKAGES, breakage_faults
from bot.guard.packages.famous import FAMOUS
from bot.guard.packages.import_names import NAMESPACES, PROVIDERS
from bot.guard.packages.imported import imported_modules
from bot.guard.packages.requirements import direct_requirements
from bot.guard.packages.standard_library import GONE, STANDARD, UNUSABLE
from bot.guard.packages.verdicts import known_bad, name_of, needless
from bot.guard.source import Source
from bot.values.naming import EXECUTOR, REQUIREMENTS, TEST_REQUIREMENTS, TESTS

_EXPLAINED = frozenset(provider for providers in PROVIDERS.values() for provider in providers)

_TEMPLATE = frozenset(
    {"fastapi", "starlette", "uvicorn", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "anyio"}
)
"""Modules that the template's server needs. Their packages are pinned with every service's requirements."""
_TEST_TOOLS = frozenset({"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"})
"""Modules of pytest and what it needs. The image has them in its test stage only."""


def import_faults(source: Source, pinned: str, modules: Mapping[str, frozenset[str] | None]) -> list[str]:
    """Return which imports and names of a file nothing provides, each with what to do about it, on one line.

    If it is known which distribution provides a module, `pinned` must hold that distribution. If not, `pinned` must
    hold one whose name is like the module's, or `modules` must name the module. An import also passes if a direct
    requirement of unknown contents may provide it, because a wrong refusal would send the model in circles.

    Args:
        source: executor.py, or test_executor.py, whose packages are installed apart from the service's.
        pinned: text of the file's requirements with exact versions.
        modules: the modules that each of the `requirements_in_question` brings; None where they are unknown.
    """
    provided = _Provided(source, pinned, modules)
    return [*_faults(source, provided), *breakage_faults(source, provided.version)]


def requirements_in_question(source: Source, pinned: str) -> list[str]:
    """Return the lines of `pinned` for which `import_faults` has to know the modules that they bring."""
    provided = _Provided(source, pinned, {})
    _faults(source, provided)
    return list(provided.in_question)


def lacking_packages(source: Source, pinned: str) -> list[str]:
    """Return requirements that the imports need and `pinned` lacks, where there is no doubt which: the pair of module
    and distribution is known, or a famous package has the module's name. A module that new versions lack needs an old
    one, such as "setuptools<82"."""
    provided = _Provided(source, pinned, {})
    lacking: dict[str, None] = {}
    for module in sorted(set(imported_modules(source.tree))):
        top = module.partition(".")[0]
        if (
            not top
            or top in STANDARD | _TEMPLATE | _TEST_TOOLS
            or top in GONE
            or top in ("executor", "interface", "test_executor")
        ):
            continue
        same = str(canonicalize_name(top))
        providers = _providers(module) or ((same,) if same in FAMOUS else ())
        if not providers or any(provided.brings(module, provider) for provider in providers):
            continue
        if not known_bad(providers[0]) and not needless(providers[0]):
            lacking[_requirement(module, providers[0])] = None
    return list(lacking)


def _requirement(module: str, provider: str) -> str:
    """Return the requirement of a distribution in a version that brings a module."""
    breakage = BREAKAGES.get(module.partition(".")[0])
    return breakage.requirement if breakage is not None and breakage.package == provider else provider


class _Provided:
    """What the pinned requirements bring.

    Attributes:
        in_question: the lines of `pinned` whose modules were asked for so far.
    """

    def __init__(self, source: Source, pinned: str, modules: Mapping[str, frozenset[str] | None]) -> None:
        self.in_question: dict[str, None] = {}
        self._modules = modules
        tops = {name.partition(".")[0] for name in imported_modules(source.tree)}
        self._imported = {str(canonicalize_name(top)) for top in tops}
        self._lines: dict[str, str] = {}
        for line in pinned.splitlines():
            text = line.partition("#")[0].strip()
            if (name := name_of(text)) is not None:
                self._lines.setdefault(name, text)
        asked = (name_of(text) for text in direct_requirements(pinned))
        self._direct = [name for name in asked if name in self._lines and name is not None]

    def has(self, distribution: str) -> bool:
        return distribution in self._lines

    def version(self, distribution: str) -> Version | None:
        """Return the pinned version of a distribution; None where it is not pinned."""
        try:
            return Version(self._lines.get(distribution, "").partition("==")[2].partition(";")[0].strip())
        except InvalidVersion:
            return None

    def brings(self, module: str, distribution: str) -> bool:
        """Return whether a distribution is there, in a version that still has the module."""
        breakage = BREAKAGES.get(module.partition(".")[0])
        if breakage is not None and breakage.package == distribution:
            version = self.version(distribution)
            return version is not None and not breakage.affects(version)
        return self.has(distribution)

    def alike(self, module: str) -> str | None:
        """Return a distribution whose name is the module's, but for a usual prefix or suffix; None where none is."""
        name = canonicalize_name(module)
        return next((distribution for distribution in self._lines if name in _cores(distribution)), None)

    def shares(self, namespace: str) -> bool:
        """Return whether the name of some distribution begins with a namespace."""
        return any(distribution.startswith(f"{namespace}-") for distribution in self._lines)

    def modules(self, distribution: str) -> frozenset[str] | None:
        """Return the modules that a distribution brings; None where they are unknown."""
        self.in_question[self._lines[distribution]] = None
        return self._modules.get(self._lines[distribution])

    def finds(self, module: str) -> bool:
        """Return whether the wheel of a direct requirement holds the module.

        The requirements of requirements are not looked into: each look costs a request or two, and a file that imports
        a module of such a package can require the package itself.
        """
        brought = [self.modules(name) for name in self._direct]
        return any(module in modules for modules in brought if modules is not None)

    def may_bring(self) -> bool:
        """Return whether there is a direct requirement whose modules are unknown."""
        unknown = (name for name in self._direct if name not in _EXPLAINED and name not in self._imported)
        return any(self.modules(name) is None for name in unknown)


def _faults(source: Source, provided: _Provided) -> list[str]:
    faults = (_fault(source.name, module, provided) for module in imported_modules(source.tree))
    texts = dict.fromkeys(fault for fault in faults if fault)
    return [text.replace(REQUIREMENTS, TEST_REQUIREMENTS) if source.name == TESTS else text for text in texts]


def _fault(file: str, module: str, provided: _Provided) -> str | None:
    top = module.partition(".")[0]
    imports = f"{file} imports `{module}`"
    if not top:
        return f"{file} uses a relative import; it is no part of a package"
    if top == "executor":
        return f"{imports}, which is that very file" if file == EXECUTOR else None
    if top == "interface":
        return None
    if top in ("server", "test_executor"):
        return f"{imports}, which is not for it to use; everything the service does is in executor.py"
    if top in UNUSABLE:
        return f"{imports}, which {UNUSABLE[top]}"
    if top in STANDARD or (top in _TEMPLATE and file == EXECUTOR) or top.startswith("__"):
        return None
    if top in GONE or top in BREAKAGES:
        return _gone(imports, top, provided)
    if file == TESTS and top in _TEST_TOOLS:
        return None
    return _third_party(imports, module, provided)


def _gone(imports: str, module: str, provided: _Provided) -> str | None:
    if (breakage := BREAKAGES.get(module)) is not None:
        brought = provided.brings(module, breakage.package)
        return None if brought else f"{imports}, {breakage}, or require `{breakage.requirement}`"
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
    if any(provided.brings(module, provider) for provider in providers):
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
    """Return the fault of importing a package's own name where its modules have other names: `pillow` brings PIL."""
    modules = provided.modules(distribution) if distribution in _EXPLAINED else None
    if modules is None or module in modules:
        return None
    names = ", ".join(f"`{name}`" for name in sorted(modules) if not name.startswith("_"))
    return f"{imports}, which no requirement provides: import {names} from the package `{distribution}`"


def _providers(module: str) -> tuple[str, ...]:
    """Return the distributions known for a module, by the longest part of its dotted name that is known."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        if providers := PROVIDERS.get(".".join(parts[:end])):
            return providers
    return ()


def _cores(distribution: str) -> set[str]:
    """Return the names of modules that a distribution's name suggests: `x` for `python-x`, `x-py`, `pyx` and `x3`."""
    core = distribution.removeprefix("python-").removeprefix("py-").removesuffix("-python").removesuffix("-py")
    return {distribution, core, core.removeprefix("py"), core.rstrip("0123456789"), f"py{core}"}
