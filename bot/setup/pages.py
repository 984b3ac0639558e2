"""`/setup`: register the App, give the bot a model, and see what is still missing."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from bot.config import environment, store, store_key
from bot.errors import TransientError, UserError
from bot.init import repository_files
from bot.setup.actions import actions
from bot.setup.door import Door
from bot.setup.hearing import Channels
from bot.setup.looks import Look, Looks
from bot.setup.register import PATH, action, github, manifest
from bot.web.page import render

log = logging.getLogger(__name__)

Environ = Callable[[], Mapping[str, str]]
_REFRESH_SECONDS = 2
_KEY_FILE = "app.pem"
_MODEL = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL")


@dataclass(frozen=True)
class SetUp:
    """How the pages are reached.

    Attributes:
        token: what the terminal shows to people who are not at the bot's machine; "" for none.
        environ: returns the settings as they are now.
        relay: where a channel is made, where GitHub cannot reach the bot.
    """

    token: str = ""
    environ: Environ = environment
    relay: str = ""


def setup_pages(set_up: SetUp) -> Blueprint:
    """Return the pages of the set-up."""
    blueprint, door, looks = Blueprint("setup", __name__, url_prefix=PATH), Door(set_up.token), Looks(set_up.environ)

    @blueprint.before_request
    def _close() -> None:
        if not door.is_open():
            abort(403, "Open the address that the bot's terminal shows, or this page on its own machine.")

    blueprint.after_request(door.remember)
    channels = Channels(set_up.relay)
    _take_forms(blueprint, door, looks)

    @blueprint.get("")
    def index() -> str:
        environ = set_up.environ()
        if not environ.get("GITHUB_APP_ID"):
            return _unregistered(environ, door, channels)
        return _registered(environ, looks.at(request.args.get("repo", "")), door.state())

    @blueprint.get("/registered")
    def registered() -> Response | tuple[str, int]:
        heard_by = door.take(request.args.get("state", ""))
        if heard_by is None:
            abort(403, "This address is good once, within an hour, from the page that has led to GitHub.")
        environ = set_up.environ()
        if environ.get("GITHUB_APP_ID"):
            abort(409, "An App is registered already.")
        try:
            _keep(environ, request.args.get("code", ""), heard_by)
        except (UserError, TransientError) as error:
            log.warning("no App was registered: %s", error)
            return _unregistered(environ, door, channels, str(error)), 502
        return redirect(PATH, 303)

    @blueprint.get("/files/<path:name>")
    def file(name: str) -> tuple[str, dict[str, str]]:
        text = repository_files().get(name)
        return (text, {"Content-Type": "text/plain; charset=utf-8"}) if text is not None else abort(404)

    return blueprint


def _take_forms(blueprint: Blueprint, door: Door, looks: Looks) -> None:
    @blueprint.post("/model")
    def model() -> Response:
        _must_come_from(door)
        store({name: value for name in _MODEL if (value := request.form.get(name, "").strip())})
        looks.at(request.form.get("repo", ""), again=True)
        return redirect(PATH, 303)

    @blueprint.post("/look")
    def look() -> Response:
        _must_come_from(door)
        looks.at(repo := request.form.get("repo", ""), again=True)
        return redirect(f"{PATH}?repo={repo}", 303)


def _must_come_from(door: Door) -> None:
    """Refuse a form that none of these pages has handed out."""
    if door.take(request.form.get("state", "")) is None:
        abort(403, "This form is good once: go back, and load the page again.")


def _unregistered(environ: Mapping[str, str], door: Door, channels: Channels, fault: str = "") -> str:
    browser = _browser()
    public = _address(request.args.get("address", "")) or browser
    organization = request.args.get("organization", "").strip()
    site, _ = github(environ)
    hearing = channels.hearing(environ, site, public, polls="poll" in request.args)
    return render(
        "web/register.html",
        leads_to=site,
        site=site,
        action=action(site, organization, door.state(hearing.settings)),
        manifest=json.dumps(manifest(public, browser, hearing)),
        public=public,
        organization=organization,
        hearing=hearing,
        actions=actions({}),
        fault=fault,
    )


def _registered(environ: Mapping[str, str], look: Look, state: str) -> str:
    found = list(look.found)
    return render(
        "web/setup.html",
        look=look,
        found=found,
        state=state,
        refresh=_REFRESH_SECONDS if look.running else 0,
        actions=actions(dict(found)),
        files=sorted(repository_files()),
        has_model=bool(environ.get("OPENAI_API_KEY") or environ.get("OPENAI_BASE_URL")),
    )


def _browser() -> str:
    """Return the address at which the browser has the bot; a proxy in front says where it speaks TLS for it."""
    scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
    return f"{scheme}://{request.host}"


def _address(typed: str) -> str:
    """Return the bot's public address as a person has typed it, or "" if it is none."""
    parts = urlsplit(typed.strip())
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def _keep(environ: Mapping[str, str], code: str, heard_by: Mapping[str, str]) -> None:
    """Store the App that a code stands for, with how the bot hears of what happens.

    Raises:
        UserError: the code is good for nothing.
        TransientError: GitHub does not answer.
    """
    from bot.clients.github import convert

    _, api = github(environ)
    app = convert(api, code)
    key = store_key(_KEY_FILE, app.private_key.get_secret_value())
    store(
        {
            "GITHUB_APP_ID": str(app.id),
            "GITHUB_PRIVATE_KEY": os.fspath(key),
            "GITHUB_WEBHOOK_SECRET": app.webhook_secret.get_secret_value(),
            "GITHUB_CLIENT_ID": app.client_id,
            "GITHUB_CLIENT_SECRET": app.client_secret.get_secret_value(),
            "GITHUB_API_URL": api,
            **heard_by,
        }
    )
    log.info("registered the App %s", app.slug)
