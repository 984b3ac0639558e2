"""What earlier runs have taught."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import UserError
from bot.runs.context import Context
from bot.runs.merged import nothing_anew
from bot.values.progress import Pick, Progress, Stage, StrategyOutcome, StrategyRecord

_OTHERS = 5
"""Failed strategies of other issues that the model is told of."""


def failed_before(context: Context) -> list[StrategyRecord]:
    """Return the strategies that earlier runs gave up, for the model to avoid: those of the issue first, then those of
    the repository's other issues that tell of packages."""
    request = context.request
    own = _failed(context.flow.earlier(request.repo, request.issue))
    elsewhere = [progress for progress in context.flow.earlier(request.repo) if progress.issue != request.issue]
    return own + [record for record in _failed(elsewhere) if record.packages and record.learned][:_OTHERS]


def refuse_second(context: Context) -> None:
    """Go on only where the issue has no service yet: its label may have been taken off and set again.

    Raises:
        UserError: it has one.
    """
    request = context.request
    runs = context.flow.earlier(request.repo, request.issue)
    # Where no run has merged anything, the repository needs no look.
    if any(record.outcome is StrategyOutcome.MERGED for run in runs for record in run.strategies):
        slug = context.pulls.merged_slug()
        if slug is not None:
            raise UserError(nothing_anew(slug, request.issue))


def beside(context: Context, number: int) -> tuple[StrategyRecord, ...]:
    """Return the strategies that an earlier run of the issue had beside the one of a pull request, in their order, that
    one among them; none where it was alone."""
    for progress in context.flow.earlier(context.request.repo, context.request.issue):
        pulls = [record.pull for record in progress.strategies if record.pull is not None]
        if number in pulls and len(pulls) > 1:
            return progress.strategies
    return ()


def chosen_before(context: Context) -> Pick | None:
    """Return what people have chosen that the run before this one was still to merge when it was stopped; else None."""
    before = next(iter(context.flow.earlier(context.request.repo, context.request.issue)), None)
    return before.picked if before is not None and before.stage is Stage.STOPPED else None


def _failed(runs: Sequence[Progress]) -> list[StrategyRecord]:
    return [record for run in runs for record in run.strategies if record.outcome is StrategyOutcome.FAILED]
