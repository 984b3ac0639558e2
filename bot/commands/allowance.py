"""How much is answered in an hour, and to whom: nobody can use up what GitHub lets the bot write.

Who has write access is never refused: what is too much waits. Who has none gets few answers, then silence; what these
have got is kept in a file, so that a restart gives nobody more.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from limits import RateLimitItem, RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import ValidationError

from bot.errors import Hindrance, Unavailable
from bot.values.github import WRITERS
from bot.values.value import Value

log = logging.getLogger(__name__)

TO_AN_OUTSIDER, TO_OUTSIDERS, TO_OUTSIDERS_OF_AN_OWNER = 3, 20, 60
"""Answers an hour to somebody without write access, to all of them in a repository, and in all of an owner's."""
TO_A_MEMBER, TO_MEMBERS = 60, 120
"""The same for somebody with write access, in one repository, and for all of them."""
_REMEMBERED = 10_000
"""Comments of which it is known that they are within the limits."""

_Limit = tuple[RateLimitItem, tuple[str, ...]]


class Windows(Protocol):
    """Counts of the last hour that all workers share."""

    def admit(self, counted: str, limits: Sequence[tuple[str, int]]) -> float:
        """Count something, once however often it is tried, in all windows of these names; or in none.

        Args:
            counted: what it is.
            limits: the windows, each with how much it takes.

        Returns:
            0.0, or how many seconds it is until a window that is full has room again.
        """


class Allowance:
    """What may still be answered in this hour. One for a worker; thread-safe.

    Args:
        path: the file of what outsiders were answered; None: nothing is kept. At a start, their hour begins anew with
            what it holds.
        shared: what all workers together have answered; where there is only one, it counts by itself.
    """

    def __init__(self, path: Path | None = None, shared: Windows | None = None) -> None:
        self._shared = shared
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._lock = threading.Lock()
        self._admitted: OrderedDict[str, None] = OrderedDict()
        self._file = None if path is None else os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        kept = [] if path is None else list(_kept(path.read_text(encoding="utf-8")))
        self._note(*kept, anew=True)
        for answered in kept:
            self._admit(_of_outsiders(answered.repo, answered.person), f"{answered.repo} {answered.comment}")

    def outsider(self, repo: str, person: str, comment: str) -> bool:
        """Return whether somebody without write access gets an answer to a comment."""
        known = f"{repo} {comment}" in self._admitted
        admitted = self._admit(_of_outsiders(repo, person), f"{repo} {comment}") is None
        if admitted and not known:
            self._note(_Answered(at=time.time(), repo=repo, person=person, comment=comment))
        return admitted

    def member(self, repo: str, person: str, comment: str) -> None:
        """Let somebody with write access be answered.

        Raises:
            Unavailable: it has to wait.
        """
        limits: list[_Limit] = [
            (RateLimitItemPerHour(TO_A_MEMBER), ("member", repo, person)),
            (RateLimitItemPerHour(TO_MEMBERS), ("members", repo)),
        ]
        seconds = self._admit(limits, f"{repo} {comment}")
        if seconds is not None:
            text = f"{repo} has asked for more than I answer in an hour"
            raise Unavailable(text, Hindrance.LIMIT, seconds, place=f"{repo} {person}")

    def _note(self, *answered: _Answered, anew: bool = False) -> None:
        if self._file is not None:
            if anew:
                os.truncate(self._file, 0)
            os.write(self._file, "".join(f"{each.model_dump_json()}\n" for each in answered).encode())

    def _admit(self, limits: list[_Limit], comment: str) -> float | None:
        """Count a comment, once, however often it is tried; or return in how many seconds it is within the limits."""
        if self._shared is not None:
            return self._shared.admit(comment, [(" ".join(key), item.amount) for item, key in limits]) or None
        with self._lock:
            if comment in self._admitted:
                return None
            for item, key in limits:
                if not self._limiter.test(item, *key):
                    return max(1.0, self._limiter.get_window_stats(item, *key).reset_time - time.time())
            for item, key in limits:
                self._limiter.hit(item, *key)
            self._admitted[comment] = None
            if len(self._admitted) > _REMEMBERED:
                self._admitted.popitem(last=False)
        return None


class _Answered(Value):
    """What somebody without write access was answered; `at` is in seconds since the epoch."""

    at: float
    repo: str
    person: str
    comment: str


def _kept(text: str) -> Iterator[_Answered]:
    """Yield what was answered in the last hour. The last line may be cut off, by a crash or a full disk."""
    for line in text.splitlines():
        with suppress(ValidationError):
            answered = _Answered.model_validate_json(line)
            if answered.at > time.time() - 3600:
                yield answered


def _of_outsiders(repo: str, person: str) -> list[_Limit]:
    return [
        (RateLimitItemPerHour(TO_AN_OUTSIDER), ("outsider", person)),
        (RateLimitItemPerHour(TO_OUTSIDERS), ("outsiders", repo)),
        (RateLimitItemPerHour(TO_OUTSIDERS_OF_AN_OWNER), ("outsiders", repo.partition("/")[0])),
    ]


class Accessible(Protocol):
    """What is needed of `bot.clients.github.Repository`."""

    def permission(self, login: str) -> Literal["admin", "write", "read", "none"]: ...


@dataclass(frozen=True)
class Admission:
    """Decides whether somebody is answered.

    Attributes:
        comment: the id of what carries out what that person says, which counts once.
        by_bot: it is a bot that may give commands.
    """

    allowance: Allowance
    repository: Accessible
    repo: str
    comment: str
    by_bot: bool

    def access(self, person: str) -> str | None:
        """Return the access of a person; None where nothing is answered.

        Raises:
            Unavailable: the answer has to wait.
        """
        access = "write" if self.by_bot else self.repository.permission(person)
        if access in WRITERS:
            self.allowance.member(self.repo, person, self.comment)
        elif not self.allowance.outsider(self.repo, person, self.comment):
            log.info("%s: @%s, who has no write access, has had enough answers", self.comment, person)
            return None
        return access
