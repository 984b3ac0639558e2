"""What a run may spend: 80 % is told, 100 % stops it, and an unknown price costs nothing."""

from __future__ import annotations

import pytest

from bot.runs.budget import Spent, check, larger, used
from bot.values.cost import Budget, Usage

DOLLAR = Budget(budget_usd=1.0)


@pytest.mark.parametrize(
    ("budget", "usage", "seconds", "words"),
    [
        (DOLLAR, Usage(cost_usd=0.79), 0, []),
        (DOLLAR, Usage(cost_usd=0.8), 0, ["0.80 of 1.00 USD"]),
        (Budget(max_tokens=1000), Usage(prompt=700, completion=150), 0, ["850 of 1,000 tokens"]),
        (Budget(max_minutes=10), Usage(), 9 * 60, ["9.0 of 10 minutes"]),
        (DOLLAR, Usage(prompt=10**9), 0, []),
        (Budget(), Usage(cost_usd=100, prompt=10**9), 10**9, []),
    ],
)
def test_people_are_told_at_80_percent(budget: Budget, usage: Usage, seconds: float, words: list[str]) -> None:
    assert [str(part) for part in used(budget, usage, seconds)] == words
    check(budget, usage, seconds)


def test_a_reached_limit_stops_the_run_and_is_named() -> None:
    both = Budget(budget_usd=0.5, max_tokens=100, max_minutes=5)
    with pytest.raises(Spent, match=r"0\.50 of 0\.50 USD, 100 of 100 tokens\.$"):
        check(both, Usage(cost_usd=0.5, prompt=60, completion=40), 10)


def test_a_request_has_the_last_word_on_its_limits() -> None:
    assert Budget(max_tokens=7).over(Budget(max_tokens=9, budget_usd=1)) == Budget(max_tokens=7, budget_usd=1)


def test_retry_with_twice_the_budget_can_be_typed() -> None:
    assert larger(Budget(budget_usd=0.75, max_tokens=2_000_000)) == "budget_usd=1.5 max_tokens=4000000"
