"""What a service is made of: the packages that it names, each with its version and its licence."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from bot.clients.packages import Packages
from bot.errors import TransientError
from bot.guard.packages import direct_requirements
from bot.values.packages import Material

_SIDE_BY_SIDE = 4
"""How many questions the package index is asked at the same time."""
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;#]+)", re.MULTILINE)


def materials(packages: Packages, requirements: str) -> list[Material]:
    """Return the packages that a service names itself; what these need is in `requirements.txt` with them.

    A licence is unknown where the index does not answer: it is not worth a run.

    Args:
        requirements: the text of `requirements.txt` in exact versions.
    """
    versions = {canonicalize_name(name): version for name, version in _PINNED.findall(requirements)}
    named = [name for line in direct_requirements(requirements) if (name := _name(line)) and name in versions]

    def material(name: NormalizedName) -> Material:
        return Material(name=name, version=versions[name], licence=_licence(packages, f"{name}=={versions[name]}"))

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return list(pool.map(material, dict.fromkeys(named)))


def _name(line: str) -> NormalizedName | None:
    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return None


def _licence(packages: Packages, pinned: str) -> str:
    try:
        return packages.licence(pinned)
    except TransientError:
        return ""
