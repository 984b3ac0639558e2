"""The other pull requests of an issue are closed when one of them is merged."""

from __future__ import annotations

from collections.abc import Iterable

from bot.runs.context import Context
from bot.values.github import Pull
from bot.values.progress import StrategyOutcome


def close_others(context: Context, pulls: Iterable[Pull], why: str) -> None:
    """Close pull requests, each with a sentence, and cancel their builds. One that holds commits of anybody else is
    left to people.

    Args:
        pulls: as they are now.
        why: a clause (Markdown) that says which one is merged.
    """
    records = context.journal.progress.strategies
    for pull in pulls:
        own = context.pulls.is_own(pull)
        if own:
            context.builds.cancel(pull.head_sha)
            context.issue.say("superseded.md.j2", _marker(context), on=pull.number, why=why)
            context.pulls.close_other(pull.number)
        else:
            leave_to_people(context, pull.number)
        for index, record in enumerate(records):
            if record.pull == pull.number:
                reason = f"{'closed' if own else 'left to people'}, because {why}"
                context.journal.ended(index, StrategyOutcome.STOPPED, reason)


def leave_to_people(context: Context, number: int) -> None:
    """Say on a pull request that holds commits of somebody else that another one is merged, and this one stays."""
    values = {"issue": context.request.issue, "language": context.journal.progress.language}
    context.issue.say("left_to_people.md.j2", _marker(context), on=number, **values)


def other_pulls(context: Context, number: int) -> list[Pull]:
    """Return the issue's open pull requests without this one."""
    return [pull for pull in context.pulls.open_pulls() if pull.number != number]


def _marker(context: Context) -> str:
    return f"superseded:{context.flow.run_id}"
