"""What is done with an event: it starts a run, wakes a run, or queues a comment for the worker."""

from __future__ import annotations

from bot.commands import COMMANDS, parse
from bot.config import DEFAULT_LABEL
from bot.runs import Runs
from bot.values.command import CommandRequest
from bot.values.run import RunKind, RunRequest
from bot.web.events import CommentCreated, Event, LabelAdded


def route(event: Event, runs: Runs, label: str = DEFAULT_LABEL) -> str:
    """Act on an event and return in a few words what was done, for the log and the answer to GitHub.

    When it returns, everything is stored. It raises whatever the store raises; GitHub then shows the delivery as
    failed, and a person can send it again.
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
    # To GitHub, labels that differ only in case are the same, too.
    if event.label.casefold() != label.casefold():
        return "ignored: another label"
    started = runs.start(
        RunRequest(
            repo=event.repo,
            installation=event.installation,
            issue=event.issue,
            actor=event.actor,
            kind=RunKind.NEW,
            delivery=event.delivery,
        )
    )
    return f"started {started.run_id}" if started.new else f"{started.run_id} is at work already"


def _comment(event: CommentCreated, runs: Runs) -> str:
    comment = parse(event.body, COMMANDS.names)
    outcomes = []
    if comment.calls:
        runs.command(
            CommandRequest(
                repo=event.repo,
                installation=event.installation,
                number=event.number,
                is_pull=event.is_pull,
                comment_id=event.comment_id,
                calls=comment.calls,
                actor=event.actor,
                delivery=event.delivery,
            )
        )
        outcomes.append(f"queued comment {event.comment_id}")
    # Other text in a comment on an issue may be the answer that its run waits for.
    if comment.text and not event.is_pull:
        runs.signal(event.repo, event.number)
        outcomes.append(f"signalled the run of #{event.number}")
    return ", ".join(outcomes) or "ignored: no command"
