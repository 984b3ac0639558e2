"""What people have done to the bot's pull requests, of which nobody has told the bot."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clients.github import GitHub
from bot.commands.redelivery import OVERLAP
from bot.commands.watched import Watched, time_of
from bot.runs import Runs
from bot.values.command import RerunRequest, ReviewRequest
from bot.values.naming import issue_of_branch
from bot.values.news import FoundPull, Person
from bot.values.progress import Progress, Stage
from bot.values.run import RunKind, RunRequest

MOST_SUITES = 5
"""Pull requests whose checks one look at a repository asks for; with more they take turns."""


@dataclass(frozen=True)
class FoundPulls:
    """Sees to the pull requests of a repository.

    Args:
        bots: ids of the bots that may give commands.
        grace: seconds for which what is new may be on its way.
        told: GitHub tells the bot what happens, and sends again what failed. Reviews, merges and closed pull requests
            are looked for all the same.
    """

    github: GitHub
    runs: Runs
    bots: Collection[int]
    grace: float
    told: bool

    def look(self, watched: Watched, now: float) -> list[bool]:
        """Look once; return for each pull request that has changed whether there is nothing more to see to."""
        repository = self.github.repository(watched.repo, watched.installation)
        found = repository.newest_pulls(watched.pulls.tag)
        if found.items is not None:
            own = [pull for pull in found.items if not pull.fork and issue_of_branch(pull.head_ref) is not None]
            watched.open_pulls = [pull for pull in own if pull.closed_at is None]
        changed = [pull for pull in found.items or () if pull.changed_at >= watched.pulls.since]
        seen = [self._see(watched, pull, now) for pull in changed]
        if all(seen):
            watched.pulls.tag = found.tag
            watched.pulls.since = now - OVERLAP if changed else watched.pulls.since
        if not self.told:
            self._hear_reruns(watched)
        return seen

    def _see(self, watched: Watched, pull: FoundPull, now: float) -> bool:
        """See to what people have done to a pull request of the bot's; return whether there is nothing more to see to.

        A bot's reviews are left to webhooks.
        """
        issue = None if pull.fork else issue_of_branch(pull.head_ref)
        # Which reviews were done is known as long as their runs are.
        progress = None if issue is None else self.runs.latest(watched.repo, issue)
        if issue is None or progress is None:
            return True
        if pull.closed_at is not None:
            return self._end(watched, pull, progress, now)
        nothing_more = self.told or self._go_on(watched, pull, progress)
        reviews = self.github.repository(watched.repo, watched.installation).reviews(pull.number)
        people = [(review, datetime.fromisoformat(review.at).timestamp()) for review in reviews if not review.bot]
        for review, at in people:
            if watched.floor <= at <= now - self.grace:
                delivery = f"review-{review.id}"
                request = ReviewRequest(**watched.where, number=pull.number, review=review.id, delivery=delivery)
                self.runs.review(request)
        return nothing_more and all(at <= now - self.grace for _, at in people)

    def _end(self, watched: Watched, pull: FoundPull, progress: Progress, now: float) -> bool:
        """Start the run for a pull request that was left to people and that one of them has merged or closed."""
        at = pull.closed_at or 0.0
        if at > now - self.grace:
            return False
        if not _is_left_to_people(progress, pull, Stage.WAITING) or at < watched.floor:
            return True
        kind = RunKind.MERGED if pull.merged else RunKind.CLOSED
        repository = self.github.repository(watched.repo, watched.installation)
        # One that is at work sees it by itself.
        if self.runs.active(watched.repo, progress.issue) is None:
            actor = repository.who_closed(pull.number)
            self._start(watched, pull, progress.issue, f"{at:.0f}", kind=kind, actor=actor, at=time_of(at))
        return True

    def _go_on(self, watched: Watched, pull: FoundPull, progress: Progress) -> bool:
        """Start the run for a pull request that was opened again, or that somebody has pushed to while it waits; return
        whether there is nothing more to see to.
        """
        repository = self.github.repository(watched.repo, watched.installation)
        at_work = self.runs.active(watched.repo, progress.issue) is not None
        reopened = repository.who_reopened(pull.number)
        # GitHub counts in whole seconds.
        since = max(watched.floor, math.floor(progress.started_at))
        if reopened is not None and reopened.by.bot is None and reopened.at >= since:
            if not at_work:
                what = {"kind": RunKind.REOPENED, "actor": reopened.by.login, "at": time_of(reopened.at)}
                self._start(watched, pull, progress.issue, reopened.id, **what)
            # What is at work may be what the closing has started.
            return not at_work
        if at_work:
            return True
        built = {build.commit for record in progress.strategies for build in record.builds}
        if pull.head_sha in built or not _is_left_to_people(progress, pull, Stage.WAITING, Stage.FAILED):
            return True
        by = repository.who_committed(pull.head_sha)
        if self._may_push(by, repository.credentials.login()):
            self._start(watched, pull, progress.issue, pull.head_sha, kind=RunKind.PUSHED, actor=by.login)
        return True

    def _may_push(self, by: Person, own: str) -> bool:
        # Two bots that push could go on for ever.
        return by.login != own and (by.bot is None or by.bot in self.bots)

    def _start(self, watched: Watched, pull: FoundPull, issue: int, mark: object, **what: Any) -> None:
        """Start a run; `mark` tells what it is for from all else that is done to the pull request, so that it starts
        once."""
        delivery = f"{what['kind']}-{pull.number}-{mark}"
        self.runs.start(RunRequest(**watched.where, issue=issue, pull=pull.number, delivery=delivery, **what))

    def _hear_reruns(self, watched: Watched) -> None:
        """Have the builds run again whose check run somebody wants to run again."""
        asked, watched.open_pulls = watched.open_pulls[:MOST_SUITES], watched.open_pulls[MOST_SUITES:]
        watched.open_pulls += asked
        repository = self.github.repository(watched.repo, watched.installation)
        tags = {pull.head_sha: watched.suites.get(pull.head_sha, "") for pull in (*asked, *watched.open_pulls)}
        for pull in asked:
            found = repository.suites(pull.head_sha, tags[pull.head_sha])
            tags[pull.head_sha] = found.tag
            for suite in found.items or ():
                if suite.asked_again and suite.changed_at >= watched.floor:
                    request = RerunRequest(
                        **watched.where,
                        number=pull.number,
                        actor="ghost",
                        by_bot=True,
                        delivery=f"{suite.id}-{suite.changed_at:.0f}",
                    )
                    self.runs.rerun(request)
        watched.suites = tags


def _is_left_to_people(progress: Progress, pull: FoundPull, *stages: Stage) -> bool:
    """Return whether the newest run of an issue has ended in one of some stages with that pull request."""
    return progress.stage in stages and any(record.pull == pull.number for record in progress.strategies)
