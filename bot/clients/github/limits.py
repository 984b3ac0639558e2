"""What GitHub says with each answer of how many requests it still takes.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from github.Requester import Requester

from bot.errors import Hindrance, Unavailable
from bot.values.figures import RateLimit

_UNKNOWN = (-1, -1)
"""What PyGithub has before an answer has come."""


class RateLimits(Protocol):
    """Where it is kept. Thread-safe."""

    def note(self, limit: RateLimit) -> None:
        """Keep what an answer says. Raises nothing."""


class Refusals(Protocol):
    """What all workers have been told of owners for whom GitHub takes no requests for a while. Thread-safe."""

    def note(self, owner: str, seconds: float) -> None:
        """Take note that GitHub has said so just now."""

    def left(self, owner: str) -> float:
        """Return for how many seconds that lasts; 0.0 where it does not."""


@contextmanager
def admitted(owner: str, refusals: Refusals | None) -> Iterator[None]:
    """Send no request for an owner as long as GitHub has told any worker that it takes none.

    Args:
        refusals: None where there is one worker: each of its runs asks once by itself.

    Raises:
        Unavailable: it has.
    """
    if refusals is None:
        yield
        return
    if (left := refusals.left(owner)) > 0:
        raise Unavailable(f"GitHub takes no requests of {owner}, as a worker was told", Hindrance.LIMIT, left)
    try:
        yield
    except Unavailable as error:
        if error.hindrance is Hindrance.LIMIT and error.retry_after:
            refusals.note(owner, error.retry_after)
        raise


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
        for resource, (remaining, limit, resets_at) in (("core", core), ("graphql", self._graphql)):
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
