"""`/rollback`: bring live again what ran before."""

from __future__ import annotations

import re

from bot.commands.operating import merged_service, operate
from bot.commands.registry import Command, Invocation, Place
from bot.errors import UserError
from bot.sentence import sentence
from bot.values.operation import Operation


def _rollback(invocation: Invocation) -> str:
    version = invocation.options.get("version", "").lower()
    if not re.fullmatch("[a-z0-9]*", version):
        raise UserError(
            "A version is a number, or the beginning of a commit: `/rollback 3`. `/list` shows what is live."
        )
    slug = merged_service(invocation)
    what = sentence("I bring back what ran before of `%(slug)s`.", slug=slug)
    if version:
        what = sentence("I bring version %(version)s of `%(slug)s` live.", version=version, slug=slug)
    return operate(invocation, Operation.ROLLBACK, what, slug, version)


COMMAND = Command(
    name="rollback",
    help=sentence("Bring back what ran before, or `/rollback 3` that version."),
    example="/rollback",
    places=(Place.ISSUE, Place.PULL),
    options=("version",),
    word="version",
    action=_rollback,
)
