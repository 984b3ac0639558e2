"""`/approve`: start the work on an issue whose author has no write access."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import requested_issue, start
from bot.values.run import RunKind


def _approve(invocation: Invocation) -> str:
    return start(invocation, RunKind.NEW, requested_issue(invocation).number, "I start with a plan.")


COMMAND = Command(
    name="approve",
    help="Start the work on an issue whose author has no write access.",
    example="/approve",
    places=(Place.ISSUE,),
    action=_approve,
)
