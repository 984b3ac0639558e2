"""Where an event goes: it starts a run, wakes one, or brings a comment to a worker."""

from __future__ import annotations

import re

from bot.config.settings import DEFAULT_LABEL
from bot.runs.store import Runs
from bot.values.run import CommandRequest, RunRequest
from bot.web.events import CommentCreated, Event, LabelAdded

# Cheap on purpose: whether the line is quoted or code, and whether the command exists, is the worker's to find out.
_MAYBE_COMMAND = re.compile(r"^ {0,3}/[A-Za-z]", re.MULTILINE)


def route(event: Event, runs: Runs, label: str = DEFAULT_LABEL) -> str:
    """Carry an event on and return in a few words what was done, for the log and the answer to GitHub.

    What it returns from has been stored. It raises whatever the store raises, and GitHub then shows the delivery
    as failed, so that it can be sent again.
    """
    match event:
        case LabelAdded():
            return _label(event, runs, label)
        case CommentCreated():
            return _comment(event, runs)
        case _:
            runs.signal(event.repo, event.issue)
            return f"signalled the run of #{event.issue}"


def _label(event: LabelAdded, runs: Runs, label: str) -> str:
    # GitHub does not tell labels apart by case either.
    if event.label.casefold() != label.casefold():
        return "ignored: another label"
    started = runs.start(
        RunRequest(
            repo=event.repo,
            installation=event.installation,
            issue=event.issue,
            actor=event.actor,
            kind="new",
            delivery=event.delivery,
        )
    )
    return f"started {started.run_id}" if started.new else f"{started.run_id} is at work already"


def _comment(event: CommentCreated, runs: Runs) -> str:
    done = []
    if _MAYBE_COMMAND.search(event.body):
        _queue(event, runs)
        done.append(f"queued comment {event.comment_id}")
    # What people say on an issue beside commands may be the answer that its run waits for.
    if not event.is_pull and any(line.strip() and not _MAYBE_COMMAND.match(line) for line in event.body.splitlines()):
        runs.signal(event.repo, event.number)
        done.append(f"signalled the run of #{event.number}")
    return ", ".join(done) or "ignored: no command"


def _queue(event: CommentCreated, runs: Runs) -> None:
    runs.command(
        CommandRequest(
            repo=event.repo,
            installation=event.installation,
            number=event.number,
            is_pull=event.is_pull,
            comment_id=event.comment_id,
            body=event.body,
            actor=event.actor,
            delivery=event.delivery,
        )
    )
