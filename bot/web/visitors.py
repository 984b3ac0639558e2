"""Who looks at the page: whoever sits at this machine, or somebody whom GitHub knows."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, redirect, request, session, url_for
from werkzeug.wrappers import Response

from bot.errors import TransientError, UserError
from bot.values.person import Person
from bot.web.page import render

log = logging.getLogger(__name__)

SIGNED_IN = timedelta(hours=8)
"""How long a person stays signed in. What they may read is asked for anew all the time."""
_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")
MayRead = Callable[[str], bool]


class Visitors(Protocol):
    """What GitHub says of people."""

    def address(self, state: str) -> str:
        """Return where a person agrees to be known; GitHub sends them back with a code and `state`."""

    def person(self, code: str) -> Person:
        """Return who agreed.

        Raises:
            UserError: the code is good for nothing.
            TransientError: GitHub does not answer.
        """

    def may_read(self, person: Person, repo: str) -> bool:
        """Return whether a person may read a repository.

        Raises:
            TransientError: GitHub does not answer.
        """


def remember_people(app: Flask, secret: str) -> None:
    """Have people stay signed in by a cookie that the webhook's secret vouches for: no request is looked up."""
    app.secret_key = hmac.digest(secret.encode(), b"who is signed in on the page", hashlib.sha256)
    app.permanent_session_lifetime = SIGNED_IN
    app.config.update(
        # With this prefix a browser takes the cookie over TLS only, and from no other host.
        SESSION_COOKIE_NAME="__Host-gptdeploy",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        # Lax, because GitHub's page sends people back here.
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
    )


def readable(visitors: Visitors | None) -> MayRead | None:
    """Return what says of a repository whether the one who looks may read it; None for somebody unknown.

    At this machine itself everything may be read: who sits there can read the database as well.
    """
    if at_this_machine():
        return lambda _repo: True
    person = signed_in()
    if visitors is None or person is None:
        return None
    return lambda repo: visitors.may_read(person, repo)


def signed_in() -> Person | None:
    """Return who has signed in."""
    return Person.model_validate(session["person"]) if "person" in session else None


def sign_in(visitors: Visitors) -> Blueprint:
    """Return the way in and out."""
    blueprint = Blueprint("visitors", __name__)

    @blueprint.get("/login")
    def begin() -> Response:
        session.clear()
        session["state"] = state = secrets.token_urlsafe(32)
        return redirect(visitors.address(state))

    @blueprint.get("/login/callback")
    def end() -> Response | tuple[str, int]:
        expected, given = session.pop("state", ""), request.args.get("state", "")
        if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
            abort(403)
        try:
            person = visitors.person(request.args.get("code", ""))
        except (UserError, TransientError) as error:
            log.warning("nobody was signed in: %s", error)
            return render("web/door.html", sign_in=True, fault=str(error)), 502
        session.permanent = True
        session["person"] = person.model_dump()
        return redirect(url_for("pages.index"))

    @blueprint.post("/logout")
    def leave() -> Response:
        session.clear()
        return redirect(url_for("pages.index"), 303)

    return blueprint


def at_this_machine() -> bool:
    """Return whether the one who asks sits at this machine, and is no proxy that runs on it.

    A proxy says for whom it asks, or for which host. The host's name also keeps pages out that had a name of theirs
    point to this machine.
    """
    names = request.remote_addr, urlsplit(f"//{request.host}").hostname
    return not any(name in request.headers for name in _FORWARDED) and all(_is_loopback(name) for name in names)


def _is_loopback(name: str | None) -> bool:
    try:
        return ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return name == "localhost"
