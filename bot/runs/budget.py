"""What a run may still spend: pure, decided before every call of the model and while builds are waited for."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import UserError
from bot.sentence import Sentence, joined, sentence
from bot.values.cost import Budget, Usage

WARN_AT = 0.8
"""The share of a limit at which people are told."""


class Spent(UserError):
    """A limit is reached: the run stops with what it has. The text says which limit.

    Attributes:
        options: of `/retry`, as people type them, for a run with twice the budget.
    """

    def __init__(self, text: Sentence, options: str) -> None:
        super().__init__(text)
        self.options = options


def used(budget: Budget, usage: Usage, seconds: float) -> list[Sentence]:
    """Return in words every limit of which at least 80 % is used, e.g. "0.83 of 1.00 USD".

    Args:
        seconds: how long the run has been at work.
    """
    return [words for share, words in _shares(budget, usage, seconds) if share >= WARN_AT]


def check(budget: Budget, usage: Usage, seconds: float) -> None:
    """Go on only while every limit holds.

    Raises:
        Spent: names every limit that is reached.
    """
    reached = [words for share, words in _shares(budget, usage, seconds) if share >= 1]
    if reached:
        text = sentence("The budget of this run is spent: %(reached)s.", reached=joined(reached, ", "))
        raise Spent(text, larger(budget))


def larger(budget: Budget) -> str:
    """Return the options of `/retry` that double every limit, as people type them."""
    doubled = [(name, 2 * value) for name, value in budget if value is not None]
    return " ".join(f"{name}={value:g}" if value < 1e6 else f"{name}={value:.0f}" for name, value in doubled)


def _shares(budget: Budget, usage: Usage, seconds: float) -> Iterator[tuple[float, Sentence]]:
    if budget.budget_usd is not None and usage.cost_usd is not None:
        spent, limit = f"{usage.cost_usd:.2f}", f"{budget.budget_usd:.2f}"
        yield usage.cost_usd / budget.budget_usd, sentence("%(used)s of %(limit)s USD", used=spent, limit=limit)
    if budget.max_tokens is not None:
        spent, limit = f"{usage.tokens:,}", f"{budget.max_tokens:,}"
        yield usage.tokens / budget.max_tokens, sentence("%(used)s of %(limit)s tokens", used=spent, limit=limit)
    if budget.max_minutes is not None:
        minutes = seconds / 60
        spent, limit = f"{minutes:.1f}", f"{budget.max_minutes:g}"
        yield minutes / budget.max_minutes, sentence("%(used)s of %(limit)s minutes", used=spent, limit=limit)
