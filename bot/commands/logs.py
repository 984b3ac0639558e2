"""`/logs`: show what the live service has written."""

from __future__ import annotations

from bot.commands.operating import merged_service, operate
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import whole_number
from bot.sentence import sentence
from bot.values.operation import Operation


def _logs(invocation: Invocation) -> str:
    lines = whole_number(invocation, "lines")
    slug = merged_service(invocation)
    return operate(invocation, Operation.LOGS, sentence("I read the log of `%(slug)s`.", slug=slug), slug, lines)


COMMAND = Command(
    name="logs",
    help=sentence("Show what the live service wrote last; `/logs 200` that many lines."),
    example="/logs",
    places=(Place.ISSUE, Place.PULL),
    options=("lines",),
    word="lines",
    action=_logs,
)
