"""Who may set the bot up: whoever sits at its machine, or has read the token that its terminal shows."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType

from flask import Response, request

from bot.web.visitors import at_this_machine

_COOKIE = "gptdeploy-setup"
_LIFETIME = 3600.0
"""Seconds. GitHub's code is good for as long."""


class Door:
    """Lets people in, and remembers which forms were handed out. Thread-safe.

    Args:
        token: what the terminal shows; "" lets in nobody from elsewhere.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        self._lock = threading.Lock()
        self._states: dict[str, tuple[float, Mapping[str, str]]] = {}

    def is_open(self) -> bool:
        """Return whether the one who asks may set the bot up."""
        given = request.args.get("token") or request.cookies.get(_COOKIE) or ""
        knows = bool(self._token) and hmac.compare_digest(given.encode(), self._token.encode())
        return knows or at_this_machine()

    def remember(self, response: Response) -> Response:
        """Have a browser that came with the token bring it again, also from GitHub."""
        if request.args.get("token") == self._token != "":
            secure = request.is_secure
            response.set_cookie(_COOKIE, self._token, httponly=True, samesite="Lax", secure=secure, path="/setup")
        return response

    def state(self, values: Mapping[str, str] = MappingProxyType({})) -> str:
        """Return a new word that goes out with a form, and has to come back with what it leads to.

        Args:
            values: settings that count when it comes back.
        """
        state = secrets.token_urlsafe(24)
        with self._lock:
            now = time.monotonic()
            self._states = {word: kept for word, kept in self._states.items() if kept[0] > now}
            self._states[state] = now + _LIFETIME, values
        return state

    def take(self, state: str) -> Mapping[str, str] | None:
        """Return what was to be kept with a word that was handed out within the last hour; None for another one, and
        for one that has come back before."""
        with self._lock:
            until, values = self._states.pop(state, (0.0, {}))
            return values if until > time.monotonic() else None
