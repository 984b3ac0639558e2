"""The bot's credentials on GitHub: a token for each repository, kept in memory only."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self, cast

from github import Github, GithubException
from github.Auth import AppAuth, Auth
from urllib3.util import Retry

from bot.errors import Gone, Hindrance, Unavailable

PERMISSIONS = {
    "actions": "write",
    # Say what came of a build.
    "checks": "write",
    "contents": "write",
    "deployments": "read",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
"""The rights of each of the bot's tokens; `app.yml` asks for the same."""

_BEFORE = {**PERMISSIONS, "checks": "read"}
"""What installations have granted whose owners have not accepted the newest permissions yet."""
_NOT_GRANTED = "permissions requested are not granted"
_NO_REPOSITORY = "does not exist or is not accessible to the parent installation"
_LEVELS = ("none", "read", "write", "admin")

_REDIRECTS = (301, 307, 308)
_BY_ID = re.compile(r"/repositories/([0-9]+)")
_EARLY = 300.0
"""Seconds. A token that is good for less than this counts as expired: a request may take that long."""


class Elsewhere(Exception):
    """GitHub has done nothing and leads elsewhere: the repository has another name, or another owner.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects

    Attributes:
        repository: its id, which it keeps; None where GitHub leads to something else.
    """

    def __init__(self, location: str) -> None:
        super().__init__(location)
        found = _BY_ID.search(location)
        self.repository = int(found[1]) if found else None


class ReadRetry(Retry):
    """Repeats reads that got no answer or a 5xx answer, twice within a second.

    It never repeats a write: after a 502 GitHub may have carried it out. It does not repeat a request whose answer
    names a time to wait either: the durable step waits, so that no thread is held.
    """

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if status_code in _REDIRECTS:
            return True
        return not has_retry_after and super().is_retry(method, status_code, has_retry_after)

    def increment(self, method: str | None = None, url: str | None = None, *args: Any, **kwargs: Any) -> Self:
        # PyGithub follows a read without its query, which asks another question, and takes a write for done.
        response = kwargs.get("response") or (args[0] if args else None)
        if response is not None and response.status in _REDIRECTS:
            raise Elsewhere(str(response.headers.get("location", "")))
        return super().increment(method, url, *args, **kwargs)


def read_retry() -> ReadRetry:
    """Return the rule by which reads are repeated."""
    return ReadRetry(
        total=2,
        backoff_factor=0.2,
        allowed_methods={"GET", "HEAD"},
        status_forcelist={500, 502, 503, 504},
        raise_on_status=False,
    )


class _BorrowerAuth(Auth):
    """The credentials of the borrower that has the client at the moment."""

    token_type = "Bearer"  # noqa: S105 (the scheme, not a password)
    source: Callable[[], str]

    @property
    def token(self) -> str:
        return self.source()


class Clients:
    """PyGithub clients on one API, lent to one thread at a time.

    PyGithub keeps the parts of a request in its connection object between two calls. Two threads that share a client
    could therefore send each other's requests. A new client is made only when all others are lent out.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url.rstrip("/")
        self._idle: deque[tuple[Github, _BorrowerAuth]] = deque()

    @contextmanager
    def lend(self, source: Callable[[], str]) -> Iterator[Github]:
        """Lend a client that asks `source` for its token before each request."""
        try:
            client, auth = self._idle.pop()
        except IndexError:
            auth = _BorrowerAuth()
            client = Github(
                auth=auth,
                base_url=self._api_url,
                timeout=20,
                user_agent="gptdeploy",
                per_page=100,
                retry=read_retry(),
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
    """Installation tokens of a GitHub App: one for each repository, created when it is needed.

    https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
    """

    def __init__(self, clients: Clients, app_id: int, private_key: str, clock: Callable[[], float] = time.time) -> None:
        self._clients = clients
        self._app = AppAuth(app_id, private_key)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._installations: dict[str, int] = {}
        self._repositories: dict[str, tuple[int, str]] = {}

    def login(self) -> str:
        """Return the App's login as GitHub shows it on comments, e.g. "gptdeploy[bot]"."""
        with self._clients.lend(self.jwt) as client:
            _, app = client.requester.requestJsonAndCheck("GET", "/app")
        return f"{app['slug']}[bot]"

    def installation(self, full_name: str) -> int:
        """Return the id of the App's installation on a repository.

        Raises:
            Gone: there is none, or no such repository.
        """
        if full_name not in self._installations:
            known = self._repositories.get(full_name)
            path = f"/repositories/{known[0]}/installation" if known else f"/repos/{full_name}/installation"
            try:
                with self._clients.lend(self.jwt) as client:
                    _, installation = client.requester.requestJsonAndCheck("GET", path)
            except Elsewhere as error:
                if not self.moved(full_name, error.repository):
                    raise
                return self.installation(full_name)
            except GithubException as error:
                if error.status == 404:
                    raise Gone(f"{full_name} is not there for the App any more") from error
                raise
            self._installations[full_name] = int(installation["id"])
        return self._installations[full_name]

    def moved(self, full_name: str, repository: int | None) -> bool:
        """Take note that a repository is called something else by now; return whether that is news.

        Args:
            repository: its id.
        """
        known = self._repositories.get(full_name, (0, ""))[0]
        self.forget(full_name)
        if repository is None or repository == known:
            return False
        self._repositories[full_name] = repository, full_name
        return True

    def name(self, full_name: str) -> str:
        """Return what a repository is called now, as far as this process knows."""
        return self._repositories.get(full_name, (0, full_name))[1]

    def token(self, full_name: str, installation: int) -> str:
        """Return a token for that repository alone, good for at least five more minutes.

        Raises:
            Gone: the repository was deleted, or the App is not installed on it any more.
            Unavailable: a permission is missing that the bot cannot do without.
        """
        with self._lock:
            token, good_until = self._tokens.get(full_name, ("", 0.0))
        if self._clock() < good_until:
            return token
        # Outside the lock, so that no thread waits for the token of another repository. Two threads may create two.
        created = self._created(full_name, installation)
        token = str(created["token"])
        expires = datetime.fromisoformat(created["expires_at"]).timestamp()
        with self._lock:
            self._tokens[full_name] = (token, expires - _EARLY)
        return token

    def _created(self, full_name: str, installation: int) -> dict[str, Any]:
        try:
            return self._create(full_name, installation, PERMISSIONS)
        except GithubException as error:
            if error.status == 404 or _NO_REPOSITORY in str(error.data):
                return self._found_again(full_name, installation, error)
            if _NOT_GRANTED not in str(error.data):
                raise
        # Without the newest permission the bot does all but what that is for.
        try:
            return self._create(full_name, installation, _BEFORE)
        except GithubException as error:
            if _NOT_GRANTED not in str(error.data):
                raise
            missing = tuple(self._missing(installation))
            text = f"The App's installation lacks {', '.join(missing) or 'a permission'}"
            raise Unavailable(text, Hindrance.PERMISSION, permissions=missing, place=full_name) from error

    def _found_again(self, full_name: str, before: int, refusal: GithubException) -> dict[str, Any]:
        """Return a token for a repository that is called otherwise by now, or where the App was installed anew."""
        self._installations.pop(full_name, None)
        known = self._repositories.get(full_name)
        installation = self.installation(full_name)
        if installation == before and self._repositories.get(full_name) == known:
            raise Gone(f"{full_name} is not there for the App any more") from refusal
        try:
            return self._create(full_name, installation, PERMISSIONS)
        except GithubException as error:
            if _NO_REPOSITORY in str(error.data):
                raise Gone(f"{full_name} is not there for the App any more") from error
            raise

    def _missing(self, installation: int) -> Iterator[str]:
        """Yield the permissions that the bot cannot do without and an installation has not granted."""
        with self._clients.lend(self.jwt) as client:
            _, found = client.requester.requestJsonAndCheck("GET", f"/app/installations/{installation}")
        for name, level in _BEFORE.items():
            if _LEVELS.index(found["permissions"].get(name, "none")) < _LEVELS.index(level):
                yield f"{name}: {level}"

    def _create(self, full_name: str, installation: int, permissions: Mapping[str, str]) -> dict[str, Any]:
        known = self._repositories.get(full_name)
        # By its id where that is known: it keeps that under another name.
        which = {"repository_ids": [known[0]]} if known else {"repositories": [full_name.partition("/")[2]]}
        with self._clients.lend(self.jwt) as client:
            _, created = client.requester.requestJsonAndCheck(
                "POST",
                f"/app/installations/{installation}/access_tokens",
                input={**which, "permissions": dict(permissions)},
            )
        for repository in created.get("repositories") or ():
            self._repositories[full_name] = int(repository["id"]), str(repository["full_name"])
        return cast(dict[str, Any], created)

    def token_for_all(self, installation: int) -> str:
        """Return a new token for all repositories of an installation, to read their names with."""
        with self._clients.lend(self.jwt) as client:
            path = f"/app/installations/{installation}/access_tokens"
            _, created = client.requester.requestJsonAndCheck("POST", path, input={"permissions": {"metadata": "read"}})
        return str(created["token"])

    def forget(self, full_name: str) -> None:
        """Drop a token that GitHub refused, so that the next request creates another."""
        with self._lock:
            self._tokens.pop(full_name, None)

    def jwt(self) -> str:
        """Return a token of the App itself, good for a few minutes."""
        return self._app.token
