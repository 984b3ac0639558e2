"""How much is answered in an hour, and to whom: nobody can use up what GitHub lets the bot write.

Who has write access is never refused: what is too much waits. Who has none gets few answers, then silence. It is kept
in memory: a restart begins the hour anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, Protocol

from limits import RateLimitItem, RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.errors import Hindrance, Unavailable
from bot.values.github import WRITERS

log = logging.getLogger(__name__)

TO_AN_OUTSIDER, TO_OUTSIDERS, TO_OUTSIDERS_OF_AN_OWNER = 3, 20, 60
"""Answers an hour to somebody without write access, to all of them in a repository, and in all of an owner's."""
TO_A_MEMBER, TO_MEMBERS = 60, 120
"""The same for somebody with write access, in one repository, and for all of them."""
_REMEMBERED = 10_000
"""Comments of which it is known that they are within the limits."""

_Limit = tuple[RateLimitItem, tuple[str, ...]]


class Allowance:
    """What may still be answered in this hour. One for a worker; thread-safe."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._lock = threading.Lock()
        self._admitted: OrderedDict[str, None] = OrderedDict()

    def outsider(self, repo: str, person: str, comment: str) -> bool:
        """Return whether somebody without write access gets an answer to a comment."""
        owner = repo.partition("/")[0]
        limits: list[_Limit] = [
            (RateLimitItemPerHour(TO_AN_OUTSIDER), ("outsider", person)),
            (RateLimitItemPerHour(TO_OUTSIDERS), ("outsiders", repo)),
            (RateLimitItemPerHour(TO_OUTSIDERS_OF_AN_OWNER), ("outsiders", owner)),
        ]
        return self._admit(limits, f"{repo} {comment}") is None

    def member(self, repo: str, person: str, comment: str) -> None:
        """Let somebody with write access be answered.

        Raises:
            Unavailable: it has to wait.
        """
        limits: list[_Limit] = [
            (RateLimitItemPerHour(TO_A_MEMBER), ("member", repo, person)),
            (RateLimitItemPerHour(TO_MEMBERS), ("members", repo)),
        ]
        full = self._admit(limits, f"{repo} {comment}")
        if full is not None:
            seconds = max(1.0, self._limiter.get_window_stats(full[0], *full[1]).reset_time - time.time())
            text = f"{repo} has asked for more than I answer in an hour"
            raise Unavailable(text, Hindrance.LIMIT, seconds, place=f"{repo} {person}")

    def _admit(self, limits: list[_Limit], comment: str) -> _Limit | None:
        """Count a comment, once, however often it is tried; or return the limit that it would break."""
        with self._lock:
            if comment in self._admitted:
                return None
            for item, key in limits:
                if not self._limiter.test(item, *key):
                    return item, key
            for item, key in limits:
                self._limiter.hit(item, *key)
            self._admitted[comment] = None
            if len(self._admitted) > _REMEMBERED:
                self._admitted.popitem(last=False)
        return None


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
