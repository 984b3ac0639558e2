"""What a call costs."""

from __future__ import annotations

from bot.clients.llm.prices import price


def test_prices_are_known_where_the_provider_is_and_not_guessed_elsewhere() -> None:
    full = price("https://api.openai.com/v1", "gpt-5-mini", 1_000_000, 0, 0)
    cached = price("https://api.openai.com/v1", "gpt-5-mini", 1_000_000, 1_000_000, 0)
    assert full is not None and cached is not None
    assert 0 < cached < full
    assert price("http://127.0.0.1:8091/v1", "gpt-5-mini", 1_000_000, 0, 0) is None
    assert price("https://api.openai.com/v1", "no-such-model", 1_000_000, 0, 0) is None
