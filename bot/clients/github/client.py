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
from bot.clients.github.edits import Edits
from bot.clients.github.errors import translated
from bot.clients.github.hook import Hook
from bot.clients.github.inspection import Inspection
from bot.clients.github.limits import RateLimits, Refusals, Spends
from bot.clients.github.merging import Merging
from bot.clients.github.names import RememberedNames
from bot.clients.github.news import News
from bot.clients.github.pacing import OF_A_REPOSITORY, OF_ANSWERS, Pace, Share, Shared, Urgency, Writes
from bot.clients.github.readers import Readers
from bot.clients.github.registration import Registered
from bot.clients.github.reviews import Reviews
from bot.clients.github.standing import Standings
from bot.values.names import Known, Names


class Repository(News, Standings, Merging, Reviews, Actions, Deployments, Checks, Inspection):
    """Everything the bot does to one repository. Thread-safe."""


class GitHub:
    """One GitHub (github.com, an Enterprise server or the demo's hub) and the App's credentials on it. Thread-safe.

    Args:
        api_url: root of the REST API, e.g. "https://api.github.com" or "https://github.example.com/api/v3".
        private_key: the App's key in PEM format.
        pace: called once for each installation; paces its writes.
        names: which repositories the keys stand for; without it, that is remembered.
        limits: keeps what GitHub says of how many requests it still takes.
        writes: counts what all workers write together; without it, this is the only one.
        refusals: tells all workers of what one of them was told; without it, this is the only one.
        token: used in the place of the App's credentials; see `with_token`.
    """

    def __init__(  # noqa: PLR0913 (where it is, who the bot is there, and what is kept of it)
        self,
        api_url: str,
        app_id: int,
        private_key: str,
        pace: Callable[[], Pace] = Pace,
        names: Names | None = None,
        limits: RateLimits | None = None,
        writes: Writes | None = None,
        refusals: Refusals | None = None,
        *,
        token: str | None = None,
    ) -> None:
        self._writes = writes
        self._api_url = api_url.rstrip("/")
        self._names = names or RememberedNames()
        self._clients = Clients(self._api_url, limits, refusals)
        self._own_comments = OwnComments()
        self._edits = Edits()
        self._lock = threading.Lock()
        self._pace = pace
        self._paces: dict[int, Pace] = {}
        self._shares: dict[tuple[int, str], Share] = {}
        self._login = ""
        self._token = token or ""
        self._tokens = AppTokens(self._clients, app_id, private_key, self._names) if token is None else None
        self._readers = Readers(self._clients, self._tokens.jwt) if self._tokens else None

    @classmethod
    def with_token(cls, api_url: str, token: str) -> GitHub:
        """Return a GitHub that uses a given token, such as that of a workflow run."""
        return cls(api_url, 0, "", token=token)

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

    def registered(self) -> Registered:
        """Return the App's own view of itself; a GitHub with a given token has none."""
        if self._tokens is None:
            raise ValueError("only an App is registered")
        return Registered(self._clients, self._tokens.jwt)

    def repository(
        self, key: str, installation: int | None = None, *, answers: bool = False, number: int = 0
    ) -> Repository:
        """Return a repository; no request is made.

        Args:
            key: what the bot calls it: its name, or one that it had; see `Names`.
            installation: the App's installation there; looked up when first needed if not given.
            answers: what is written answers people: it goes before what runs write, and leaves room for the runs of all
                repositories; it may spend of the reserve of requests.
            number: its id, where somebody has told it with its name; 0 where not.
        """
        if number:
            self._names.learn(key, Known(number, key))
        credentials = _Credentials(self, key, installation)
        with self._lock:
            whole = self._paces.setdefault(installation or 0, self._new_pace(installation or 0))
            share = (
                Share(whole, OF_ANSWERS, Urgency.ANSWER, name="answers")
                if answers
                else Share(whole, OF_A_REPOSITORY, name=key)
            )
            pace = self._shares.setdefault((installation or 0, "" if answers else key), share)
        alone = self._tokens is not None
        # Nobody else is at work with the token of a job.
        spends = Spends.ALL if not alone else Spends.HALF if answers else Spends.NOTHING
        return Repository(
            *(key, self._clients, credentials, pace, self._own_comments, self._edits, self._api_url),
            alone=alone,
            spends=spends,
        )

    def close(self) -> None:
        """Close idle connections; the next request opens one again."""
        self._clients.close()

    def _new_pace(self, installation: int) -> Pace:
        pace = self._pace()
        if self._writes is not None:
            pace.shared = Shared(self._writes, installation)
        return pace

    def _ask_login(self) -> str:
        with translated("find out who I am"):
            if self._tokens is not None:
                return self._tokens.login()
            # The token of a workflow run cannot read its user through REST, only through GraphQL.
            with self._clients.lend(lambda: self._token) as client:
                _, answer = client.requester.graphql_query("query Me { viewer { login } }", {})
                return str(answer["data"]["viewer"]["login"])

    def _token_for(self, key: str, installation: int | None) -> str:
        if self._tokens is None:
            return self._token
        return self._tokens.token(key, installation or self._tokens.installation(key))

    def _renew(self, key: str) -> bool:
        if self._tokens is None:
            return False
        self._tokens.forget(key)
        return True


@dataclass(frozen=True)
class _Credentials:
    """The bot's credentials on one repository."""

    github: GitHub
    key: str
    installation: int | None

    def token(self) -> str:
        return self.github._token_for(self.key, self.installation)

    def renew(self) -> bool:
        return self.github._renew(self.key)

    def known(self) -> Known | None:
        return self.github._names.known(self.key)

    def login(self) -> str:
        return self.github.login()

    def lacking(self) -> tuple[str, ...]:
        tokens = self.github._tokens
        return tokens.lacking(self.key) if tokens is not None else ()

    def beside(self, name: str) -> _Reading | None:
        tokens = self.github._tokens
        if tokens is None:
            return None
        reading = _Reading(self.github, name, self.installation or tokens.installation(self.key))
        return reading if reading.token() else None


@dataclass(frozen=True)
class _Reading(_Credentials):
    """Credentials that read a repository, where the App's installation has it."""

    def token(self) -> str:
        readers = self.github._readers
        return readers.token(self.key, self.installation or 0) if readers else ""

    def known(self) -> None:
        # It is read under its name, whichever repository has that now.
        return None

    def renew(self) -> bool:
        if self.github._readers:
            self.github._readers.forget(self.key)
        return bool(self.token())
