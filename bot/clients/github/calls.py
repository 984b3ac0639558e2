"""One way in for every request to a repository: credentials, pace and failures are seen to here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from github import GithubException
from github.Repository import Repository as Remote

from bot.clients.github.auth import Clients
from bot.clients.github.errors import translated
from bot.clients.github.pacing import Pace

T = TypeVar("T")

_REMEMBERED = 2_000


class Credentials(Protocol):
    """Who the bot is to one repository."""

    def token(self) -> str:
        """Return a token that is good now."""

    def renew(self) -> bool:
        """Drop the token that was refused; return whether it is worth trying again with another."""

    def login(self) -> str:
        """Return the login that GitHub shows on what is written with these credentials."""


@dataclass(frozen=True)
class OwnComment:
    """A comment of the bot, as it was last seen or written in this process."""

    id: int
    url: str
    body: str


class Memory:
    """The bot's own comments that this process has met, by repository, number and marker.

    Saves reads and needless edits; what is not in here is looked up on GitHub. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._comments: dict[tuple[str, int, str], OwnComment] = {}

    def get(self, key: tuple[str, int, str]) -> OwnComment | None:
        with self._lock:
            return self._comments.get(key)

    def put(self, key: tuple[str, int, str], comment: OwnComment) -> OwnComment:
        with self._lock:
            while len(self._comments) >= _REMEMBERED:
                del self._comments[next(iter(self._comments))]
            self._comments[key] = comment
        return comment

    def drop(self, key: tuple[str, int, str]) -> None:
        with self._lock:
            self._comments.pop(key, None)


@dataclass
class Calls:
    """What the verbs of a repository stand on.

    Attributes:
        full_name: "owner/name".
        pace: shared by all repositories of an installation.
        memory: shared by all repositories of the process.
    """

    full_name: str
    clients: Clients = field(repr=False)
    credentials: Credentials = field(repr=False)
    pace: Pace = field(repr=False)
    memory: Memory = field(repr=False)
    api_url: str

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    def _read(self, doing: str, what: Callable[[Remote], T]) -> T:
        """Run `what`, which only reads, and return its result; see `translated` for what is raised."""
        with translated(doing):
            try:
                return self._run(what)
            except GithubException as error:
                # GitHub refused the credentials, so it has not done anything: safe for writes too.
                if error.status != 401 or not self.credentials.renew():
                    raise
                return self._run(what)

    def _write(self, doing: str, what: Callable[[Remote], T]) -> T:
        """Run `what`, which sends exactly one request that changes something, at the pace GitHub allows."""
        self.pace.wait()
        return self._read(doing, what)

    def _run(self, what: Callable[[Remote], T]) -> T:
        with self.clients.lend(self.credentials.token) as client:
            return what(client.get_repo(self.full_name))

    def _json(self, remote: Remote, verb: str, path: str, **parameters: Any) -> Any:
        """Send a request that PyGithub has no fitting method for; `path` is below the repository."""
        return remote.requester.requestJsonAndCheck(verb, f"/repos/{self.full_name}{path}", parameters=parameters)[1]
