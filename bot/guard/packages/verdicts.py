"""Whether a service may use a Python package: it may be a trap, of no use, or needless."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bot.guard.packages.famous import FAMOUS, HONEST
from bot.guard.packages.import_names import IMPORT_NAMES
from bot.guard.packages.known import BAD_PREFIXES, BAD_SUFFIXES, KNOWN_BAD, NEEDLESS
from bot.guard.packages.standard_library import STANDARD
from bot.values.packages import Project

NOT_THERE = "does not exist on the package index"
YOUNGEST = timedelta(days=14)
"""Younger packages are refused. A malicious package whose name is a typing error, or one that models invent, is mostly
found and removed by this age."""

# In a famous name of up to three letters, a replaced or missing letter does not count: too many honest names are alike.
_SHORT = 3
_LOOK_ALIKES = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"))


def name_of(requirement: str) -> str | None:
    """Return the normalised name (PEP 503) in a requirement such as `Pillow[webp] >=9; python_version > "3"  # why`.

    Return None for a text that is no requirement by name: a URL, a path, an option, letters that only look like ASCII.
    """
    text = requirement.partition(" #")[0].strip()
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return None
    return None if parsed.url or not parsed.name.isascii() else canonicalize_name(parsed.name)


def verdicts(
    names: Iterable[str], projects: Mapping[str, Project | None], allow: Collection[str], now: datetime
) -> dict[str, str]:
    """Return which of the packages must not be used, each as it was given, with the reason as a sentence.

    Versions, extras and markers make no difference: a package that is required under a condition is judged like any
    other. A package that is `needless` is not judged.

    Args:
        names: names or requirements.
        projects: what the index says of each package that is `in_question`; None where it knows no such project.
        allow: names, in any spelling, that the repository takes although they look like a trap.
        now: with a time zone.
    """
    reasons: dict[str, str] = {}
    for given in names:
        reason = _known_verdict(given, allow)
        for name in in_question([given], allow):
            reason = trap(name, projects[name], allow, now)
        if reason:
            reasons[given] = reason
    return reasons


def in_question(names: Iterable[str], allow: Collection[str]) -> list[str]:
    """Return the normalised names of the packages that cannot be judged without what the index says of them."""
    asked = (name_of(given) for given in names if _known_verdict(given, allow) is None)
    return list(dict.fromkeys(name for name in asked if name is not None and not needless(name)))


def _known_verdict(given: str, allow: Collection[str]) -> str | None:
    """Return why a package must not be used by its name alone; None if its name is no reason."""
    name = name_of(given)
    if name is None:
        return f"`{given[:100]}` is not the name of a package on the index"
    if needless(name) or name in _allowed(allow):
        return None
    if name in IMPORT_NAMES:
        return known_bad(name) or f"`{name}` is an import name; require `{IMPORT_NAMES[name]}`"
    return known_bad(name)


def trap(name: str, project: Project | None, allow: Collection[str], now: datetime) -> str | None:
    """Return why a package must not be used, by what the index says of it, as a sentence; None if it may be used.

    `allow` lifts the reasons that are a matter of trust: the name is like a famous one, the package is young, or it was
    never released properly. It does not lift that a package does not exist, or cannot be installed in the image.

    Args:
        project: None where the index knows no such project. A project of unknown age counts as old.
        now: with a time zone.
    """
    if project is None:
        famous = near_twin(name)
        return f"`{name}` {NOT_THERE}" + (f"; `{famous}` is probably meant" if famous else "")
    allowed = canonicalize_name(name) in _allowed(allow)
    if not project.versions and not allowed:
        return (
            f"`{name}` was never released properly: all it has are pre-releases or withdrawn files, or nothing; "
            + _lift(name)
        )
    if project.versions and not project.for_image:
        return f"`{name}` has no release for Python 3.13"
    if project.for_image and set(project.for_image) <= set(project.sources) and not project.source_build:
        return f"`{name}` has no wheel for Python 3.13 on Linux, and the image has no compiler to build it from source"
    if allowed:
        return None
    if (famous := near_twin(name)) is not None:
        return f"`{name}` is nearly called `{famous}`, which is probably meant; {_lift(name)}"
    if project.first_upload is not None and now - project.first_upload < YOUNGEST:
        days = max(0, (now - project.first_upload).days)
        return f"`{name}` is {days} days old, and taken from {YOUNGEST.days} days on; {_lift(name)}"
    return None


def known_bad(name: str) -> str | None:
    """Return why no service can use a package, as a sentence that may name another to take; None if one can.

    Args:
        name: a name or a requirement, in any spelling.
    """
    normalised = name_of(name)
    if normalised is None:
        return None
    reason = KNOWN_BAD.get(normalised)
    if reason is None:
        reason = next((why for start, why in BAD_PREFIXES.items() if normalised.startswith(start)), None)
    if reason is None:
        reason = next((why for end, why in BAD_SUFFIXES.items() if normalised.endswith(end)), None)
    return f"`{normalised}` {reason}" if reason else None


def needless(name: str) -> bool:
    """Return whether a package can be left out: every service has it, Python has it, or no service can use it.

    Args:
        name: a name or a requirement, in any spelling.
    """
    normalised = name_of(name)
    return normalised is not None and (normalised in NEEDLESS or normalised in _WITH_PYTHON)


def near_twin(name: str) -> str | None:
    """Return the famous name that another name imitates: it differs in one letter, or in separators, in the order of
    words, or in letters that look alike. Return None where there is none, and for a famous or honest name itself.
    """
    normalised = canonicalize_name(name)
    if normalised in FAMOUS or normalised in HONEST:
        return None
    bare = _bare(normalised)
    words = sorted(normalised.split("-"))
    for famous, (plain, looks, parts) in _FAMOUS.items():
        if bare == plain or (len(parts) > 1 and words == parts):
            return famous
        if len(plain) >= _SHORT and (_one_edit(plain, bare) or looks == _looks(bare)):
            return famous
    return None


def _one_edit(famous: str, other: str) -> bool:
    """Return whether one letter was added, left out or replaced, or two neighbours were swapped."""
    longer = len(other) - len(famous)
    if abs(longer) > 1:
        return False
    pairs = enumerate(zip(famous, other, strict=False))
    same = next((place for place, (left, right) in pairs if left != right), min(len(famous), len(other)))
    if longer > 0:
        return famous[same:] == other[same + 1 :]
    if longer == 0 and famous[same : same + 2] == other[same : same + 2][::-1]:
        return famous[same + 2 :] == other[same + 2 :]
    if len(famous) <= _SHORT:
        return False
    return famous[same + 1 :] == (other[same:] if longer < 0 else other[same + 1 :])


def _bare(name: str) -> str:
    return name.replace("-", "")


def _looks(name: str) -> str:
    for written, seen in _LOOK_ALIKES:
        name = name.replace(written, seen)
    return name


def _lift(name: str) -> str:
    return f"if it is wanted, `packages.allow` in `.github/microservice.yml` must name `{name}`"


def _allowed(allow: Collection[str]) -> frozenset[str]:
    return frozenset(name for entry in allow if (name := name_of(entry)) is not None)


_WITH_PYTHON = frozenset(canonicalize_name(name) for name in STANDARD)
_FAMOUS = {name: (_bare(name), _looks(_bare(name)), sorted(name.split("-"))) for name in sorted(FAMOUS)}
