"""The page on which a person lets the App know who they are.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.exceptions import NotFound

from bot.hub.parts import Parts, current_parts
from bot.hub.state import App
from bot.hub.web.page import render, viewer

BLUEPRINT = Blueprint("sign_in", __name__, url_prefix="/login/oauth")


@BLUEPRINT.get("/authorize")
def ask() -> str:
    parts = current_parts()
    return render("authorize.html", viewer(parts), app=_app(parts))


@BLUEPRINT.post("/authorize")
def agree() -> str:
    parts = current_parts()
    app = _app(parts)
    with parts.state.lock:
        code = parts.access.code(viewer(parts).user)
    answer = {"code": code} | ({"state": state} if (state := request.args.get("state")) else {})
    # A page and no redirect: what a form leads to has to stay on the hub.
    return render("authorized.html", viewer(parts), app=app, target=f"{app.callback_url}?{urlencode(answer)}")


def _app(parts: Parts) -> App:
    """Return the App that asks; who names another client, or another place to go back to, gets a 404."""
    app = parts.state.app
    if app is None or request.args.get("client_id") != app.client_id:
        raise NotFound
    if request.args.get("redirect_uri", app.callback_url) != app.callback_url:
        raise NotFound
    return app
