"""What packages have removed, by version: imports and names of which older code and many models still make use."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from packaging.version import Version

from bot.guard.packages.removed import TABLE
from bot.guard.source import Source

_PYTHON = "Python"

VersionOf = Callable[[str], Version | None]
"""Returns the pinned version of a package, or None where it is not pinned."""


class Breakage(NamedTuple):
    """A module or a name that a package removed.

    Attributes:
        version: the first one without it.
        released: that version's date.
        name: dotted, from the top module on, as in the table.
        instead: what to use in its place.
    """

    package: str
    version: str
    released: str
    name: str
    instead: str

    @property
    def requirement(self) -> str:
        """The requirement of versions that still have it, such as "setuptools<82"."""
        return f"{self.package}<{self.version}"

    def affects(self, version: Version | None) -> bool:
        """Return whether a version no longer has it; an unknown version (None) does."""
        return version is None or version >= Version(self.version)

    def __str__(self) -> str:
        return f"which {self.package} {self.version} removed ({self.released}): use {self.instead}"


BREAKAGES = {
    breakage.name: breakage for breakage in (Breakage(*line.split(maxsplit=4)) for line in TABLE.strip().splitlines())
}
"""All that is known to be gone, by its name."""

_METHODS = frozenset(name.rpartition(".")[2] for name in BREAKAGES if "()." in name)


def breakage_faults(source: Source, version_of: VersionOf) -> list[str]:
    """Return which names a file uses that the pinned versions of packages no longer have.

    A file that asks first whether a name is there is taken as it is.
    """
    if "hasattr(" in source.text or "AttributeError" in source.text:
        return []
    used = (breakage for name in _used(source.tree) if (breakage := BREAKAGES.get(name)) is not None)
    return [
        f"{source.name} uses `{breakage.name}`, {breakage}"
        for breakage in dict.fromkeys(used)
        if breakage.package == _PYTHON
        or ((version := version_of(breakage.package)) is not None and breakage.affects(version))
    ]


def _used(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted names that a file takes from modules and from what these return, whatever it calls them."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or _top(alias.name): alias.name if alias.asname else _top(alias.name)
                      for alias in node.names}  # fmt: skip
            yield from (alias.name for alias in node.names if "." in alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            yield from (name for name in (node.module, *names.values()) if "." in name)
            known |= names
    known |= _results(tree, known)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield _dotted(node, known)
        elif isinstance(node, ast.Call) and (function := _dotted(node.func, known)):
            yield from (f"{function}({keyword.arg}=)" for keyword in node.keywords)


def _results(tree: ast.Module, known: Mapping[str, str]) -> dict[str, str]:
    """Return the names that hold what a module's function returns, and nothing else anywhere in the file."""
    values: dict[str, set[str]] = {}
    assigned: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            assigned.add(id(node.targets[0]))
            if not _calls_removed_method(node.value, name):
                value = _dotted(node.value, known) if isinstance(node.value, ast.Call) else ""
                values.setdefault(name, set()).add(value)
    for node in ast.walk(tree):
        # A name that is bound in another way as well, as a parameter for one, may be anything.
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in assigned:
            values.pop(node.id, None)
        elif isinstance(node, ast.arg):
            values.pop(node.arg, None)
    return {name: value for name, (value, *more) in values.items() if value and not more and name not in known}


def _calls_removed_method(value: ast.expr, name: str) -> bool:
    """Return whether a value is that of a method which is gone, of a name: `table = table.append(...)`."""
    method = value.func if isinstance(value, ast.Call) else None
    return (
        isinstance(method, ast.Attribute)
        and isinstance(method.value, ast.Name)
        and method.value.id == name
        and method.attr in _METHODS
    )


def _dotted(node: ast.expr, known: Mapping[str, str]) -> str:
    """Return the dotted name of a module's attribute, with "()" after a function that is called, or ""."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute):
        whole, last = node.value, f".{node.attr}"
    elif isinstance(node, ast.Call):
        whole, last = node.func, "()"
    else:
        return ""
    beginning = _dotted(whole, known)
    return f"{beginning}{last}" if beginning else ""


def _top(module: str) -> str:
    return module.partition(".")[0]
