"""A pull request that people steer while a run is at work: what they ask for comes before a fix and before a merge."""

from __future__ import annotations

from dataclasses import replace

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.revise import revise
from bot.runs.strategy import Built, build_until_green
from bot.values.revision import Point


def asked(context: Context, number: int) -> tuple[Point, ...]:
    """Take up what people ask for on a pull request, and return it; this run is the one that does it now."""
    request = context.request
    requests = context.flow.asked(request.repo, request.issue, number)
    if requests:
        context.flow.take(requests)
    return tuple(point for taken in requests for point in taken.points)


def build_as_asked(context: Context, candidate: Candidate) -> Built:
    """Build a candidate until it is green, changed as people ask meanwhile.

    Returns:
        Also where it is given up, and where people were answered without a change: `Built.answered`.

    Raises:
        UserError: see `build_until_green` and `revise`.
    """
    built = build_until_green(context, candidate)
    while points := asked(context, candidate.pull.number):
        changed = revise(context, built.candidate, points)
        if changed is not None:
            built = build_until_green(context, changed)
        elif built.interrupted:
            # The build is there already, and it is red.
            built = build_until_green(context, replace(built.candidate, pushed=False))
        else:
            return replace(built, answered=True)
    return built
