"""`/help`: say what can be typed, and with `/help settings` which settings are in force."""

from __future__ import annotations

from bot.commands.in_force import settings_shown
from bot.commands.registry import Command, Invocation, Place
from bot.sentence import sentence


def _help(invocation: Invocation) -> str:
    if invocation.options.get("about", "").casefold() == "settings":
        return settings_shown(invocation)
    return invocation.says("help", table=invocation.registry.table(invocation.language), label=invocation.label)


COMMAND = Command(
    name="help",
    help=sentence("List the commands; `/help settings` shows the settings."),
    example="/help",
    places=(Place.ISSUE, Place.PULL),
    options=("about",),
    word="about",
    action=_help,
    anyone=True,
)
