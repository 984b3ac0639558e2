"""How much may be under way at the same time, of an installation and in all, and what a run waits for because of it."""

from __future__ import annotations

from enum import StrEnum

from bot.values.value import Value


class Work(StrEnum):
    """What is limited. A run has a seat for each that it has under way."""

    RUN = "runs"
    """A run that does not wait for people."""
    MODEL = "model calls"
    BUILD = "builds"
    """A workflow run for a pull request that a run has started and awaits."""


class Limit(Value):
    """How many may be under way at the same time.

    Attributes:
        each: of an installation; whole: of all installations together.
    """

    each: int
    whole: int


class Limits(Value):
    """The limits of all workers together.

    A GitHub account has 20 jobs at a time and more
    (https://docs.github.com/en/actions/reference/limits#job-concurrency-limits-for-github-hosted-runners).
    """

    runs: Limit = Limit(each=100, whole=500)
    model_calls: Limit = Limit(each=16, whole=64)
    builds: Limit = Limit(each=20, whole=200)

    def of(self, work: Work) -> Limit:
        """Return the limit of a kind of work."""
        return {Work.RUN: self.runs, Work.MODEL: self.model_calls, Work.BUILD: self.builds}[work]


class Full(Value):
    """Why a run has to wait for a seat.

    Attributes:
        of_all: the limit is that of all installations together, not of the run's own one.
        held: how many of these seats are taken; limit: how many there are.
    """

    work: Work
    of_all: bool = False
    held: int
    limit: int


class Waiting(Value):
    """A wait for a seat.

    Attributes:
        name: which one of the run's.
        since: seconds since the epoch.
    """

    full: Full
    name: str = ""
    since: float
