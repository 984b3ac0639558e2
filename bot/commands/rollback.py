"""`/rollback`: bring live again what ran before."""

from __future__ import annotations

import re

from bot.commands.operating import merged_service, operate
from bot.commands.registry import Command, Invocation, Place
from bot.errors import UserError
from bot.values.operation import Operation


def _rollback(invocation: Invocation) -> str:
    version = invocation.options.get("version", "").lower()
    if not re.fullmatch("[a-z0-9]*", version):
        raise UserError(
            "A version is a number, or the beginning of a commit: `/rollback 3`. `/list` shows what is live."
        )
    slug = merged_service(invocation)
    what = f"bring version {version} of `{slug}` live" if version else f"bring back what ran before of `{slug}`"
    return operate(invocation, Operation.ROLLBACK, what, slug, version)


COMMAND = Command(
    name="rollback",
    help="Bring back what ran before, or `/rollback 3` that version.",
    example="/rollback",
    places=(Place.ISSUE, Place.PULL),
    options=("version",),
    word="version",
    action=_rollback,
)
