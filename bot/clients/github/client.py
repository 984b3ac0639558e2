"""The ways in: a GitHub, and a repository on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from bot.clients.github.actions import Actions
from bot.clients.github.auth import AppTokens, Clients
from bot.clients.github.calls import OwnComments
from bot.clients.github.checks import Checks
from bot.clients.github.deployments import Deployments
from bot.clients.github.errors import translated
from bot.clients.github.hook import Hook
from bot.clients.github.merging import Merging
from bot.clients.github.news import News
from bot.clients.github.pacing import OF_A_REPOSITORY, OF_ANSWERS, Pace, Share
from bot.clients.github.reviews import Reviews
from bot.clients.github.standing import Standings


class Repository(News, Standings, Merging, Reviews, Actions, Deployments, Checks):
    """Everything the bot does to one repository. Thread-safe."""


class GitHub:
    """One GitHub (github.com, an Enterprise server or the demo's hub) and the App's credentials on it. Thread-safe.

    Args:
        api_url: root of the REST API, e.g. "https://api.github.com" or "https://github.example.com/api/v3".
        private_key: the App's key in PEM format.
        pace: called once for each installation; paces its writes.
    """

    def __init__(self, api_url: str, app_id: int, private_key: str, pace: Callable[[], Pace] = Pace) -> None:
        self._prepare(api_url, pace)
        self._tokens: AppTokens | None = AppTokens(self._clients, app_id, private_key)

    @classmethod
    def with_token(cls, api_url: str, token: str) -> GitHub:
        """Return a GitHub that uses a given token, such as that of a workflow run."""
        self = cls.__new__(cls)
        self._prepare(api_url)
        self._tokens = None
        self._token = token
        return self

    def _prepare(self, api_url: str, pace: Callable[[], Pace] = Pace) -> None:
        self._api_url = api_url.rstrip("/")
        self._clients = Clients(self._api_url)
        self._own_comments = OwnComments()
        self._lock = threading.Lock()
        self._pace = pace
        self._paces: dict[int, Pace] = {}
        self._shares: dict[tuple[int, str], Share] = {}
        self._token = ""
        self._login = ""

    def login(self) -> str:
        """Return the login under which GitHub shows what the bot writes, e.g. "gptdeploy[bot]"."""
        if not self._login:
            self._login = self._ask_login()
        return self._login

    def hook(self) -> Hook:
        """Return what GitHub was to tell the App; a GitHub with a given token has none."""
        if self._tokens is None:
            raise ValueError("only an App is told of anything")
        return Hook(self._clients, self._tokens.jwt, self._tokens.token_for_all)

    def repository(self, full_name: str, installation: int | None = None, *, answers: bool = False) -> Repository:
        """Return a repository; no request is made.

        Args:
            installation: the App's installation there; looked up when first needed if not given.
            answers: what is written answers people, and leaves room for the runs of all repositories.
        """
        credentials = _Credentials(self, full_name, installation)
        with self._lock:
            whole = self._paces.setdefault(installation or 0, self._pace())
            share = Share(whole, OF_ANSWERS if answers else OF_A_REPOSITORY)
            pace = self._shares.setdefault((installation or 0, "" if answers else full_name), share)
        return Repository(full_name, self._clients, credentials, pace, self._own_comments, self._api_url)

    def close(self) -> None:
        """Close idle connections; the next request opens one again."""
        self._clients.close()

    def _ask_login(self) -> str:
        with translated("find out who I am"):
            if self._tokens is not None:
                return self._tokens.login()
            # The token of a workflow run cannot read its user through REST, only through GraphQL.
            with self._clients.lend(lambda: self._token) as client:
                _, answer = client.requester.graphql_query("query Me { viewer { login } }", {})
                return str(answer["data"]["viewer"]["login"])

    def _token_for(self, full_name: str, installation: int | None) -> str:
        if self._tokens is None:
            return self._token
        return self._tokens.token(full_name, installation or self._tokens.installation(full_name))

    def _name(self, full_name: str) -> str:
        return full_name if self._tokens is None else self._tokens.name(full_name)

    def _moved(self, full_name: str, repository: int | None) -> None:
        if self._tokens is not None:
            self._tokens.moved(full_name, repository)

    def _renew(self, full_name: str) -> bool:
        if self._tokens is None:
            return False
        self._tokens.forget(full_name)
        return True


@dataclass(frozen=True)
class _Credentials:
    """The bot's credentials on one repository."""

    github: GitHub
    full_name: str
    installation: int | None

    def token(self) -> str:
        return self.github._token_for(self.full_name, self.installation)

    def renew(self) -> bool:
        return self.github._renew(self.full_name)

    def name(self) -> str:
        return self.github._name(self.full_name)

    def moved(self, repository: int | None) -> None:
        self.github._moved(self.full_name, repository)

    def login(self) -> str:
        return self.github.login()
