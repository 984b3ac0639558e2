"""The Flask application: the webhook and the pages."""

from __future__ import annotations

from flask import Flask

from bot.config import Settings
from bot.render import templates_dir
from bot.runs import Runs
from bot.web.health import health
from bot.web.pages import pages
from bot.web.visitors import Visitors, remember_people, sign_in
from bot.web.webhook import webhook


def create_app(settings: Settings, runs: Runs, visitors: Visitors | None = None) -> Flask:
    """Return the application that stores in `runs` and reads from them; it keeps nothing in memory between requests.

    Args:
        visitors: whom to ask who somebody is, and what they may read; None where nobody can sign in.
    """
    app = Flask("bot.web", template_folder=str(templates_dir()), static_folder=None)
    # Comments say some of the same in other languages; the pages are in English.
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.register_blueprint(webhook(settings, runs))
    app.register_blueprint(pages(settings, runs, visitors))
    app.register_blueprint(health(runs))
    remember_people(app, settings.github_webhook_secret.get_secret_value())
    if visitors is not None:
        app.register_blueprint(sign_in(visitors))
    return app
