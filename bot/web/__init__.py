"""The door: signed deliveries come in, and pages say what the bot is doing."""

from bot.web.app import create_app

__all__ = ["create_app"]
