"""Which lines of a build's output name a cause, and what kind of cause that is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.buildlog.causes.rules import APT, CODE, DOCKER, INFRA, PIP, SMOKE, TABLE, TEST, Rank
from bot.values.failure import FailureClass

__all__ = ["APT", "CODE", "DOCKER", "INFRA", "PIP", "SMOKE", "TEST", "Cause", "Rank", "of_line"]


@dataclass(frozen=True)
class Cause:
    """A candidate for what a build died of.

    Attributes:
        lines: numbers of the lines that tell it, for the excerpt.
        key: what the fingerprint is made of; the headline where it is empty.
    """

    failure_class: FailureClass
    headline: str
    rank: Rank
    transient: bool = False
    file: str = ""
    line: int | None = None
    lines: tuple[int, ...] = ()
    key: str = ""

    def at(self, number: int) -> Cause:
        return replace(self, lines=(number,))


_RULES = [(rank, kind, again, re.compile(pattern)) for rank, kind, again, pattern in TABLE]
_SOLVE = re.compile(
    r"^(?:ERROR: |error: )?(?:failed to (?:build|solve)(?: with frontend dockerfile\.v0)?: |"
    r"rpc error: code = Unknown desc = |failed to create LLB definition: )+"
)
_EXITED = re.compile(r"^(?:process \"|executor failed running|The command '.*' returned a non-zero code)")
_HARMLESS = re.compile(
    r"^(?:WARNING: |W: |DEPRECATED|debconf: |npm warn|\[notice\]|ERROR: pip's dependency resolver does not currently)|"
    r"DeprecationWarning|FutureWarning|UserWarning"
)


def of_line(line: str) -> Cause | None:
    """Return the cause a line of output names, or None."""
    if _HARMLESS.search(line) or _EXITED.match(_SOLVE.sub("", line)):
        return None
    for rank, failure_class, transient, pattern in _RULES:
        if match := pattern.match(line):
            told = next((group for group in match.groups() if group), match[0])
            return Cause(failure_class, _SOLVE.sub("", told.strip()), rank, transient)
    return None
