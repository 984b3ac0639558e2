"""`/status`: say how far the work on an issue is."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import issue_number
from bot.runs.history import past, together
from bot.sentence import sentence


def _status(invocation: Invocation) -> str:
    issue = issue_number(invocation)
    repo = invocation.request.repo
    progress = invocation.runs.latest(repo, issue)
    return invocation.says(
        "status",
        issue=issue,
        label=invocation.label,
        progress=progress,
        total=together((*progress.earlier, past(progress))) if progress else None,
        active=invocation.runs.active(repo, issue) is not None,
    )


COMMAND = Command(
    name="status",
    help=sentence("Say how far the work is, or how it ended."),
    example="/status",
    places=(Place.ISSUE, Place.PULL),
    action=_status,
    anyone=True,
)
