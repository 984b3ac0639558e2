"""What people choose among an issue's green pull requests: the newest choice counts, and the others hear of it."""

from __future__ import annotations

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.delivery import Decision, Order
from bot.values.progress import Pick
from bot.values.run import RunKind, RunRequest


def name_of(candidate: Candidate) -> str:
    """Return a candidate's name in Markdown, with its pull request."""
    return f"**{candidate.strategy.name}** (#{candidate.pull.number})"


def decision_of(request: RunRequest, candidate: Candidate) -> Decision:
    """Return what a person has decided about a candidate by `/pick` or `/deploy`."""
    if request.kind is RunKind.PICK:
        return Decision(Order.PICK, f"@{request.actor} has picked {name_of(candidate)}")
    return Decision(Order.MERGE, f"@{request.actor} has merged {name_of(candidate)} with `/deploy`")


def tell_not_picked(context: Context, request: RunRequest) -> None:
    """Say that what somebody has picked cannot be merged any more."""
    marker = f"not-picked:{context.flow.run_id}/{request.delivery}"
    language = context.journal.progress.language
    context.issue.say("not_picked.md.j2", marker, pull=request.pull, actor=request.actor, language=language)


def tell_overruled(context: Context, earlier: Pick, by: str, candidate: Candidate) -> None:
    """Say that what somebody has chosen is not merged, because `by` has chosen another one since."""
    marker = f"overruled:{context.flow.run_id}/{earlier.actor}/{earlier.pull}"
    language = context.journal.progress.language
    context.issue.say("overruled.md.j2", marker, earlier=earlier, by=by, chosen=name_of(candidate), language=language)
