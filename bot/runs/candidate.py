"""A service at work, and the pull request it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.generate import with_points
from bot.values.github import Pull
from bot.values.revision import Point
from bot.values.run import RunRequest
from bot.values.service import Brief, Service, Spec, Strategy


@dataclass(frozen=True)
class Draft:
    """A service that the model changes, as a value: what it is, how it is made, and its files."""

    brief: Brief
    strategy: Strategy
    service: Service


D = TypeVar("D", bound=Draft)


def with_spec(draft: D, spec: Spec) -> D:
    """Return a service of another specification."""
    return replace(draft, brief=draft.brief.model_copy(update={"spec": spec}))


@dataclass(frozen=True)
class Candidate(Draft):
    """A strategy that has a pull request; after a fix, another candidate takes its place.

    Attributes:
        service: the files on the branch.
        index: position of the strategy in the journal.
        head: sha of the commit whose build counts.
        pushed_at: when this run has pushed the head, in seconds since the epoch, so that its build is yet to come; None
            where it has not.
        own: all commits of the branch are this run's.
    """

    index: int
    pull: Pull
    head: str
    pushed_at: float | None
    own: bool = False

    @property
    def pushed(self) -> bool:
        """Whether this run has pushed the head."""
        return self.pushed_at is not None


@dataclass(frozen=True)
class Change:
    """What a candidate becomes, as people ask.

    Attributes:
        candidate: as it shall be; its head is still the one before.
        suggested: the files that hold what people suggested, by name, as they are with it.
        name: tells the change from others of the same run.
        summary: what was done, in sentences.
    """

    candidate: Candidate
    suggested: Mapping[str, str]
    name: str
    summary: str


def with_hint(candidate: Candidate, request: RunRequest) -> Candidate:
    """Return a candidate of whose service the model is told what the person said when it was tried again."""
    if not request.hint:
        return candidate
    spec = with_points(candidate.brief.spec, [Point(id="hint", author=request.actor, text=request.hint)])
    return replace(candidate, brief=candidate.brief.model_copy(update={"spec": spec}))
