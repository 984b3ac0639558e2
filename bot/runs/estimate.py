"""What a plan will take and cost: from what runs of the repository took after their plan, and from measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.values.cost import Usage
from bot.values.plan import Estimate
from bot.values.progress import Progress, Stage, StrategyOutcome

Price = Callable[[str, int, int], float | None]
"""Returns USD for the tokens sent and received in a stage; None where nobody lists the model's price."""

ENOUGH = 3
"""From how many runs on the repository's own speak for themselves."""
_BEFORE = frozenset({"aim", "specify", "respecify", "strategize", "replan"})
"""Stages of the model that lie before a plan is shown."""
_AT_LEAST = {"tests": (1_211, 363), "implement": (1_412, 149)}
_AT_MOST = {"tests": (1_763, 880), "implement": (2_317, 1_120)}
"""Tokens sent and received: the least and the most of 20 tasks (docs/evaluation.md)."""
_FIX = (3_500, 400)
"""The same of a fix (docs/evaluation.md)."""
FIXES = 3
"""How many fixes the most allows for where no runs tell."""
BUILD_MINUTES = (1.0, 3.0)
DEPLOY_MINUTES = (1.0, 2.0)
"""What GitHub's own runners are taken to need for a small image; nobody has measured it."""
_UPDATED = {"tests": "retest", "implement": "revise"}
"""Stages of a first service -> those of an update that do as much."""


@dataclass(frozen=True)
class _Sample:
    """What a run took, or would take, after its plan; `usd` is None where the price is unknown."""

    tokens: int
    usd: float | None
    minutes: float


def estimate(earlier: Sequence[Progress], now: Progress, fixes: int, price: Price) -> Estimate:
    """Estimate what is left to do once a plan is approved.

    Args:
        earlier: runs of the repository.
        now: the run whose plan it is; how fast its model has been so far tells how fast it will be.
        fixes: how many fixes a strategy gets.
    """
    own = [_taken(run) for run in earlier if run.is_update == now.is_update and _has_built(run)]
    samples = own
    if len(own) < ENOUGH:
        pace = now.usage.seconds / now.usage.completion if now.usage.completion else 0.0
        more = min(fixes, FIXES)
        fixed = {"fix": (_FIX[0] * more, _FIX[1] * more)}
        samples = [
            *own,
            _measured(_stages(_AT_LEAST, now), price, pace, BUILD_MINUTES[0] + DEPLOY_MINUTES[0]),
            _measured(_stages(_AT_MOST, now) | fixed, price, pace, (1 + more) * BUILD_MINUTES[1] + DEPLOY_MINUTES[1]),
        ]
    tokens, minutes = [sample.tokens for sample in samples], [sample.minutes for sample in samples]
    prices = [sample.usd for sample in samples if sample.usd is not None]
    return Estimate(
        minutes=(min(minutes), max(minutes)),
        tokens=(min(tokens), max(tokens)),
        usd=(min(prices), max(prices)) if len(prices) == len(samples) else None,
        runs=len(own),
    )


def _has_built(run: Progress) -> bool:
    """Return whether a run went the whole way from its plan to its end, whatever that was."""
    begun = "revise" if run.is_update else "implement"
    cut_short = any(record.outcome is StrategyOutcome.STOPPED for record in run.strategies)
    ended = run.stage in (Stage.DONE, Stage.FAILED, Stage.WAITING) and not cut_short
    return ended and begun in run.stages and bool(run.builds)


def _taken(run: Progress) -> _Sample:
    spent = sum((usage for stage, usage in run.stages.items() if stage not in _BEFORE), Usage())
    seconds = spent.seconds + run.seconds.builds + run.seconds.deploy
    return _Sample(spent.tokens, spent.cost_usd, seconds / 60)


def _measured(stages: Mapping[str, tuple[int, int]], price: Price, pace: float, minutes: float) -> _Sample:
    """Return a sample of tokens that were measured; `pace` is seconds for each token received."""
    prices = [price(stage, sent, received) for stage, (sent, received) in stages.items()]
    known = [usd for usd in prices if usd is not None]
    return _Sample(
        tokens=sum(sent + received for sent, received in stages.values()),
        usd=sum(known) if len(known) == len(prices) else None,
        minutes=minutes + pace * sum(received for _, received in stages.values()) / 60,
    )


def _stages(measured: Mapping[str, tuple[int, int]], now: Progress) -> dict[str, tuple[int, int]]:
    return {_UPDATED[stage] if now.is_update else stage: tokens for stage, tokens in measured.items()}
