"""`/list`: show the services of the repository."""

from __future__ import annotations

from bot.commands.operating import operate
from bot.commands.registry import Command, Invocation, Place
from bot.sentence import sentence
from bot.values.operation import Operation


def _list(invocation: Invocation) -> str:
    return operate(invocation, Operation.LIST, sentence("I look which services of this repository are live."))


COMMAND = Command(
    name="list",
    help=sentence("Show this repository's live services."),
    example="/list",
    places=(Place.ISSUE, Place.PULL),
    action=_list,
)
