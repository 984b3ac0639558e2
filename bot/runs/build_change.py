"""Build a service that is changed, and deliver it; what stays red is left to people."""

from __future__ import annotations

from typing import Any

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.delivery import build_and_deliver
from bot.sentence import sentence
from bot.values.progress import Stage


def build_change(context: Context, candidate: Candidate, **how: Any) -> None:
    """Build a changed service and deliver it where it is green; where it stays red, its pull request stays open.

    Args:
        how: see `build_and_deliver`.
    """
    built = build_and_deliver(context, candidate, **how)
    if built.answered:
        leave(context, candidate.pull.number)
    elif not built.green:
        _still_red(context, built.candidate)


def leave(context: Context, number: int) -> None:
    """Leave a pull request to the people who have asked for something that changed nothing."""
    context.journal.show(Stage.WAITING, sentence("#%(number)s stays as it is", number=number))


def _still_red(context: Context, candidate: Candidate) -> None:
    """Say that a pull request is red. It may have been green before, and it is under review: it stays open."""
    number, progress = candidate.pull.number, context.journal.progress
    record, language = progress.strategies[candidate.index], progress.language
    red = sentence("#%(number)s is red: %(reason)s", number=number, reason=record.reason)
    context.journal.show(Stage.FAILED, red)
    marker = f"red:{context.flow.run_id}"
    context.issue.say("still_red.md.j2", marker, on=number, record=record, progress=progress, language=language)
    context.pulls.describe(candidate, progress)
