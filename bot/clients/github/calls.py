"""What every request to a repository passes through: credentials, the pace of writes, and the kinds of failure."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast
from weakref import WeakValueDictionary

from github import GithubException
from github.Repository import Repository as Remote

from bot.clients.github.auth import Clients
from bot.clients.github.edits import Edits
from bot.clients.github.errors import Rejected, failure, translated, without_errors_of
from bot.clients.github.limits import CORE, GRAPHQL, Spends, admitted
from bot.clients.github.pacing import Share
from bot.clients.github.retries import Elsewhere
from bot.errors import Gone, Hindrance, Unavailable
from bot.values.names import Known

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

    def known(self) -> Known | None:
        """Return which repository it is, and what GitHub calls it; None before the first token, or for a given one."""

    def login(self) -> str:
        """Return the login that GitHub shows on comments written with these credentials."""

    def lacking(self) -> tuple[str, ...]:
        """Return the permissions that the newest token lacks of those that the bot uses, e.g. ("checks: write",)."""

    def beside(self, name: str) -> Credentials | None:
        """Return credentials that read another repository of the owner's, or None where there are none for it."""


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
        self._turns: WeakValueDictionary[tuple[str, int], threading.Lock] = WeakValueDictionary()

    @contextmanager
    def turn(self, issue: tuple[str, int]) -> Iterator[None]:
        """Let one thread at a time look whether there is a comment on an issue, and make it."""
        with self._lock:
            turn = self._turns.setdefault(issue, threading.Lock())
        with turn:
            yield

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
        key: what the bot calls the repository; see `Names`.
        pace: a share of that of all repositories of an installation.
        own_comments, edits: shared by all repositories of the process.
        alone: no other process writes with the same login; the jobs of workflows may do so at the same moment.
        spends: of the reserve of requests that GitHub takes.
    """

    key: str
    clients: Clients = field(repr=False)
    credentials: Credentials = field(repr=False)
    pace: Share = field(repr=False)
    own_comments: OwnComments = field(repr=False)
    edits: Edits = field(repr=False)
    api_url: str
    alone: bool = True
    spends: Spends = Spends.NOTHING

    @property
    def full_name(self) -> str:
        """What GitHub calls the repository now, as far as it has said so: "owner/name"."""
        known = self.credentials.known()
        return known.name if known else self.key

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

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

    def _read(self, doing: str, call: Callable[[Remote], T], resource: str = CORE) -> T:
        """Make a call that only reads, and return its result; see `translated` for what is raised.

        Args:
            resource: against what of GitHub's limits it counts.
        """
        quota = self.clients.quota.admitted(self.owner, resource, self.spends)
        with self._placed(), quota, admitted(self.owner, self.clients.refusals), translated(doing):
            try:
                return self._call(call)
            except Elsewhere as error:
                # A repository is found by its id, so that it is what was asked for that is in another one now.
                raise failure(doing, 404, {}, {"message": "Moved Permanently"}) from error
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
            error.place = error.place or (self.key if of_repository else self.owner)
            if error.hindrance is Hindrance.PERMISSION:
                # GitHub does not always name it.
                error.permissions = error.permissions or self.credentials.lacking()
                # What is granted later, only a new token has.
                self.credentials.renew()
            raise

    def _query(self, doing: str, document: str, **variables: Any) -> dict[str, Any]:
        """Send a GraphQL query for `repository(owner: $owner, name: $name) { databaseId ... }`, and return that
        part of the answer."""
        return cast(dict[str, Any], self._answer(doing, document, **variables)["repository"])

    def _answer(self, doing: str, document: str, may_lack: str = "", **variables: Any) -> dict[str, Any]:
        """Send a GraphQL query about the repository `$owner`, `$name`, and return all of the answer.

        Args:
            may_lack: a part of the answer that is None where GitHub refuses just that.
        """

        def send(remote: Remote) -> dict[str, Any]:
            owner, _, name = self.full_name.partition("/")
            try:
                _, answer = remote.requester.graphql_query(document, {"owner": owner, "name": name, **variables})
            except GithubException as error:
                self._refuse_other(error.data)
                answer = without_errors_of(may_lack, error)
            self._refuse_other(answer)
            return cast(dict[str, Any], answer["data"])

        name = self.full_name
        try:
            return self._read(doing, send, GRAPHQL)
        except Rejected as error:
            if error.status != 404 or not self._is_renamed(name):
                raise
            return self._read(doing, send, GRAPHQL)

    def _refuse_other(self, answer: Any) -> None:
        """Refuse the answer of a repository that has got the name of this one: nothing that was asked for is there."""
        found = (answer.get("data") or {}).get("repository") if isinstance(answer, dict) else None
        known = self.credentials.known()
        if found and known and found["databaseId"] not in (None, known.id):
            raise GithubException(404, {"message": f"{self.full_name} is another repository now"})

    def _is_renamed(self, name: str) -> bool:
        """Ask GitHub what the repository is called now, and return whether that is another name."""
        if self.credentials.renew():
            self._read("see what the repository is called", lambda _: None)
        return self.full_name != name

    def _write(self, doing: str, call: Callable[[Remote], T], resource: str = CORE) -> T:
        """Make a call that sends exactly one request that writes, at the pace GitHub allows; see `_read`."""
        with self._placed():
            self.pace.wait()
        return self._read(doing, call, resource)

    def _call(self, call: Callable[[Remote], T]) -> T:
        # First, because with a token GitHub says which repository it is.
        token = self.credentials.token()
        known = self.credentials.known()
        with self.clients.lend(lambda: token, self.owner) as client:
            return call(client.get_repo(known.id if known else self.key))

    def _json(self, remote: Remote, verb: str, path: str, **parameters: Any) -> Any:
        """Send a request for which PyGithub has no method, and return the JSON; `path` is below the repository."""
        return remote.requester.requestJsonAndCheck(verb, f"{remote.url}{path}", parameters=parameters)[1]

    def _send(self, remote: Remote, verb: str, path: str, body: Mapping[str, Any]) -> Any:
        """The same with a body."""
        return remote.requester.requestJsonAndCheck(verb, f"{remote.url}{path}", input=dict(body))[1]

    def _list(self, remote: Remote, path: str) -> list[Any]:
        """Read all pages of a list for which PyGithub would ask again about each item that lacks a field."""
        items: list[Any] = []
        for number in itertools.count(1):
            page = self._json(remote, "GET", path, per_page=_PAGE, page=number)
            items += page
            if len(page) < _PAGE:
                break
        return items
