"""Fetch what an issue names by its URL, from the public internet only."""

from bot.clients.fetch.content import Fetched, fetch

__all__ = ["Fetched", "fetch"]
