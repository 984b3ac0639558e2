"""What packages have removed, by version: imports and names of which older code and many models still make use."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from packaging.version import Version

from bot.guard.source import Source

_TABLE = """
    setuptools 82 2026-02-08 pkg_resources `importlib.metadata`, `importlib.resources` or `packaging.version`
    numpy 1.24 2022-12-18 numpy.int `int`
    numpy 1.24 2022-12-18 numpy.float `float`
    numpy 1.24 2022-12-18 numpy.complex `complex`
    numpy 1.24 2022-12-18 numpy.object `object`
    numpy 1.24 2022-12-18 numpy.str `str`
    numpy 2 2024-06-16 numpy.float_ `numpy.float64`
    numpy 2 2024-06-16 numpy.complex_ `numpy.complex128`
    numpy 2 2024-06-16 numpy.unicode_ `numpy.str_`
    numpy 2 2024-06-16 numpy.string_ `numpy.bytes_`
    numpy 2 2024-06-16 numpy.Inf `numpy.inf`
    numpy 2 2024-06-16 numpy.Infinity `numpy.inf`
    numpy 2 2024-06-16 numpy.infty `numpy.inf`
    numpy 2 2024-06-16 numpy.PINF `numpy.inf`
    numpy 2 2024-06-16 numpy.NINF `-numpy.inf`
    numpy 2 2024-06-16 numpy.NaN `numpy.nan`
    numpy 2 2024-06-16 numpy.NAN `numpy.nan`
    numpy 2 2024-06-16 numpy.product `numpy.prod`
    numpy 2 2024-06-16 numpy.cumproduct `numpy.cumprod`
    numpy 2 2024-06-16 numpy.alltrue `numpy.all`
    numpy 2 2024-06-16 numpy.sometrue `numpy.any`
    numpy 2 2024-06-16 numpy.round_ `numpy.round`
    numpy 2 2024-06-16 numpy.asfarray `numpy.asarray` with a dtype
    numpy 2 2024-06-16 numpy.msort `numpy.sort` with `axis=0`
    numpy 2 2024-06-16 numpy.mat `numpy.asmatrix`
    pillow 10 2023-07-01 PIL.Image.ANTIALIAS `PIL.Image.LANCZOS`
    pillow 10 2023-07-01 PIL.Image.LINEAR `PIL.Image.BILINEAR`
    pillow 10 2023-07-01 PIL.Image.CUBIC `PIL.Image.BICUBIC`
    pydantic 2 2023-06-30 pydantic.BaseSettings the package `pydantic-settings`
    pydantic 2 2023-06-30 pydantic.ConstrainedStr `typing.Annotated` with `pydantic.StringConstraints`
    pydantic 2 2023-06-30 pydantic.ConstrainedInt `typing.Annotated` with `pydantic.Field`
    pydantic 2 2023-06-30 pydantic.ConstrainedFloat `typing.Annotated` with `pydantic.Field`
    pydantic 2 2023-06-30 pydantic.ConstrainedList `typing.Annotated` with `pydantic.Field`
    pydantic 2 2023-06-30 pydantic.Required `...`
    pydantic 2 2023-06-30 pydantic.parse_raw_as `pydantic.TypeAdapter`
    pydantic 2 2023-06-30 pydantic.parse_file_as `pydantic.TypeAdapter`
"""
"""Package, the first version without it, when that was released, what is gone, what to use instead. Modules that
Python itself removed are in `standard_library`."""

VersionOf = Callable[[str], Version | None]
"""Returns the pinned version of a package, or None where it is not pinned."""


class Breakage(NamedTuple):
    """A module or a name that a package removed.

    Attributes:
        version: the first one without it.
        released: that version's date.
        name: dotted, from the top module on.
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
    breakage.name: breakage for breakage in (Breakage(*line.split(maxsplit=4)) for line in _TABLE.strip().splitlines())
}
"""All that is known to be gone, by its name."""


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
        if (version := version_of(breakage.package)) is not None and breakage.affects(version)
    ]


def _used(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted names that a file takes from modules, whatever it calls these."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname or _top(alias.name): alias.name if alias.asname else _top(alias.name)
                      for alias in node.names}  # fmt: skip
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            yield from names.values()
            known |= names
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield _dotted(node, known)


def _dotted(node: ast.Attribute, known: dict[str, str]) -> str:
    """Return the dotted name of an attribute of a module, or ""."""
    parts: list[str] = []
    whole: ast.expr = node
    while isinstance(whole, ast.Attribute):
        parts.append(whole.attr)
        whole = whole.value
    if not isinstance(whole, ast.Name) or whole.id not in known:
        return ""
    return ".".join([known[whole.id], *reversed(parts)])


def _top(module: str) -> str:
    return module.partition(".")[0]
