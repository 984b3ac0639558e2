"""Find what GitHub did not deliver: failed deliveries, labelled issues without a run, comments that nobody has read.

Everything is looked at again that may have been missed, and nothing is done twice: a delivery, a comment and an issue
are known by their ids, and after a loss of the database by what the bot has left on GitHub.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.clients.github import PAGE, GitHub
from bot.commands.hearing import hear_comment
from bot.errors import Gone, TransientError, UserError
from bot.runs import Runs
from bot.values.command import CommandRequest
from bot.values.news import Changed, FoundComment, FoundIssue, HookDelivery
from bot.values.run import RunKind, RunRequest

log = logging.getLogger(__name__)

_DAYS = 3 * 24 * 3600.0
"""Seconds. GitHub delivers nothing again that is older:
https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks"""
_GRACE = 120.0
"""Seconds. What is newer may be on its way."""
_OVERLAP = 3600.0
_PAGES = 10
_MOST_AT_ONCE = 100
"""Deliveries that one look asks for again, and repositories that it looks at."""
_TRIES = 5
_REFRESH = 900.0
"""Seconds after which the list of repositories is read anew."""


@dataclass
class _Mark:
    """How far a list was looked at: what has changed since a moment is still to be seen to; `tag` is the list's."""

    since: float
    tag: str = ""

    def looked(self, found: Changed[FoundIssue] | Changed[FoundComment], settled: Sequence[bool], now: float) -> None:
        """Take note of what was found, and whether there is nothing more to see to about each of it."""
        if not all(settled):
            return
        self.tag = found.tag
        if found.items:
            whole = len(found.items) < PAGE
            self.since, self.tag = now - _OVERLAP if whole else found.items[-1].changed_at, ""


@dataclass
class _Watched:
    """A repository, and how far it was looked at; what is from before `floor` is none of the bot's business."""

    name: str
    installation: int
    floor: float
    issues: _Mark
    comments: _Mark


class Missed:
    """Looks for what was missed. One for a worker, in a thread of its own.

    Args:
        label: what makes an issue a request for a service.
        bots: ids of the bots that may give commands.
        grace: seconds for which what is new may be on its way.
    """

    def __init__(
        self,
        github: GitHub,
        runs: Runs,
        label: str,
        bots: Collection[int] = (),
        grace: float = _GRACE,
    ) -> None:
        self._github = github
        self._hook = github.hook()
        self._runs = runs
        self._label = label
        self._bots = bots
        self._grace = grace
        self._looked_at = 0.0
        self._listed_at = 0.0
        self._watched: dict[str, _Watched] = {}
        self._tried: dict[str, tuple[int, int]] = {}
        self._looks, self._asked_in = 0, -1

    def keep_looking(self, seconds: float, stopping: threading.Event) -> None:
        """Look at once, and again after so many seconds, until told to stop."""
        while True:
            try:
                self.look()
            except Exception:
                # Whatever it is, the next look may get through.
                log.exception("could not look for what GitHub did not deliver")
            if stopping.wait(seconds):
                return

    def look(self) -> None:
        """Look once."""
        now = time.time()
        self._looks += 1
        self._try("deliveries", lambda: self._redeliver(now))
        self._looked_at = now
        if self._asked_in == self._looks:
            # What comes of that has to be known first.
            return
        self._try("repositories", lambda: self._list(now))
        # The ones looked at longest ago come first.
        for name in list(self._watched)[:_MOST_AT_ONCE]:
            watched = self._watched[name] = self._watched.pop(name)
            self._try(name, lambda watched=watched: self._look_at(watched, now))  # type: ignore[misc]

    def _try(self, what: str, look: Callable[[], None]) -> None:
        try:
            look()
        except Gone:
            self._watched.pop(what, None)
        except (TransientError, UserError) as error:
            log.warning("could not look for what was missed (%s): %s", what, error)

    def _redeliver(self, now: float) -> None:
        since = max(now - _DAYS, self._looked_at - _OVERLAP)
        failed = undelivered(self._hook.deliveries(since, _PAGES))
        for delivery in failed[:_MOST_AT_ONCE]:
            tries, next_look = self._tried.get(delivery.guid, (0, 0))
            # What fails for good is not asked for for ever.
            if tries < _TRIES and self._looks >= next_look:
                self._tried[delivery.guid] = tries + 1, self._looks + 2**tries
                log.info("delivery %s is asked for again", delivery.guid)
                self._asked_in = self._looks
                self._hook.redeliver(delivery.id)

    def _list(self, now: float) -> None:
        if now - self._listed_at < _REFRESH:
            return
        found: dict[str, _Watched] = {}
        for installation in self._hook.installations():
            floor = max(now - _DAYS, installation.since)
            for name in self._hook.repositories(installation.id, _PAGES):
                new = _Watched(name, installation.id, floor, _Mark(floor), _Mark(floor))
                found[name] = self._watched.get(name, new)
        self._watched, self._listed_at = found, now

    def _look_at(self, watched: _Watched, now: float) -> None:
        repository = self._github.repository(watched.name, watched.installation)
        issues = repository.labelled(self._label, watched.issues.since, watched.issues.tag)
        watched.issues.looked(issues, [self._settle(watched, issue.number, now) for issue in issues.items or ()], now)
        comments = repository.comments_since(watched.comments.since, watched.comments.tag)
        watched.comments.looked(comments, [self._read(watched, comment, now) for comment in comments.items or ()], now)

    def _settle(self, watched: _Watched, number: int, now: float) -> bool:
        """Start the run of a labelled issue that has none; return whether there is nothing more to see to."""
        if self._runs.latest(watched.name, number) or self._runs.active(watched.name, number):
            return True
        repository = self._github.repository(watched.name, watched.installation)
        labelled = repository.who_labelled(number, self._label)
        if labelled is None or labelled.at < watched.floor:
            return True
        if labelled.at > now - self._grace:
            return False
        if not repository.has_answered(number):
            log.info("%s#%d was labelled, and nobody has told: its run starts", watched.name, number)
            request = RunRequest(
                repo=watched.name,
                installation=watched.installation,
                issue=number,
                actor=labelled.actor,
                kind=RunKind.NEW,
                delivery=f"labelled-{labelled.id}",
                at=_time(labelled.at),
            )
            self._runs.start(request)
        return True

    def _read(self, watched: _Watched, comment: FoundComment, now: float) -> bool:
        """Hear a comment that may not have been heard; return whether there is nothing more to see to."""
        # What was edited is not what was said, and nobody is told of edits.
        if comment.at < watched.floor or comment.edited:
            return True
        if comment.at > now - self._grace:
            return False
        if comment.seen and self._github.repository(watched.name, watched.installation).has_seen(comment.id):
            return True
        request = CommandRequest(
            repo=watched.name,
            installation=watched.installation,
            number=comment.number,
            is_pull=comment.is_pull,
            comment_id=comment.id,
            body=comment.body,
            actor=comment.actor,
            by_bot=comment.bot is not None,
            delivery=f"comment-{comment.id}",
            at=_time(comment.at),
        )
        hear_comment(request, comment.bot, self._runs, self._bots)
        return True


def undelivered(deliveries: Iterable[HookDelivery]) -> list[HookDelivery]:
    """Return the newest attempt of each delivery of which none was taken and none is under way, the oldest first.

    Args:
        deliveries: the newest first.
    """
    newest: dict[str, HookDelivery] = {}
    done = set()
    for delivery in deliveries:
        newest.setdefault(delivery.guid, delivery)
        if delivery.ok or delivery.pending:
            done.add(delivery.guid)
    return [delivery for guid, delivery in reversed(newest.items()) if guid not in done]


def _time(seconds: float) -> str:
    """Return a time as GitHub writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
