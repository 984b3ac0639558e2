"""What tokens cost, from a price list that others keep (https://github.com/pydantic/genai-prices)."""

from __future__ import annotations

from genai_prices import Usage as Tokens
from genai_prices import calc_price


def price(base_url: str, model: str, prompt: int, cached: int, completion: int) -> float | None:
    """Return USD, or None for a model whose price at that endpoint nobody lists (a local one).

    Args:
        prompt: tokens sent; `cached` of them were in the provider's cache.
        completion: tokens received.
    """
    tokens = Tokens(input_tokens=prompt, cache_read_tokens=min(cached, prompt), output_tokens=completion)
    try:
        return float(calc_price(tokens, model, provider_api_url=base_url).total_price)
    except LookupError:
        return None
