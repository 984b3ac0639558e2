"""The web process: it takes GitHub's signed deliveries, and shows pages of what the bot is doing.

`create_app` makes the Flask application; the module `server` serves it with gunicorn.
"""

from bot.web.app import create_app

__all__ = ["create_app"]
