"""`/stop`: cancel the run that is at work."""

from __future__ import annotations

from bot.commands.registry import Command, Context, Place
from bot.commands.starting import issue_number
from bot.errors import UserError
from bot.render import render
from bot.values.naming import run_id


def _stop(context: Context) -> str:
    issue = issue_number(context)
    run = context.runs.active(context.request.repo, issue)
    if run is None:
        raise UserError(f"Nothing is running for #{issue}. `/status` says how it ended.")
    # Carried out again after a crash, a "/stop" before a "/retry" finds the run which that "/retry" has started.
    if run not in {run_id(context.request.repo, issue, delivery) for delivery in context.later}:
        context.runs.stop(run)
    return render("comments/commands/stopped.md.j2", issue=issue)


COMMAND = Command(
    name="stop",
    help="Stop the work on an issue. What is pushed, merged or deployed stays.",
    example="/stop",
    places=(Place.ISSUE, Place.PULL),
    action=_stop,
)
