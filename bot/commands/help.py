"""`/help`: say what can be typed."""

from __future__ import annotations

from bot.commands.registry import Command, Invocation, Place
from bot.render import render


def _help(invocation: Invocation) -> str:
    return render("comments/commands/help.md.j2", table=invocation.registry.table(), label=invocation.label)


COMMAND = Command(
    name="help",
    help="List the commands.",
    example="/help",
    places=(Place.ISSUE, Place.PULL),
    action=_help,
    anyone=True,
)
