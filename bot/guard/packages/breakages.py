"""What packages have removed, by version: imports and names of which older code and many models still make use."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
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


def breakage_faults(source: Source, version_of: VersionOf) -> list[str]:
    """Return which names a file uses that the pinned versions of packages no longer have.

    A file that asks first whether a name is there is taken as it is.
    """
    if "hasattr(" in source.text or "AttributeError" in source.text:
        return []
    used = (breakage for names in _used(source) if (breakage := _gone(names)) is not None)
    return [
        f"{source.name} uses `{breakage.name}`, {breakage}"
        for breakage in dict.fromkeys(used)
        if breakage.package == _PYTHON
        or ((version := version_of(breakage.package)) is not None and breakage.affects(version))
    ]


def _gone(names: Iterable[str]) -> Breakage | None:
    """Return what is gone of what an expression may stand for; None where it may be something that is there."""
    found = next((BREAKAGES[name] for name in names if name in BREAKAGES), None)
    return found if found is not None and all(name.startswith(found.name) for name in names) else None


def _used(source: Source) -> Iterator[Iterable[str]]:
    """Yield what is imported from modules, and what each expression stands for that is sure to be of a module."""
    for node in source.nodes:
        match node:
            case ast.Import(names=aliases):
                yield from ([alias.name] for alias in aliases if "." in alias.name)
            case ast.ImportFrom(module=str(module), level=0, names=aliases):
                yield from (
                    [name] for name in (module, *(f"{module}.{alias.name}" for alias in aliases)) if "." in name
                )
            case ast.Attribute() if _is_sure(node, source):
                yield source.names.dotted(node)
            case ast.Call(func=function, keywords=keywords) if _is_sure(function, source):
                called = source.names.dotted(function)
                yield from ([f"{name}({keyword.arg}=)" for name in called] for keyword in keywords)


def _is_sure(node: ast.expr, source: Source) -> bool:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return isinstance(node, ast.Name) and node.id in source.names.sure
