"""The bot's credentials on GitHub: a token for each repository, kept in memory only."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from github import Github, GithubException
from github.Auth import AppAuth, Auth
from jwt.algorithms import RSAAlgorithm

from bot.clients.github.limits import Heard, LocalRefusals, Quota, RateLimits, Refusals
from bot.clients.github.retries import Elsewhere
from bot.clients.github.sdk import sdk_client
from bot.errors import Gone, Hindrance, Unavailable
from bot.values.names import Known, Names

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

_NOT_GRANTED = "permissions requested are not granted"
NO_REPOSITORY = "does not exist or is not accessible to the parent installation"
_LEVELS = ("none", "read", "write", "admin")

_UNGRANTED_SECONDS = 300.0
"""How long a token is used that lacks a permission: somebody may have granted it since."""
EARLY = 300.0
"""Seconds. A token that is good for less than this counts as expired: a request may take that long."""


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

    def __init__(self, api_url: str, limits: RateLimits | None = None, refusals: Refusals | None = None) -> None:
        self._api_url = api_url
        self.quota = Quota(limits)
        self.refusals = refusals or LocalRefusals()
        self._idle: deque[tuple[Github, _BorrowerAuth, Heard]] = deque()

    @contextmanager
    def lend(self, source: Callable[[], str], account: str = "") -> Iterator[Github]:
        """Lend a client that asks `source` for its token before each request, one of an owner's installation or ""."""
        try:
            client, auth, heard = self._idle.pop()
        except IndexError:
            auth = _BorrowerAuth()
            client = sdk_client(self._api_url, auth)
            heard = Heard(client.requester)
        auth.source = source
        try:
            yield client
        finally:
            said = list(heard.take(account))
            self._idle.append((client, auth, heard))
            if account:
                for limit in said:
                    self.quota.hear(limit)

    def close(self) -> None:
        """Close the connections of all clients that are not lent out."""
        while self._idle:
            self._idle.pop()[0].close()


@dataclass(frozen=True)
class _Token:
    """A token, until when it counts as good, and what was known of its repository when it was created.

    Attributes:
        lacking: the permissions that were asked for and are not granted, e.g. ("checks: write",).
    """

    text: str
    good_until: float
    repository: Known | None
    lacking: tuple[str, ...]


class AppTokens:
    """Installation tokens of a GitHub App: one for each repository, created when it is needed.

    https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app

    Args:
        names: which repositories the keys stand for.
    """

    def __init__(
        self,
        clients: Clients,
        app_id: int,
        private_key: str,
        names: Names,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clients = clients
        self._names = names
        self._app = AppAuth(app_id, sign_func=_signer(private_key))
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}
        self._installations: dict[str, int] = {}

    def login(self) -> str:
        """Return the App's login as GitHub shows it on comments, e.g. "gptdeploy[bot]"."""
        with self._clients.lend(self.jwt) as client:
            _, app = client.requester.requestJsonAndCheck("GET", "/app")
        return f"{app['slug']}[bot]"

    def installation(self, key: str) -> int:
        """Return the id of the App's installation on a repository.

        Raises:
            Gone: there is none, or no such repository.
        """
        if key not in self._installations:
            known = self._names.known(key)
            path = f"/repositories/{known.id}/installation" if known else f"/repos/{key}/installation"
            try:
                with self._clients.lend(self.jwt) as client:
                    _, installation = client.requester.requestJsonAndCheck("GET", path)
            except Elsewhere as error:
                if known or error.repository is None:
                    raise Gone(f"{key} is not there for the App any more") from error
                self._names.learn(key, Known(error.repository, key))
                return self.installation(key)
            except GithubException as error:
                if error.status == 404:
                    raise Gone(f"{key} is not there for the App any more") from error
                raise
            self._installations[key] = int(installation["id"])
        return self._installations[key]

    def token(self, key: str, installation: int) -> str:
        """Return a token for that repository alone, good for at least five more minutes.

        With a new token GitHub says what the repository is called now.

        Raises:
            Gone: the repository was deleted, or the App is not installed on it any more.
        """
        with self._lock:
            token = self._tokens.get(key)
        # Where somebody tells of another name, GitHub is asked.
        if token and self._clock() < token.good_until and token.repository == self._names.known(key):
            return token.text
        # Outside the lock, so that no thread waits for the token of another repository. Two threads may create two.
        created, lacking = self._created(key, installation)
        good_until = datetime.fromisoformat(created["expires_at"]).timestamp() - EARLY
        if lacking:
            good_until = min(good_until, self._clock() + _UNGRANTED_SECONDS)
        token = _Token(str(created["token"]), good_until, self._names.known(key), lacking)
        with self._lock:
            self._tokens[key] = token
        return token.text

    def lacking(self, key: str) -> tuple[str, ...]:
        """Return the permissions that the newest token for a repository lacks, e.g. ("checks: write",)."""
        with self._lock:
            token = self._tokens.get(key)
        return token.lacking if token else ()

    def _created(self, key: str, installation: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return a new token with all that is granted of what the bot uses, and what is not granted.

        Where the repository has another owner by now, or the App was installed anew, it is found again.
        """
        try:
            return self._create_granted(key, installation)
        except GithubException as error:
            if error.status != 404 and NO_REPOSITORY not in str(error.data):
                raise
            refusal = error
        self._installations.pop(key, None)
        known = self._names.known(key)
        anew = self.installation(key)
        if anew == installation and self._names.known(key) == known:
            raise Gone(f"{key} is not there for the App any more") from refusal
        try:
            return self._create_granted(key, anew)
        except GithubException as error:
            if NO_REPOSITORY in str(error.data):
                raise Gone(f"{key} is not there for the App any more") from error
            raise

    def _create_granted(self, key: str, installation: int) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Create a token. A request for more than is granted is refused as a whole: then less is asked for."""
        try:
            return self._create(key, installation, PERMISSIONS), ()
        except GithubException as error:
            if _NOT_GRANTED not in str(error.data):
                raise
        granted = self._granted(installation)
        lacking = tuple(f"{name}: {level}" for name, level in PERMISSIONS.items() if granted.get(name) != level)
        try:
            return self._create(key, installation, granted), lacking
        except GithubException as error:
            if _NOT_GRANTED not in str(error.data):
                raise
            text = f"The App's installation lacks {', '.join(lacking) or 'a permission'}"
            raise Unavailable(text, Hindrance.PERMISSION, permissions=lacking, place=key) from error

    def _granted(self, installation: int) -> dict[str, str]:
        """Return what an installation has granted of what the bot uses, and no more than that."""
        with self._clients.lend(self.jwt) as client:
            _, found = client.requester.requestJsonAndCheck("GET", f"/app/installations/{installation}")
        has = {name: found["permissions"].get(name, "none") for name in PERMISSIONS}
        granted = {name: min(level, has[name], key=_LEVELS.index) for name, level in PERMISSIONS.items()}
        return {name: level for name, level in granted.items() if level != "none"}

    def _create(self, key: str, installation: int, permissions: Mapping[str, str]) -> dict[str, Any]:
        known = self._names.known(key)
        which = {"repository_ids": [known.id]} if known else {"repositories": [key.partition("/")[2]]}
        with self._clients.lend(self.jwt) as client:
            _, created = client.requester.requestJsonAndCheck(
                "POST",
                f"/app/installations/{installation}/access_tokens",
                input={**which, "permissions": dict(permissions)},
            )
        for repository in created.get("repositories") or ():
            self._names.learn(key, Known(int(repository["id"]), str(repository["full_name"])))
        return cast(dict[str, Any], created)

    def token_for_all(self, installation: int) -> str:
        """Return a new token for all repositories of an installation, to read their names with."""
        with self._clients.lend(self.jwt) as client:
            path = f"/app/installations/{installation}/access_tokens"
            _, created = client.requester.requestJsonAndCheck("POST", path, input={"permissions": {"metadata": "read"}})
        return str(created["token"])

    def forget(self, key: str) -> None:
        """Drop a token that GitHub refused, so that the next request creates another."""
        with self._lock:
            self._tokens.pop(key, None)

    def jwt(self) -> str:
        """Return a token of the App itself, good for a few minutes."""
        return self._app.token


def _signer(private_key: str) -> Callable[[dict[str, Any]], str]:
    return lambda payload: jwt.encode(payload, _read(private_key), algorithm="RS256")


# To read a key takes 40 ms, because its primes are checked.
@lru_cache(maxsize=1)
def _read(private_key: str) -> RSAPrivateKey:
    return cast(RSAPrivateKey, RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(private_key))
