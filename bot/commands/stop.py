"""`/stop`: cancel the run that is at work."""

from __future__ import annotations

from bot.commands.registry import Command, Context, Place
from bot.commands.starting import issue_number
from bot.errors import UserError
from bot.render import comment, render
from bot.values.naming import run_id
from bot.values.progress import Stage


def _stop(context: Context) -> str:
    issue = issue_number(context)
    run = context.runs.active(context.request.repo, issue)
    if run is None:
        raise UserError(f"Nothing is running for #{issue}. `/status` says how it ended.")
    # Carried out again after a crash, a "/stop" before a "/retry" finds the run which that "/retry" has started.
    if run not in {run_id(context.request.repo, issue, delivery) for delivery in context.later}:
        context.runs.stop(run)
        _show_stopped(context, run)
    return render("comments/commands/stopped.md.j2", issue=issue)


def _show_stopped(context: Context, run: str) -> None:
    """Bring the status comment up to date: a run that was stopped can no longer do it itself."""
    progress = context.runs.progress(run)
    if progress is None or progress.stage is not Stage.STOPPED:
        return
    marker = f"status:{progress.issue}"
    context.repository.upsert_comment(progress.issue, marker, comment("status.md.j2", marker, progress=progress))


COMMAND = Command(
    name="stop",
    help="Stop the work on an issue. What is pushed, merged or deployed stays.",
    example="/stop",
    places=(Place.ISSUE, Place.PULL),
    action=_stop,
)
