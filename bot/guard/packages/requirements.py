"""The packages that a model names: Python packages on the index, and Debian packages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bot.guard.packages.import_names import IMPORT_NAMES
from bot.guard.packages.verdicts import needless

_NOTE = "# Required: "
_DEBIAN = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def python_packages(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the requirements that are needed, and the faults of the others.

    Comments, repetitions, and packages that are `needless` are left out.
    """
    needed: dict[str, str] = {}
    faults = []
    for line in lines:
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if not text:
            continue
        if text.startswith("-"):
            faults.append(f"requirements.txt: `{text}` is an option; give package names only")
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            faults.append(f"requirements.txt: `{text}` is not a package name; give one package name a line")
            continue
        name = canonicalize_name(requirement.name)
        if requirement.url:
            faults.append(f"requirements.txt: `{text}` is a URL; packages come by name from the index")
        elif name in IMPORT_NAMES:
            faults.append(f"requirements.txt: `{requirement.name}` is an import name; require `{IMPORT_NAMES[name]}`")
        elif not needless(name):
            needed.setdefault(name, str(requirement))
    return list(needed.values()), faults


def debian_packages(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the names of Debian packages, one a line, and the faults of the others.

    A name has lower case letters, digits, plus, minus and dot
    (https://www.debian.org/doc/debian-policy/ch-controlfields.html#source).
    """
    names: dict[str, None] = {}
    faults = []
    for line in lines:
        name = line.partition("#")[0].strip()
        if not name:
            continue
        if _DEBIAN.fullmatch(name):
            names[name] = None
        else:
            faults.append(f"packages.txt: `{name}` is no name of a Debian package; give one name a line, or no file")
    return list(names), faults


def with_note(required: Iterable[str], pinned: str) -> str:
    """Return pinned requirements with a first line that names the requirements they were pinned for."""
    return f"{_NOTE}{', '.join(required) or 'nothing'}\n{pinned}"


def direct_requirements(pinned: str) -> list[str]:
    """Return the requirements that the pinned ones were pinned for.

    A person may have removed the note of `with_note`. Then all lines count but those that uv marks with "# via": only
    another package needs these.
    """
    first, _, rest = pinned.partition("\n")
    if first.startswith(_NOTE):
        named = first.removeprefix(_NOTE).removesuffix("nothing").split(", ")
    else:
        named = [line for line in f"{first}\n{rest}".splitlines() if "# via" not in line]
    return python_packages(named)[0]
