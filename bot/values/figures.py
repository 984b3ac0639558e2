"""What whoever runs the bot is told in numbers: the runs, the queue, and what GitHub still allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from bot.values.cost import Usage
from bot.values.progress import Progress, Stage
from bot.values.seats import Waiting, Work
from bot.values.value import Value

_AT_GITHUB = {Stage.BUILD: "a build", Stage.MERGE: "GitHub, to merge", Stage.DEPLOY: "the deployment"}
_AT_PEOPLE = {
    Stage.CLARIFY: "the issue's author, to answer",
    Stage.PLAN: "somebody with write access, to approve the plan",
    Stage.WAITING: "somebody with write access",
}


_WHOSE = {False: "this installation", True: "all installations"}


class RunFigures(Value):
    """A run in numbers, and what it waits for.

    Attributes:
        repo: its key; see `bot.values.names`.
        fixes: fix commits pushed; reruns: builds that were run again.
        builds: how many have ended.
        playground: the address of the live service's, or "".
        waits_for: in a few words; "" where the run has ended, or the model is at work.
        by_people: that is somebody who has to do something.
        waiting: the seats that it waits for.
    """

    run_id: str
    repo: str
    issue: int
    title: str = ""
    stage: Stage = Stage.QUEUED
    note: str = ""
    started_at: float = 0.0
    seconds: float = 0.0
    fixes: int = 0
    reruns: int = 0
    builds: int = 0
    usage: Usage = Usage()
    playground: str = ""
    waits_for: str = ""
    by_people: bool = False
    waiting: tuple[Waiting, ...] = ()

    @property
    def at_work(self) -> bool:
        """Whether it goes on by itself, or will."""
        return self.stage not in (Stage.DONE, Stage.FAILED, Stage.STOPPED)


class Turns(NamedTuple):
    """What waits for its turn because so much is under way already.

    Attributes:
        owner: of the installation; work: what is limited.
        held, limit: how many were under way when the last of them began to wait, and how many may be.
        of_all: that limit is the one of all installations together.
        runs: how many wait; since: since when the first one does, in seconds since the epoch.
    """

    owner: str
    work: Work
    held: int
    limit: int
    of_all: bool
    runs: int
    since: float

    def lag(self, now: float) -> float:
        """Return how long the first of them has waited at `now`, in seconds."""
        return max(0.0, now - self.since)


class Queue(Value):
    """What is stored and no worker has begun.

    Attributes:
        waiting: how many: runs, commands, and what people ask for besides.
        since: when the first of them was stored, in seconds since the epoch; None where nothing waits.
    """

    waiting: int = 0
    since: float | None = None

    def lag(self, now: float) -> float:
        """Return how long the first of them has waited at `now`, in seconds."""
        return 0.0 if self.since is None else max(0.0, now - self.since)


class RateLimit(Value):
    """What GitHub has said last of how many requests it still takes within an hour.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit

    Attributes:
        account: owner of the repositories; the limit is that of the App's installation there.
        resource: "core", or "graphql", which counts in points.
        resets_at: seconds since the epoch.
    """

    account: str
    resource: str
    remaining: int
    limit: int
    resets_at: float

    @property
    def reserve(self) -> int:
        """How much of it runs leave to what people must hear: 2 %, 100 of 5,000."""
        return self.limit // 50

    def left(self, now: float) -> int:
        """Return what is left at `now`; after the reset all of it."""
        return self.limit if now >= self.resets_at else self.remaining


def figures_of(progress: Progress) -> RunFigures:
    """Return a run in numbers."""
    waits_for = _AT_PEOPLE.get(progress.stage) or _AT_GITHUB.get(progress.stage, "")
    by_people = progress.stage in _AT_PEOPLE
    waiting = () if progress.stage.is_end else progress.waiting
    if waiting:
        full = waiting[-1].full
        waits_for = f"its turn: {full.held} of {full.limit} {full.work} of {_WHOSE[full.of_all]} are under way"
    if not by_people and not progress.stage.is_end and any(record.waits for record in progress.strategies):
        waits_for, by_people = "somebody with write access, for a pull request", True
    return RunFigures(
        run_id=progress.run_id,
        repo=progress.repo,
        issue=progress.issue,
        title=progress.title,
        stage=progress.stage,
        note=progress.note,
        started_at=progress.started_at,
        seconds=progress.seconds.total,
        fixes=progress.fixes,
        reruns=progress.reruns,
        builds=len(progress.builds),
        usage=progress.usage,
        playground=progress.deployment.playground_url if progress.deployment else "",
        waits_for=waits_for,
        by_people=by_people,
        waiting=waiting,
    )


def turns_of(figures: Iterable[RunFigures], owner: Callable[[str], str]) -> list[Turns]:
    """Return what waits for its turn, by installation and kind of work.

    Args:
        owner: returns the owner of a repository, by its key.
    """
    found: dict[tuple[str, Work], list[Waiting]] = {}
    for run in figures:
        for waiting in run.waiting:
            found.setdefault((owner(run.repo), waiting.full.work), []).append(waiting)
    turns = []
    for whose, waits in sorted(found.items()):
        waits.sort(key=lambda waiting: waiting.since)
        full = waits[-1].full
        turns.append(Turns(*whose, full.held, full.limit, full.of_all, len(waits), waits[0].since))
    return turns
