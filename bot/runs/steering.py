"""A pull request that people steer while a run is at work: what they ask for comes before a fix and before a merge."""

from __future__ import annotations

from dataclasses import replace

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.revise import revise
from bot.runs.strategy import Built, build_until_green
from bot.values.revision import Point


def asked(context: Context, number: int, *points: Point) -> tuple[Point, ...]:
    """Take up what people ask for on a pull request, and return it as it is now, without what they have withdrawn.

    This run is the one that does it from now on.

    Args:
        points: what is to be done already.
    """
    request = context.request
    requests = context.flow.asked(request.repo, request.issue, number)
    if requests:
        context.flow.take(requests)
    return context.reviews.current(number, (*points, *(point for taken in requests for point in taken.points)))


def build_as_asked(context: Context, candidate: Candidate) -> Built:
    """Build a candidate until it is green, changed as people ask meanwhile.

    Returns:
        Also where it is given up, and where people were answered without a change: `Built.answered`.

    Raises:
        UserError: see `build_until_green` and `revise`.
    """
    built = build_until_green(context, candidate)
    while True:
        points = asked(context, candidate.pull.number)
        changed = revise(context, built.candidate, points) if points else None
        if changed is None and not built.interrupted:
            return replace(built, answered=bool(points))
        # Without a change the build is there already, and it is red.
        built = build_until_green(context, changed or replace(built.candidate, pushed_at=None))
