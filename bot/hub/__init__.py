"""A stand-in for GitHub: API, web pages and webhooks over real git repositories, with workflows that really run.

It is held to GitHub's word and not to the bot's: it shares next to nothing with the bot.
"""

from bot.hub.act import ActRunner
from bot.hub.server import AppCredentials, Hub

__all__ = ["ActRunner", "AppCredentials", "Hub"]
