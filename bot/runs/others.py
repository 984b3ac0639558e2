"""The other pull requests of an issue are closed when one of them is merged."""

from __future__ import annotations

from collections.abc import Iterable

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.sentence import Sentence, sentence
from bot.values.github import Pull
from bot.values.progress import StrategyOutcome


def close_others(context: Context, pulls: Iterable[Pull], why: Sentence) -> None:
    """Close pull requests, each with a sentence, and cancel their builds. One that holds commits of anybody else is
    left to people.

    Args:
        pulls: as they are now.
        why: a clause (Markdown) that says which one is merged.
    """
    records = context.journal.progress.strategies
    for pull in pulls:
        language, own = context.journal.language, context.pulls.is_own(pull)
        if own:
            context.builds.cancel(pull.head_sha)
            context.issue.say("superseded.md.j2", _marker(context), language=language, on=pull.number, why=why)
            context.pulls.close_other(pull.number)
        else:
            leave_to_people(context, pull.number)
        reason = sentence("closed: %(why)s", why=why) if own else sentence("left to people: %(why)s", why=why)
        for index, record in enumerate(records):
            if record.pull == pull.number:
                context.journal.ended(index, StrategyOutcome.STOPPED, reason)


def leave_to_people(context: Context, number: int) -> None:
    """Say on a pull request that holds commits of somebody else that another one is merged, and this one stays."""
    issue, language = context.request.issue, context.journal.language
    context.issue.say("left_to_people.md.j2", _marker(context), language=language, on=number, issue=issue)


def is_merged(candidate: Candidate) -> Sentence:
    """Return why the others are closed, where one of them is merged."""
    return sentence("**%(name)s** (#%(number)s) is merged", **name_of(candidate))


def has_picked(candidate: Candidate, actor: str) -> Sentence:
    """Return why the others are closed, where somebody has picked one of them."""
    return sentence("@%(actor)s has picked **%(name)s** (#%(number)s)", actor=actor, **name_of(candidate))


def name_of(candidate: Candidate) -> dict[str, str | int]:
    """Return the values by which a sentence names a strategy: its name, and the number of its pull request."""
    return {"name": candidate.strategy.name, "number": candidate.pull.number}


def other_pulls(context: Context, number: int) -> list[Pull]:
    """Return the issue's open pull requests without this one."""
    return [pull for pull in context.pulls.open_pulls() if pull.number != number]


def _marker(context: Context) -> str:
    return f"superseded:{context.flow.run_id}"
