"""`/approve`: let the bot work on an issue of somebody who may not ask it himself."""

from __future__ import annotations

from bot.commands.registry import Command, Context, Place
from bot.commands.starting import requested_issue, start
from bot.values.run import RunKind


def _approve(context: Context) -> str:
    return start(context, RunKind.NEW, requested_issue(context).number, "I start with a plan.")


COMMAND = Command(
    name="approve",
    help="Start the work on an issue whose author has no write access.",
    example="/approve",
    places=(Place.ISSUE,),
    action=_approve,
)
