"""What earlier runs have taught."""

from __future__ import annotations

from collections.abc import Sequence

from bot.runs.context import Context
from bot.values.progress import Progress, StrategyOutcome, StrategyRecord

_OTHERS = 5
"""Failed strategies of other issues that the model is told of."""


def failed_before(context: Context) -> list[StrategyRecord]:
    """Return the strategies that earlier runs gave up, for the model to avoid: those of the issue first, then those of
    the repository's other issues that tell of packages."""
    request = context.request
    own = _failed(context.flow.earlier(request.repo, request.issue))
    elsewhere = [progress for progress in context.flow.earlier(request.repo) if progress.issue != request.issue]
    return own + [record for record in _failed(elsewhere) if record.packages and record.learned][:_OTHERS]


def _failed(runs: Sequence[Progress]) -> list[StrategyRecord]:
    return [record for run in runs for record in run.strategies if record.outcome is StrategyOutcome.FAILED]
