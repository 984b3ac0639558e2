"""What all workers together know of places where GitHub cannot be used, in tables of the server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from bot.runs.durable.gates import Gate
from bot.runs.durable.transactions import transaction

log = logging.getLogger(__name__)

T = TypeVar("T")

# Whoever is at a gate holds it; there may be no row to be locked.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(7203886, hashtext(:place))")
_NOW = sa.text("SELECT extract(epoch FROM clock_timestamp())::float8")
_GATE = sa.text("SELECT next_at, tries, trying, since, waiting FROM gates WHERE place = :place")
_OPEN = sa.text("DELETE FROM gates WHERE place = :place")
_CLOSE = sa.text(
    "INSERT INTO gates (place, next_at, tries, trying, since, waiting)"
    " VALUES (:place, :next_at, :tries, :trying, :since, :waiting) ON CONFLICT (place) DO UPDATE SET"
    " next_at = excluded.next_at, tries = excluded.tries, trying = excluded.trying, since = excluded.since,"
    " waiting = excluded.waiting"
)
_REFUSES = sa.text(
    "INSERT INTO refusing AS r (owner, until) VALUES (:owner, clock_timestamp() + make_interval(secs => :seconds))"
    " ON CONFLICT (owner) DO UPDATE SET until = greatest(r.until, excluded.until)"
)
_REFUSING = sa.text(
    "SELECT owner, extract(epoch FROM until - clock_timestamp())::float8 FROM refusing WHERE until > clock_timestamp()"
)
_FORGET = sa.text("DELETE FROM refusing WHERE until < clock_timestamp()")
_KNOWN_SECONDS = 1.0


class ServerGates:
    """Implements `bot.runs.durable.gates.GateStore`.

    Args:
        engine: of the database, which waits for a server that is away.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @transaction
    def change(
        self, connection: sa.Connection, place: str, act: Callable[[Gate | None, float], tuple[Gate | None, T]]
    ) -> T:
        """See `GateStore`."""
        connection.execute(_LOCK, {"place": place})
        now = float(connection.execute(_NOW).scalar_one())
        row = connection.execute(_GATE, {"place": place}).first()
        before = Gate(row.next_at, row.tries, row.trying, row.since, frozenset(row.waiting)) if row else None
        gate, result = act(before, now)
        if gate is None and before is not None:
            connection.execute(_OPEN, {"place": place})
        elif gate is not None and gate != before:
            connection.execute(_CLOSE, {**vars(gate), "waiting": sorted(gate.waiting), "place": place})
        return result


class ServerRefusals:
    """Which owners GitHub refuses requests for, and how long. Thread-safe. Implements
    `bot.clients.github.limits.Refusals`."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._known: dict[str, float] = {}
        self._again_at = float("-inf")

    def note(self, owner: str, seconds: float) -> None:
        """See `Refusals`."""
        log.warning("GitHub takes no requests of %s for %.0f s, as all workers are told", owner, seconds)
        self._note(owner, seconds)
        self._again_at = float("-inf")

    def left(self, owner: str) -> float:
        """See `Refusals`; what another worker was told counts a second later at the latest."""
        with self._lock:
            now = time.monotonic()
            if now >= self._again_at:
                self._known = {account: now + left for account, left in self._read()}
                self._again_at = now + _KNOWN_SECONDS
            return max(0.0, self._known.get(owner, 0.0) - now)

    @transaction
    def _note(self, connection: sa.Connection, owner: str, seconds: float) -> None:
        connection.execute(_FORGET)
        connection.execute(_REFUSES, {"owner": owner, "seconds": seconds})

    @transaction
    def _read(self, connection: sa.Connection) -> list[tuple[str, float]]:
        return [(row[0], row[1]) for row in connection.execute(_REFUSING)]
