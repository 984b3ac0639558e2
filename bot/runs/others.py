"""The other pull requests of an issue are closed when one of them is merged."""

from __future__ import annotations

from collections.abc import Iterable

from bot.runs.context import Context
from bot.values.github import Pull
from bot.values.progress import StrategyOutcome


def close_others(context: Context, pulls: Iterable[Pull], why: str) -> None:
    """Close pull requests, each with a sentence, and cancel their builds.

    Args:
        pulls: as they are now.
        why: a clause (Markdown) that says which one is merged.
    """
    records = context.journal.progress.strategies
    for pull in pulls:
        number = pull.number
        context.builds.cancel(pull.head_sha)
        context.issue.say("superseded.md.j2", f"superseded:{context.flow.run_id}", on=number, why=why)
        context.pulls.close_other(number)
        for index, record in enumerate(records):
            if record.pull == number:
                context.journal.ended(index, StrategyOutcome.STOPPED, f"closed, because {why}")


def other_pulls(context: Context, number: int) -> list[Pull]:
    """Return the issue's open pull requests without this one."""
    return [pull for pull in context.pulls.open_pulls() if pull.number != number]
