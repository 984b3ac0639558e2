"""What a model may require: Python packages by name from the index, and Debian packages by name."""

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
    """Return the requirements that are needed, and what is wrong with the others.

    What no service needs is dropped silently (see `needless`), as are comments and repetitions.
    """
    needed: dict[str, str] = {}
    problems = []
    for line in lines:
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if not text:
            continue
        if text.startswith("-"):
            problems.append(f"requirements.txt: `{text}` is an option; give package names only")
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            problems.append(f"requirements.txt: `{text}` is not a package name; give one package name a line")
            continue
        name = canonicalize_name(requirement.name)
        if requirement.url:
            problems.append(f"requirements.txt: `{text}` is a URL; packages come by name from the index")
        elif name in IMPORT_NAMES:
            problems.append(f"requirements.txt: `{requirement.name}` is an import name; require `{IMPORT_NAMES[name]}`")
        elif not needless(name):
            needed.setdefault(name, str(requirement))
    return list(needed.values()), problems


def debian_packages(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the Debian packages named, one a line, and what is wrong with the others (https://www.debian.org/doc/
    debian-policy/ch-controlfields.html#source: lower case letters, digits, plus, minus, dot)."""
    names: dict[str, None] = {}
    problems = []
    for line in lines:
        name = line.partition("#")[0].strip()
        if not name:
            continue
        if _DEBIAN.fullmatch(name):
            names[name] = None
        else:
            problems.append(f"packages.txt: `{name}` is no name of a Debian package; give one name a line, or no file")
    return list(names), problems


def with_note(required: Iterable[str], pinned: str) -> str:
    """Return the pinned requirements under a line that says what they were pinned for."""
    return f"{_NOTE}{', '.join(required) or 'nothing'}\n{pinned}"


def direct_requirements(pinned: str) -> list[str]:
    """Return what the pinned requirements were pinned for; without the note, everything that is not there for another
    package only (uv notes "# via" on those)."""
    first, _, rest = pinned.partition("\n")
    if first.startswith(_NOTE):
        named = first.removeprefix(_NOTE).removesuffix("nothing").split(", ")
    else:
        named = [line for line in f"{first}\n{rest}".splitlines() if "# via" not in line]
    return python_packages(named)[0]
