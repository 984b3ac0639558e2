"""`/help`: say what can be typed."""

from __future__ import annotations

from bot.commands.registry import Command, Context, Place
from bot.render import render


def _help(context: Context) -> str:
    return render("comments/commands/help.md.j2", table=context.registry.table(), label=context.label)


COMMAND = Command(
    name="help",
    help="List the commands.",
    example="/help",
    places=(Place.ISSUE, Place.PULL),
    action=_help,
    anyone=True,
)
