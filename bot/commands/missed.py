"""Find what GitHub did not deliver: failed deliveries, labelled issues without a run, comments and reviews that nobody
has read, and what people have done to the bot's pull requests.

Everything is looked at again that may have been missed, and nothing is done twice: a delivery, a comment and an issue
are known by their ids, and after a loss of the database by what the bot has left on GitHub.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection

from bot.clients.github import GitHub
from bot.commands.found_pulls import FoundPulls
from bot.commands.hearing import hear_comment
from bot.commands.redelivery import KEPT_SECONDS, PAGES, Redelivery
from bot.commands.watched import Mark, Watched, time_of
from bot.errors import Gone, TransientError, UserError
from bot.runs import Runs
from bot.values.command import CommandRequest, WelcomeRequest
from bot.values.news import FoundComment, FoundIssue
from bot.values.run import RunKind, RunRequest

log = logging.getLogger(__name__)

GRACE_SECONDS = 120.0
"""Seconds. What is newer may be on its way."""
_MOST_AT_ONCE = 100
"""Repositories that one look looks at."""
_SOON_SECONDS = 30.0
"""After a start of both processes: what is asked for before somebody can take it counts as a try. And after a look that
has asked for deliveries: what comes of them is to be seen before it is known what else was missed."""
_REFRESH = 900.0
"""Seconds after which the list of repositories is read anew; `_SOON` where nobody tells of a new one."""
_SOON = 60.0
_SECONDS_EACH = 0.6
"""How much time between two looks there has to be for each repository: a look asks up to eight times, and GitHub wants
no more than 900 questions a minute, those that cost nothing of the hourly limit among them:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"""


class Missed:
    """Looks for what was missed. One of all workers does, in a thread of its own.

    Args:
        label: what makes an issue a request for a service.
        bots: ids of the bots that may give commands.
        grace: seconds for which what is new may be on its way; None where GitHub tells the bot of nothing, and this is
            all that it hears by.
    """

    def __init__(
        self,
        github: GitHub,
        runs: Runs,
        label: str,
        bots: Collection[int] = (),
        grace: float | None = GRACE_SECONDS,
    ) -> None:
        self._github = github
        self._hook = github.hook()
        self._redelivery = Redelivery(self._hook)
        self._runs = runs
        self._label = label
        self._bots = bots
        self._grace, self._told = grace or 0.0, grace is not None
        self._pulls = FoundPulls(github, runs, bots, self._grace, self._told)
        self._most = _MOST_AT_ONCE
        self._listed_at = 0.0
        self._watched: dict[str, Watched] = {}

    def keep_looking(self, seconds: float, stopping: threading.Event, leads: Callable[[], bool] = lambda: True) -> None:
        """Look when the other process has had time to start, and again after so many seconds, until told to stop.

        After a look that has not seen to everything the next one comes sooner.

        Args:
            leads: whether this worker is the one of all that looks.
        """
        self._most = max(1, min(_MOST_AT_ONCE, int(seconds / _SECONDS_EACH)))
        pause = soon = min(seconds, _SOON_SECONDS)
        while not stopping.wait(pause):
            pause = seconds
            if not leads():
                continue
            try:
                pause = seconds if self.look() else soon
            except Exception:
                # Whatever it is, the next look may get through.
                log.exception("could not look for what GitHub did not deliver")

    def look(self) -> bool:
        """Look once; return whether it has seen to everything."""
        now, asked, settled = time.time(), list[str](), list[bool]()
        if self._told:
            self._try("deliveries", lambda: asked.extend(self._redelivery.look(now)))
        if asked:
            # What comes of that has to be known first.
            return False
        self._try("repositories", lambda: self._list(now))
        # The ones looked at longest ago come first.
        for repo in list(self._watched)[: self._most]:
            watched = self._watched[repo] = self._watched.pop(repo)
            self._try(repo, lambda watched=watched: settled.append(self._look_at(watched, now)))  # type: ignore[misc]
        return all(settled)

    def _try(self, what: str, look: Callable[[], None]) -> None:
        try:
            look()
        except Gone:
            self._watched.pop(what, None)
        except (TransientError, UserError) as error:
            log.warning("could not look for what was missed (%s): %s", what, error)

    def _list(self, now: float) -> None:
        if now - self._listed_at < (_REFRESH if self._told else _SOON):
            return
        found: dict[str, Watched] = {}
        for installation in self._hook.installations():
            floor = max(now - KEPT_SECONDS, installation.since)
            for repository in self._hook.repositories(installation.id, PAGES):
                repo = self._runs.key(*repository)
                new = Watched(repo, installation.id, floor, Mark(floor), Mark(floor), Mark(floor))
                found[repo] = self._watched.get(repo, new)
                if not self._told and repo not in self._watched:
                    # Nobody tells of the installation either.
                    self._runs.welcome(WelcomeRequest(repo=repo, installation=installation.id))
        self._watched, self._listed_at = found, now

    def _look_at(self, watched: Watched, now: float) -> bool:
        """Look at a repository; return whether there is nothing more to see to. What is new may be on its way."""
        repository = self._github.repository(watched.repo, watched.installation)
        # Where nobody has told of the repository yet. What is there already is not made again.
        self._runs.welcome(WelcomeRequest(**watched.where))
        issues = repository.open_issues_since(watched.issues.since, watched.issues.tag)
        started = [self._settle(watched, issue, now) for issue in issues.items or ()]
        watched.issues.looked(issues, started, now)
        comments = repository.comments_since(watched.comments.since, watched.comments.tag)
        heard = [self._read(watched, comment, now) for comment in comments.items or ()]
        watched.comments.looked(comments, heard, now)
        seen = self._pulls.look(watched, now)
        return all((*started, *heard, *seen))

    def _settle(self, watched: Watched, issue: FoundIssue, now: float) -> bool:
        """Start the run of an issue with the label, or by the form, that has none; return whether there is nothing more
        to see to."""
        number, has_label = issue.number, issue.has_label(self._label)
        if issue.is_pull or not (has_label or (issue.by_form and not issue.by_bot)):
            return True
        if self._runs.latest(watched.repo, number) or self._runs.active(watched.repo, number):
            return True
        repository = self._github.repository(watched.repo, watched.installation)
        labelled = repository.who_labelled(number, self._label)
        # A label that is not there any more, somebody has taken off.
        if has_label != (labelled is not None):
            return True
        at = labelled.at if labelled else issue.at
        if at < watched.floor:
            return True
        if at > now - self._grace:
            return False
        if not repository.has_answered(number):
            log.info("%s#%d asks for a service, and nobody has told: its run starts", watched.repo, number)
            request = RunRequest(
                **watched.where,
                issue=number,
                actor=labelled.actor if labelled else issue.author,
                kind=RunKind.NEW,
                delivery=f"labelled-{labelled.id}" if labelled else f"opened-{number}",
                at=time_of(at),
                unlabelled=labelled is None,
            )
            self._runs.start(request)
        return True

    def _read(self, watched: Watched, comment: FoundComment, now: float) -> bool:
        """Hear a comment that may not have been heard; return whether there is nothing more to see to."""
        # What was edited is not what was said, and nobody is told of edits.
        if comment.at < watched.floor or comment.edited:
            return True
        if comment.at > now - self._grace:
            return False
        if comment.seen and self._github.repository(watched.repo, watched.installation).has_seen(comment.id):
            return True
        request = CommandRequest(
            **watched.where,
            number=comment.number,
            is_pull=comment.is_pull,
            comment_id=comment.id,
            body=comment.body,
            actor=comment.actor,
            by_bot=comment.bot is not None,
            delivery=f"comment-{comment.id}",
            at=time_of(comment.at),
        )
        hear_comment(request, comment.bot, self._runs, self._bots)
        return True
