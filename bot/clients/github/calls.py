"""What every request to a repository passes through: credentials, the pace of writes, and the kinds of failure."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from github import GithubException
from github.Repository import Repository as Remote

from bot.clients.github.auth import Clients, Elsewhere
from bot.clients.github.errors import Rejected, translated, without_errors_of
from bot.clients.github.pacing import Share
from bot.errors import Gone, Hindrance, Unavailable

T = TypeVar("T")

_PAGE = 100
"""Items on a page: the most that GitHub sends."""
_REMEMBERED = 2_000
"""Issues whose comments are remembered."""


class Credentials(Protocol):
    """The bot's credentials on one repository."""

    def token(self) -> str:
        """Return a token that is good now."""

    def renew(self) -> bool:
        """Drop the token that GitHub refused, and return whether there can be another."""

    def name(self) -> str:
        """Return what the repository is called now."""

    def moved(self, repository: int | None) -> None:
        """Take note that the repository of that id is called something else by now."""

    def login(self) -> str:
        """Return the login that GitHub shows on comments written with these credentials."""


@dataclass(frozen=True)
class OwnComment:
    """A comment of the bot, as it was last seen or written in this process."""

    id: int
    url: str
    body: str


class OwnComments:
    """The bot's own comments on the issues that this process has worked on, by their markers.

    They save reads and needless edits. A comment that is not in here is looked up on GitHub. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._issues: dict[tuple[str, int], _Known] = {}

    def get(self, issue: tuple[str, int], marker: str) -> OwnComment | None:
        """Return the comment with `marker` on an issue, given as ("owner/name", number), or None if it is not known."""
        with self._lock:
            known = self._issues.get(issue)
            return known.comments.get(marker) if known else None

    def complete(self, issue: tuple[str, int]) -> bool:
        """Return whether all own comments on an issue are known, so that one that is not known does not exist."""
        with self._lock:
            known = self._issues.get(issue)
            return known is not None and known.complete

    def put(self, issue: tuple[str, int], marker: str, comment: OwnComment) -> OwnComment:
        """Remember a comment."""
        with self._lock:
            self._known(issue).comments[marker] = comment
        return comment

    def fill(self, issue: tuple[str, int], comments: Mapping[str, OwnComment]) -> None:
        """Remember these comments, which are all own comments on an issue."""
        with self._lock:
            known = self._known(issue)
            known.comments.update(comments)
            known.complete = True

    def forget(self, issue: tuple[str, int]) -> None:
        """Forget the comments on an issue: one was deleted, or a write may or may not have happened."""
        with self._lock:
            self._issues.pop(issue, None)

    def _known(self, issue: tuple[str, int]) -> _Known:
        while len(self._issues) >= _REMEMBERED and issue not in self._issues:
            del self._issues[next(iter(self._issues))]
        return self._issues.setdefault(issue, _Known())


@dataclass
class _Known:
    comments: dict[str, OwnComment] = field(default_factory=dict)
    complete: bool = False


@dataclass
class Calls:
    """Sends requests about one repository; the verbs are in the subclasses.

    Attributes:
        full_name: "owner/name", by which the bot knows it; GitHub may call it something else by now.
        pace: a share of that of all repositories of an installation.
        own_comments: shared by all repositories of the process.
    """

    full_name: str
    clients: Clients = field(repr=False)
    credentials: Credentials = field(repr=False)
    pace: Share = field(repr=False)
    own_comments: OwnComments = field(repr=False)
    api_url: str

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def current(self) -> str:
        """What GitHub calls the repository now, as far as it has said so."""
        return self.credentials.name()

    def must_be_there(self) -> None:
        """Make sure that there still is a repository that the App may see.

        Raises:
            Gone: there is none.
        """
        # A token from before may be good for nothing but to be told of nothing.
        self.credentials.renew()
        try:
            self._read("see whether the repository is there", lambda remote: self._json(remote, "GET", ""))
        except Rejected as error:
            if error.status == 404:
                raise Gone(f"{self.full_name} is not there any more") from error
            raise

    def _read(self, doing: str, call: Callable[[Remote], T]) -> T:
        """Make a call that only reads, and return its result; see `translated` for what is raised."""
        with self._placed(), translated(doing):
            try:
                return self._call(call)
            except Elsewhere as error:
                self.credentials.moved(error.repository)
                # With a new token comes the new name; the step is tried again with that.
                self.credentials.token()
                text = f"{self.full_name} is {self.current} by now (trying to {doing})"
                raise Unavailable(text, Hindrance.OUTAGE) from error
            except GithubException as error:
                # GitHub refused the credentials and did nothing, so a write can be repeated here, too.
                if error.status != 401 or not self.credentials.renew():
                    raise
                return self._call(call)

    @contextmanager
    def _placed(self) -> Iterator[None]:
        """Say of a failure what it concerns: this repository, or all that the App may see of its owner's."""
        try:
            yield
        except Unavailable as error:
            of_repository = error.hindrance in (Hindrance.ARCHIVED, Hindrance.PERMISSION)
            error.place = error.place or (self.full_name if of_repository else self.owner)
            if error.hindrance is Hindrance.PERMISSION:
                # What is granted later, only a new token has.
                self.credentials.renew()
            raise

    def _query(self, doing: str, document: str, **variables: Any) -> dict[str, Any]:
        """Send a GraphQL query for `repository(owner: $owner, name: $name)`, and return that part of the answer."""
        return cast(dict[str, Any], self._answer(doing, document, **variables)["repository"])

    def _answer(self, doing: str, document: str, may_lack: str = "", **variables: Any) -> dict[str, Any]:
        """Send a GraphQL query about the repository `$owner`, `$name`, and return all of the answer.

        Args:
            may_lack: a part of the answer that is None where GitHub refuses just that.
        """
        owner, _, name = self.current.partition("/")

        def send(remote: Remote) -> dict[str, Any]:
            try:
                _, answer = remote.requester.graphql_query(document, {"owner": owner, "name": name, **variables})
            except GithubException as error:
                answer = without_errors_of(may_lack, error)
            return cast(dict[str, Any], answer["data"])

        return self._read(doing, send)

    def _write(self, doing: str, call: Callable[[Remote], T]) -> T:
        """Make a call that sends exactly one request that writes, at the pace GitHub allows."""
        with self._placed():
            self.pace.wait()
        return self._read(doing, call)

    def _call(self, call: Callable[[Remote], T]) -> T:
        with self.clients.lend(self.credentials.token) as client:
            return call(client.get_repo(self.current))

    def _json(self, remote: Remote, verb: str, path: str, **parameters: Any) -> Any:
        """Send a request for which PyGithub has no method, and return the JSON; `path` is below the repository."""
        return remote.requester.requestJsonAndCheck(verb, f"/repos/{self.current}{path}", parameters=parameters)[1]

    def _list(self, remote: Remote, path: str) -> list[Any]:
        """Read all pages of a list for which PyGithub would ask again about each item that lacks a field."""
        items: list[Any] = []
        for number in itertools.count(1):
            page = self._json(remote, "GET", path, per_page=_PAGE, page=number)
            items += page
            if len(page) < _PAGE:
                break
        return items
