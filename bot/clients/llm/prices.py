"""Prices and contexts of models, from a list that others keep (https://github.com/pydantic/genai-prices)."""

from __future__ import annotations

from genai_prices import Usage as Tokens
from genai_prices import calc_price
from genai_prices.types import PriceCalculation


def price(base_url: str, model: str, prompt: int, cached: int, completion: int) -> float | None:
    """Return USD, or None for a model whose price at that endpoint nobody lists (a local one).

    Args:
        prompt: tokens sent; `cached` of them were in the provider's cache.
        completion: tokens received.
    """
    tokens = Tokens(input_tokens=prompt, cache_read_tokens=min(cached, prompt), output_tokens=completion)
    listed = _listed(base_url, model, tokens)
    return float(listed.total_price) if listed else None


def context_window(base_url: str, model: str) -> int | None:
    """Return the tokens a request to a model may have, or None where nobody lists them."""
    listed = _listed(base_url, model, Tokens())
    return listed.model.context_window if listed else None


def _listed(base_url: str, model: str, tokens: Tokens) -> PriceCalculation | None:
    try:
        return calc_price(tokens, model, provider_api_url=base_url)
    except LookupError:
        return None
