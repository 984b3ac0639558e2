"""Who failed a moment ago."""

from __future__ import annotations

from bot.clients.llm.breaker import Breaker


def test_a_breaker_forgets_who_is_well_again() -> None:
    breaker = Breaker(lambda: 0.0)
    breaker.trip("a")
    assert breaker.order(["a", "b", "c"]) == ["b", "c", "a"]
    breaker.reset("a")
    assert breaker.order(["a", "b", "c"]) == ["a", "b", "c"]
