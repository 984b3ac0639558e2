"""What a run is about to do, before anything of it is written."""

from __future__ import annotations

from bot.values.service import Spec, Strategy
from bot.values.value import Value


class PlanChange(Value):
    """A plan after people have asked for something.

    Attributes:
        answer: to them, one or two sentences: what has changed, or why nothing has.
        done: whether what they ask for is to be done; it may be in the code alone, which is not written yet.
        strategies: none where there were none: how a live service is made is settled.
    """

    spec: Spec
    strategies: tuple[Strategy, ...]
    answer: str
    done: bool = True


class Estimate(Value):
    """What is left to do takes and costs, from the least to the most.

    Attributes:
        minutes: without those that are waited for people.
        tokens: sent and received.
        usd: None where the model's price is unknown.
        runs: how many runs of the repository it follows from; where they are few, it also follows from measurements
            elsewhere (docs/evaluation.md).
    """

    minutes: tuple[float, float]
    tokens: tuple[int, int]
    usd: tuple[float, float] | None = None
    runs: int = 0
