"""Tokens that only read one repository: that of an owner's defaults, on which the App need not be installed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from github import GithubException

from bot.clients.github.auth import EARLY, NO_REPOSITORY, Clients

_RIGHTS = {"contents": "read", "metadata": "read"}
_LOOK_AGAIN = 60.0
"""Seconds after which a repository that the installation did not have is looked for again."""


class Readers:
    """The tokens by the repositories' names, each created when it is needed. Thread-safe.

    Args:
        jwt: returns a token of the App itself.
    """

    def __init__(self, clients: Clients, jwt: Callable[[], str], clock: Callable[[], float] = time.time) -> None:
        self._clients = clients
        self._jwt = jwt
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def token(self, name: str, installation: int) -> str:
        """Return a token for that repository alone; "" where the installation does not have it."""
        with self._lock:
            token, good_until = self._known.get(name, ("", 0.0))
        if self._clock() < good_until:
            return token
        try:
            token, good_until = self._created(name, installation)
        except GithubException as error:
            if NO_REPOSITORY not in str(error.data):
                raise
            token, good_until = "", self._clock() + _LOOK_AGAIN
        with self._lock:
            self._known[name] = token, good_until
        return token

    def forget(self, name: str) -> None:
        """Drop a token that GitHub refused."""
        with self._lock:
            self._known.pop(name, None)

    def _created(self, name: str, installation: int) -> tuple[str, float]:
        wanted = {"repositories": [name.partition("/")[2]], "permissions": _RIGHTS}
        with self._clients.lend(self._jwt) as client:
            path = f"/app/installations/{installation}/access_tokens"
            _, created = client.requester.requestJsonAndCheck("POST", path, input=wanted)
        return str(created["token"]), datetime.fromisoformat(created["expires_at"]).timestamp() - EARLY
