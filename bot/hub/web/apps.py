"""The pages on which a person registers an App from a manifest, and installs it.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, make_response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from bot.hub.parts import Parts, current_parts
from bot.hub.state import App, User
from bot.hub.web.page import render, viewer

BLUEPRINT = Blueprint("apps", __name__)
REGISTER = "/settings/apps/new"
"""Pages elsewhere post a manifest to an address that ends like this, as a person's browser may."""


@BLUEPRINT.post(REGISTER)
def ask_for_person() -> Response | str:
    parts = current_parts()
    return _ask(parts, viewer(parts).user)


@BLUEPRINT.post(f"/organizations/<login>{REGISTER}")
def ask_for_organization(login: str) -> Response | str:
    parts = current_parts()
    return _ask(parts, parts.state.user(login, "Organization"))


def _ask(parts: Parts, owner: User) -> Response | str:
    with parts.state.lock:
        word, asked, wrong = parts.manifests.ask(request.form.get("manifest", ""), owner, request.args.get("state", ""))
    if asked is None:
        return make_response(render("refused.html", viewer(parts), reason="\n".join(wrong), back="/"), 422)
    page = render("new_app.html", viewer(parts), asked=asked, word=word)
    return _leading_to(make_response(page), asked.manifest["redirect_url"])


@BLUEPRINT.post("/settings/apps/manifest")
def confirm() -> Response:
    parts = current_parts()
    with parts.state.lock:
        confirmed = parts.manifests.confirm(request.form.get("word", ""), request.form.get("name", ""))
    if confirmed is None:
        raise NotFound
    asked, code = confirmed
    answer = {"code": code} | ({"state": asked.state} if asked.state else {})
    return redirect(f"{asked.manifest['redirect_url']}?{urlencode(answer)}")


@BLUEPRINT.get("/apps/<slug>/installations/new")
def choose(slug: str) -> Response:
    parts = current_parts()
    app = _app(parts, slug)
    page = render("install_app.html", viewer(parts), app=app, repositories=list(parts.state.repositories.values()))
    return _leading_to(make_response(page), app.setup_url)


@BLUEPRINT.post("/apps/<slug>/installations")
def install(slug: str) -> Response:
    parts = current_parts()
    app = _app(parts, slug)
    with parts.state.lock:
        parts.owning.install()
    answer = urlencode({"installation_id": app.installation_id, "setup_action": "install"})
    return redirect(f"{app.setup_url}?{answer}" if app.setup_url else f"/settings/installations/{app.installation_id}")


def _app(parts: Parts, slug: str) -> App:
    app = parts.state.app
    if app is None or app.slug != slug:
        raise NotFound
    return app


def _leading_to(page: Response, address: str) -> Response:
    """Let the form of a page end at an address elsewhere."""
    parts = urlsplit(address)
    if parts.netloc:
        page.headers["X-Leads-To"] = f"{parts.scheme}://{parts.netloc}"
    return page
