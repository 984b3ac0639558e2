"""What people choose among an issue's green pull requests: the newest choice counts, and the others hear of it."""

from __future__ import annotations

from bot.runs.candidate import Candidate
from bot.runs.context import Context
from bot.runs.delivery import Decision, Order
from bot.runs.others import has_picked, name_of
from bot.sentence import sentence
from bot.values.progress import Pick
from bot.values.run import RunKind, RunRequest


def decision_of(request: RunRequest, candidate: Candidate) -> Decision:
    """Return what a person has decided about a candidate by `/pick` or `/deploy`."""
    if request.kind is RunKind.PICK:
        return Decision(Order.PICK, has_picked(candidate, request.actor))
    why = sentence(
        "@%(actor)s has merged **%(name)s** (#%(number)s) with `/deploy`", actor=request.actor, **name_of(candidate)
    )
    return Decision(Order.MERGE, why)


def tell_not_picked(context: Context, request: RunRequest) -> None:
    """Say that what somebody has picked cannot be merged any more."""
    marker = f"not-picked:{context.flow.run_id}/{request.delivery}"
    language = context.journal.progress.language
    context.issue.say("not_picked.md.j2", marker, pull=request.pull, actor=request.actor, language=language)


def tell_overruled(context: Context, earlier: Pick, by: str, candidate: Candidate) -> None:
    """Say that what somebody has chosen is not merged, because `by` has chosen another one since."""
    chosen = sentence("**%(name)s** (#%(number)s)", **name_of(candidate))
    marker = f"overruled:{context.flow.run_id}/{earlier.actor}/{earlier.pull}"
    language = context.journal.progress.language
    context.issue.say("overruled.md.j2", marker, earlier=earlier, by=by, chosen=chosen, language=language)
