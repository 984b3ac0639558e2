"""Say that a run waits for GitHub, or for a seat: on the pages at once, on the issue where that is possible."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from bot.errors import Hindrance, UserError
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.sentence import Sentence, already_said, sentence
from bot.values.hold import Hold
from bot.values.seats import Full, Waiting, Work

log = logging.getLogger(__name__)

_WORTH_A_COMMENT = 600.0
"""Seconds: who waits for less need not be told afterwards."""
_NOTES = {
    Hindrance.OUTAGE: sentence("GitHub does not answer; I go on when it does"),
    Hindrance.LIMIT: sentence("GitHub takes no more requests for now; I go on when it does"),
    Hindrance.ARCHIVED: sentence("the repository is archived; I go on when it is no longer"),
    Hindrance.SUSPENDED: sentence("the GitHub App is suspended here; I go on when it is no longer"),
    Hindrance.CREDENTIALS: sentence(
        "GitHub refuses the App's credentials: check `GITHUB_APP_ID` and `GITHUB_PRIVATE_KEY`"
    ),
}

_QUEUES = {
    (Work.RUN, False): sentence("waits for its turn: %(held)s of %(limit)s runs of this installation are under way"),
    (Work.RUN, True): sentence("waits for its turn: %(held)s of %(limit)s runs of all installations are under way"),
    (Work.MODEL, False): sentence(
        "waits for its turn: %(held)s of %(limit)s calls of the model for this installation are under way"
    ),
    (Work.MODEL, True): sentence(
        "waits for its turn: %(held)s of %(limit)s calls of the model for all installations are under way"
    ),
    (Work.BUILD, False): sentence(
        "waits for its turn: %(held)s of %(limit)s builds of this installation are under way"
    ),
    (Work.BUILD, True): sentence("waits for its turn: %(held)s of %(limit)s builds of all installations are under way"),
}


class HeldUp:
    """Tells people of one issue that its run waits for GitHub. A `bot.runs.durable.stepping.AnyListener`."""

    def __init__(self, run: str, issue: IssueSteps, journal: Journal) -> None:
        self._run = run
        self._issue = issue
        self._journal = journal
        self._note: str | None = None
        self._said = ""
        self._shown = False
        self._before = ""

    def queued(self, waiting: Waiting) -> None:
        """Publish that the run waits for a seat."""
        if not self._journal.progress.waiting:
            self._before = self._journal.progress.note
        self._journal.note(
            self._journal.progress.stage,
            wait_of(waiting.full),
            waiting=(*self._journal.progress.waiting, waiting),
        )
        self._issue.show_status_aside(self._journal.progress, anew=True)

    def seated(self, waiting: Waiting) -> None:
        """Publish what the run is at again."""
        progress = self._journal.progress
        left = tuple(other for other in progress.waiting if other.name != waiting.name)
        self._journal.note(progress.stage, already_said(progress.note if left else self._before), waiting=left)

    def held(self, hold: Hold) -> None:
        """Publish it; comment where a person has to do something, and comments may be possible."""
        if self._note is None:
            self._note = self._journal.progress.note
        self._journal.note(self._journal.progress.stage, note_of(hold))
        if hold.hindrance is Hindrance.LIMIT:
            self._shown = True
            self._issue.show_status_aside(self._journal.progress, anew=True, over=self._issue.recalled, held=True)
        if hold.hindrance is Hindrance.PERMISSION:
            self._said = self._said or f"held:{self._run}:{hold.at:.0f}"
            self._comment(self._said, hold, patient=False)

    def let_go(self, hold: Hold, began: float, ended: float) -> None:
        """Publish what the run is at again; comment where it took long, or where people were told before."""
        self._journal.note(self._journal.progress.stage, already_said(self._note or ""))
        if self._shown and self._issue.recalled:
            self._issue.show_status_aside(self._journal.progress)
        said, self._said, self._note, self._shown = self._said, "", None, False
        if said or ended - began >= _WORTH_A_COMMENT:
            self._comment(said or f"held:{self._run}:{began:.0f}", hold, since=_time(began), until=_time(ended))

    def _comment(self, marker: str, hold: Hold, *, since: str = "", until: str = "", patient: bool = True) -> None:
        words = {"why": hold.hindrance, "permissions": hold.permissions, "since": since, "until": until}
        language = self._journal.progress.language
        try:
            self._issue.tell("held.md.j2", marker, patient=patient, language=language, **words)
        except UserError as error:
            # The issue may be locked or deleted; the run finds that by itself.
            log.warning("%s: not said on the issue: %s", self._run, error)


def note_of(hold: Hold) -> Sentence:
    """Return in one line what a run waits for."""
    if hold.hindrance is Hindrance.LIMIT and hold.retry_after:
        # The minute in which it is over may be nearly over, too.
        until = datetime.fromtimestamp(hold.at + hold.retry_after + 59, UTC)
        return sentence("GitHub takes no more requests for now; I go on after %(time)s UTC", time=f"{until:%H:%M}")
    if hold.hindrance is not Hindrance.PERMISSION:
        return _NOTES[hold.hindrance]
    missing = ", ".join(f"`{permission}`" for permission in hold.permissions)
    if not missing:
        return sentence("the GitHub App lacks a permission that it asks for; I go on when it is granted")
    return sentence("the GitHub App lacks the permission %(missing)s; I go on when it is granted", missing=missing)


def wait_of(full: Full) -> Sentence:
    """Return in one line for which seat a run waits."""
    return _QUEUES[full.work, full.of_all].having(held=full.held, limit=full.limit)


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"
