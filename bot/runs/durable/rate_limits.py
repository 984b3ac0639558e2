"""What GitHub still takes of an installation, kept for all processes: workers hear it, web processes show it."""

from __future__ import annotations

import logging
import threading
import time

import sqlalchemy as sa

from bot.errors import TransientError
from bot.values.figures import RateLimit

log = logging.getLogger(__name__)

_NOTE = sa.text(
    "INSERT INTO rate_limits (account, resource, remaining, most, resets_at)"
    " VALUES (:account, :resource, :remaining, :limit, :resets_at) ON CONFLICT (account, resource) DO UPDATE SET"
    " remaining = excluded.remaining, most = excluded.most, resets_at = excluded.resets_at"
)
_KNOWN = sa.text("SELECT account, resource, remaining, most, resets_at FROM rate_limits ORDER BY account, resource")
# As `RateLimit.reserve` has it.
_LOW = sa.text(
    "SELECT account, resource, remaining, most, resets_at FROM rate_limits"
    " WHERE resets_at > :now AND remaining * 50 <= most"
)
_EVERY_SECONDS = 15.0


class DurableRateLimits:
    """What GitHub has said of its limits. Thread-safe. Implements `bot.clients.github.limits.RateLimits`."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, str], float] = {}

    def note(self, limit: RateLimit) -> None:
        """Keep what an answer of GitHub's says; of what comes within 15 seconds, the first, and where little is left.

        What cannot be kept is left out: no request is to fail because of it.
        """
        place = (limit.account, limit.resource)
        with self._lock:
            now = time.monotonic()
            if limit.remaining > limit.reserve and now < self._noted.get(place, float("-inf")) + _EVERY_SECONDS:
                return
            self._noted[place] = now
        try:
            with self._engine.begin() as connection:
                connection.execute(_NOTE, limit.model_dump())
        except (sa.exc.OperationalError, TransientError) as error:
            log.warning("the rate limit of %s was not noted: %s", limit.account, error)

    def low(self) -> list[RateLimit]:
        """See `RateLimits`."""
        try:
            return self._read(_LOW, now=time.time())
        except (sa.exc.OperationalError, TransientError) as error:
            log.warning("what other workers have heard of rate limits was not read: %s", error)
            return []

    def known(self) -> list[RateLimit]:
        """Return what is known."""
        return self._read(_KNOWN)

    def _read(self, statement: sa.TextClause, **values: float) -> list[RateLimit]:
        with self._engine.connect() as connection:
            rows = connection.execute(statement, values).all()
        return [
            RateLimit(
                account=row.account,
                resource=row.resource,
                remaining=row.remaining,
                limit=row.most,
                resets_at=row.resets_at,
            )
            for row in rows
        ]
