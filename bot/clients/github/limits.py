"""What GitHub says of how many requests it still takes, and that the bot sends no more than that.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Protocol

from github.Requester import Requester

from bot.errors import Hindrance, Unavailable
from bot.values.figures import RateLimit

CORE, GRAPHQL = "core", "graphql"
"""What GitHub counts, each by itself: requests of REST, and points of GraphQL."""
_UNKNOWN = (-1, -1)
"""What PyGithub has before an answer has come."""
_SAME_WINDOW = 60.0
"""Seconds by which what GitHub says of one reset may differ; between two there is an hour."""
_LOOK_SECONDS = 1.0


class Spends(Enum):
    """What a request may spend of the reserve. The value is the share that it leaves to others."""

    NOTHING = 1.0
    """A run's: all of it."""
    HALF = 0.5
    """A person has typed something and waits."""
    ALL = 0.0
    """It says that all others wait; or nobody else has the credentials."""


class RateLimits(Protocol):
    """Where it is kept. Thread-safe."""

    def note(self, limit: RateLimit) -> None:
        """Keep what an answer says. Raises nothing."""

    def low(self) -> list[RateLimit]:
        """Return those of which any worker has heard that no more than the reserve is left. Raises nothing."""


class Refusals(Protocol):
    """What workers have been told of owners for whom GitHub takes no requests for a while. Thread-safe."""

    def note(self, owner: str, seconds: float) -> None:
        """Take note that GitHub has said so just now."""

    def left(self, owner: str) -> float:
        """Return for how many seconds that lasts; 0.0 where it does not."""


class LocalRefusals:
    """What the only worker has been told. Implements `Refusals`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def note(self, owner: str, seconds: float) -> None:
        """See `Refusals`."""
        self._until[owner] = max(self._until.get(owner, 0.0), self._clock() + seconds)

    def left(self, owner: str) -> float:
        """See `Refusals`."""
        return max(0.0, self._until.get(owner, 0.0) - self._clock())


@contextmanager
def admitted(owner: str, refusals: Refusals) -> Iterator[None]:
    """Send no request for an owner as long as GitHub has told any worker that it takes none.

    Raises:
        Unavailable: it has.
    """
    if (left := refusals.left(owner)) > 0:
        raise Unavailable(f"GitHub takes no requests of {owner}, as a worker was told", Hindrance.LIMIT, left)
    try:
        yield
    except Unavailable as error:
        if error.hindrance is Hindrance.LIMIT and error.retry_after:
            refusals.note(owner, error.retry_after)
        raise


class Quota:
    """What GitHub still takes of each owner until the next reset, so that it never has to refuse anything. Thread-safe.

    The last of it is a reserve: with that, people are told that their runs wait.

    Args:
        limits: what other workers have heard counts as well; None where there are none.
        clock: seconds since the epoch.
    """

    def __init__(self, limits: RateLimits | None = None, clock: Callable[[], float] = time.time) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: dict[tuple[str, str], RateLimit] = {}
        self._sending: Counter[tuple[str, str]] = Counter()
        """Requests whose answers have not come: each takes one of what is left."""
        self._look_at = float("-inf")

    def hear(self, limit: RateLimit) -> None:
        """Take note of what an answer says."""
        self._take(limit)
        if self._limits is not None:
            self._limits.note(limit)

    @contextmanager
    def admitted(self, owner: str, resource: str, spends: Spends) -> Iterator[None]:
        """Send a request for an owner only where enough is left.

        Raises:
            Unavailable: it is not, until the reset.
        """
        self._look()
        place = owner, resource
        with self._lock:
            heard, now = self._heard.get(place), self._clock()
            if heard is not None and heard.limit > 0:
                left = heard.left(now) - self._sending[place]
                if now < heard.resets_at and left <= heard.reserve * spends.value:
                    text = (
                        f"GitHub takes only {max(0, left)} more requests of {owner} ({resource}) before its next reset"
                    )
                    raise Unavailable(text, Hindrance.LIMIT, heard.resets_at - now + 1)
            self._sending[place] += 1
        try:
            yield
        finally:
            with self._lock:
                self._sending[place] -= 1

    def _look(self) -> None:
        """Ask at most once a second what others have heard."""
        if self._limits is None:
            return
        with self._lock:
            now = time.monotonic()
            if now < self._look_at:
                return
            self._look_at = now + _LOOK_SECONDS
        for limit in self._limits.low():
            self._take(limit)

    def _take(self, limit: RateLimit) -> None:
        """Take note of a limit. Answers overtake each other: until one reset, the one that leaves least counts."""
        place = limit.account, limit.resource
        with self._lock:
            known = self._heard.get(place)
            same = known is not None and abs(limit.resets_at - known.resets_at) < _SAME_WINDOW
            if known is None or not same or limit.remaining < known.remaining:
                self._heard[place] = limit


class Heard:
    """What one of PyGithub's requesters has heard last.

    PyGithub keeps what the last answer said, but not whether it was one of REST or of GraphQL, which have limits of
    their own. So its method for GraphQL gets this one around it.
    """

    def __init__(self, requester: Requester) -> None:
        self._requester = requester
        self._graphql: tuple[float, float, float] = (*_UNKNOWN, 0)
        self._query = requester.graphql_query
        requester.graphql_query = self._graphql_query  # type: ignore[method-assign]

    def take(self, account: str) -> Iterator[RateLimit]:
        """Yield what has been heard since the last time, for an owner of repositories; servers may say nothing."""
        requester = self._requester
        core = (*requester.rate_limiting, requester.rate_limiting_resettime)
        for resource, (remaining, limit, resets_at) in ((CORE, core), (GRAPHQL, self._graphql)):
            if remaining >= 0:
                yield RateLimit(
                    account=account,
                    resource=resource,
                    remaining=int(remaining),
                    limit=int(limit),
                    resets_at=resets_at,
                )
        requester.rate_limiting, self._graphql = _UNKNOWN, (*_UNKNOWN, 0)

    def _graphql_query(self, query: str, variables: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        requester = self._requester
        core = requester.rate_limiting, requester.rate_limiting_resettime
        requester.rate_limiting = _UNKNOWN
        try:
            return self._query(query, variables)
        finally:
            self._graphql = (*requester.rate_limiting, requester.rate_limiting_resettime)
            requester.rate_limiting, requester.rate_limiting_resettime = core
