"""`/scale`: have several replicas of the live service run."""

from __future__ import annotations

from bot.commands.operating import merged_service, operate
from bot.commands.registry import Command, Invocation, Place
from bot.commands.starting import whole_number
from bot.errors import UserError
from bot.sentence import sentence
from bot.values.operation import Operation


def _scale(invocation: Invocation) -> str:
    replicas = whole_number(invocation, "replicas")
    if not replicas:
        raise UserError("Say how many replicas shall run: `/scale 2`.")
    slug = merged_service(invocation)
    doing = sentence("I have %(replicas)s of `%(slug)s` run.", replicas=replicas, slug=slug)
    return operate(invocation, Operation.SCALE, doing, slug, replicas)


COMMAND = Command(
    name="scale",
    help=sentence("Have that many replicas run."),
    example="/scale 2",
    places=(Place.ISSUE, Place.PULL),
    options=("replicas",),
    word="replicas",
    action=_scale,
)
