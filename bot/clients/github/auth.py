"""Who the bot is to GitHub: tokens for one repository each, kept in memory only."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from github import Github
from github.Auth import AppAuth, Auth
from urllib3.util import Retry

PERMISSIONS = {
    "actions": "write",
    "checks": "read",
    "contents": "write",
    "deployments": "read",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
"""What every token of the bot may do; `app.yml` asks for the same."""

_EARLY = 300.0
"""Seconds before its end at which a token counts as expired: a request may take that long."""


class Reads(Retry):
    """Repeat reads that failed on the way or with a 5xx answer, twice within a second.

    A write is never repeated here: a 502 does not say that nothing happened. An answer that names a time to wait is
    not repeated either: that wait belongs into a durable step, not into a thread.
    """

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return not has_retry_after and super().is_retry(method, status_code, has_retry_after)


def retrying() -> Reads:
    return Reads(
        total=2,
        backoff_factor=0.2,
        allowed_methods={"GET", "HEAD"},
        status_forcelist={500, 502, 503, 504},
        raise_on_status=False,
    )


class _Borrowed(Auth):
    """The credentials of whoever uses a client at the moment."""

    token_type = "Bearer"  # noqa: S105 (no password, the scheme)
    source: Callable[[], str]

    @property
    def token(self) -> str:
        return self.source()


class Clients:
    """PyGithub clients on one API, lent to one thread at a time.

    PyGithub keeps a request's parts in its connection object between two calls, so that two threads on one client can
    send each other's requests. A client is therefore lent out, and there are as many as were ever needed at once.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url.rstrip("/")
        self._idle: deque[tuple[Github, _Borrowed]] = deque()

    @contextmanager
    def lend(self, source: Callable[[], str]) -> Iterator[Github]:
        """Lend a client that asks `source` for its token before each request."""
        try:
            client, auth = self._idle.pop()
        except IndexError:
            auth = _Borrowed()
            client = Github(
                auth=auth,
                base_url=self._api_url,
                timeout=20,
                user_agent="gptdeploy",
                per_page=100,
                retry=retrying(),
                seconds_between_requests=None,
                seconds_between_writes=None,
                lazy=True,
            )
        auth.source = source
        try:
            yield client
        finally:
            self._idle.append((client, auth))

    def close(self) -> None:
        """Close the connections of all clients that are not lent out."""
        while self._idle:
            self._idle.pop()[0].close()


class AppTokens:
    """Installation tokens of a GitHub App, one a repository, minted when needed.

    https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
    """

    def __init__(self, clients: Clients, app_id: int, private_key: str, clock: Callable[[], float] = time.time) -> None:
        self._clients = clients
        self._app = AppAuth(app_id, private_key)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._installations: dict[str, int] = {}

    def login(self) -> str:
        """Return the App's own login as GitHub shows it on comments: its slug and "[bot]"."""
        with self._clients.lend(self._jwt) as client:
            _, app = client.requester.requestJsonAndCheck("GET", "/app")
        return f"{app['slug']}[bot]"

    def installation(self, full_name: str) -> int:
        """Return the App's installation on a repository."""
        if full_name not in self._installations:
            with self._clients.lend(self._jwt) as client:
                _, found = client.requester.requestJsonAndCheck("GET", f"/repos/{full_name}/installation")
            self._installations[full_name] = int(found["id"])
        return self._installations[full_name]

    def token(self, full_name: str, installation: int) -> str:
        """Return a token for that repository alone that is good for five more minutes at least."""
        with self._lock:
            token, good_until = self._tokens.get(full_name, ("", 0.0))
        if self._clock() < good_until:
            return token
        # Not under the lock: two threads may mint one each, and nobody waits for another repository's token.
        with self._clients.lend(self._jwt) as client:
            _, minted = client.requester.requestJsonAndCheck(
                "POST",
                f"/app/installations/{installation}/access_tokens",
                input={"repositories": [full_name.partition("/")[2]], "permissions": PERMISSIONS},
            )
        token = str(minted["token"])
        expires = datetime.fromisoformat(minted["expires_at"]).timestamp()
        with self._lock:
            self._tokens[full_name] = (token, expires - _EARLY)
        return token

    def forget(self, full_name: str) -> None:
        """Drop a token that GitHub refused, so that the next request mints another."""
        with self._lock:
            self._tokens.pop(full_name, None)

    def _jwt(self) -> str:
        return self._app.token
