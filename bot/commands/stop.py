"""`/stop`: cancel the run that is at work."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import issue_number
from bot.errors import UserError
from bot.runs.invitation import drop_plan
from bot.runs.status import status_comment
from bot.sentence import sentence
from bot.values.naming import run_id, status_marker
from bot.values.progress import Stage, StrategyOutcome


def _stop(invocation: Invocation) -> str:
    issue = issue_number(invocation)
    run = invocation.runs.active(invocation.request.repo, issue)
    if run is None:
        raise UserError("Nothing is running for #%(issue)s. `/status` says how it ended.", issue=issue)
    # Carried out again after a crash, a "/stop" before a "/retry" may find the run that this "/retry" has started.
    if run not in {run_id(invocation.request.repo, issue, delivery) for delivery in invocation.later}:
        invocation.runs.stop(run)
        _call_off(invocation, run)
        _show_stopped(invocation, run)
    return invocation.says("stopped", issue=issue)


def _call_off(invocation: Invocation, run: str) -> None:
    """Have GitHub merge by itself nothing that the run has told it to."""
    progress = invocation.runs.progress(run)
    for record in progress.strategies if progress is not None else ():
        if record.pull is not None and record.outcome is StrategyOutcome.GREEN:
            invocation.repository.call_off(record.pull)


def _show_stopped(invocation: Invocation, run: str) -> None:
    """Bring the status comment up to date, because a run that was stopped can no longer do it."""
    progress = invocation.runs.progress(run)
    if progress is None or progress.stage is not Stage.STOPPED:
        return
    invocation.repository.upsert_comment(progress.issue, status_marker(progress.issue), status_comment(progress))
    drop_plan(invocation.repository, progress)


COMMAND = Command(
    name="stop",
    help=sentence("Stop the work on an issue. What is pushed, merged or deployed stays."),
    example="/stop",
    places=(Place.ISSUE, Place.PULL),
    action=_stop,
)
