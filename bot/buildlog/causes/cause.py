"""What a build may have died of, and how much that says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from bot.values.failure import FailureClass
from bot.values.service import Dispute


class Rank(IntEnum):
    """How much a cause says: of several in one output the lowest is chosen."""

    STOPPED = 0
    """The runner was stopped."""
    NETWORK = 1
    """A network, a mirror or a registry does not answer as it should."""
    INNER = 2
    """What the build of a package died of, which pip only quotes."""
    INSTALL = 3
    """What pip, uv or apt refuse."""
    DOCKER = 4
    """What Docker or its builder refuse."""
    SHELL = 5
    """A command that is missing."""
    EXCEPTION = 6
    """An exception, or a test that failed."""
    OUTER = 7
    """What only passes on that something below has failed."""
    VAGUE = 8
    """A line that begins with "error" and the like."""


@dataclass(frozen=True)
class Cause:
    """A candidate for what a build died of.

    Attributes:
        file, line: where in the service's own files, as in `Failure`.
        evidence: numbers of the output's lines that tell it, for the excerpt; 0 is a line outside of the output.
        key: what the fingerprint is made of; the headline where it is empty.
        disputes: the tests that the build refuses, where that is all it died of.
    """

    failure_class: FailureClass
    headline: str
    rank: Rank
    transient: bool = False
    file: str = ""
    line: int | None = None
    evidence: tuple[int, ...] = ()
    key: str = ""
    disputes: tuple[Dispute, ...] = ()

    def at(self, number: int) -> Cause:
        """Return the same cause with one line as its evidence."""
        return replace(self, evidence=(number,))
