"""The Flask application: the webhook and the pages."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask

from bot.config import Settings
from bot.render import templates_dir
from bot.runs import Runs
from bot.web.health import health
from bot.web.live import Pulse, live
from bot.web.metrics import Deliveries, metrics, registry_of
from bot.web.page import secure, web_address
from bot.web.pages import pages
from bot.web.visitors import Visitors, remember_people, sign_in
from bot.web.webhook import Webhook


def bare_app() -> Flask:
    """Return an application that has templates, and no pages yet."""
    app = Flask("bot.web", template_folder=str(templates_dir()), static_folder=None)
    # Comments say some of the same in other languages; the pages are in English.
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters["web_address"] = web_address
    app.after_request(secure)
    return app


def create_app(
    settings: Settings, runs: Runs, visitors: Visitors | None = None, more: Sequence[Blueprint] = ()
) -> Flask:
    """Return the application that stores in `runs` and reads from them; it keeps nothing in memory between requests.

    Args:
        visitors: whom to ask who somebody is, and what they may read; None where nobody can sign in.
        more: further pages.
    """
    app = bare_app()
    pulse = Pulse(runs)
    app.register_blueprint(pages(settings, runs, visitors, pulse))
    app.register_blueprint(live(pulse, visitors))
    app.register_blueprint(health(runs))
    registry = registry_of(runs)
    app.register_blueprint(metrics(registry, settings.metrics_token))
    remember_people(app, settings.github_webhook_secret.get_secret_value())
    if visitors is not None:
        app.register_blueprint(sign_in(visitors))
    for pages_of in more:
        app.register_blueprint(pages_of)
    app.wsgi_app = Webhook(app.wsgi_app, settings, runs, Deliveries(registry))  # type: ignore[method-assign]
    return app
