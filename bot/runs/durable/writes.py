"""What all workers write to GitHub together, counted on the server: its limits are an installation's as a whole."""

from __future__ import annotations

import sqlalchemy as sa

from bot.runs.durable.transactions import transaction

# Whoever takes for an installation holds it: another one would take the same room.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(7203884, hashint8(:installation))")
_NOW = sa.text("SELECT extract(epoch FROM clock_timestamp())::float8")
_FORGET = sa.text("DELETE FROM written WHERE at < :now - 3600")
_OLDEST = sa.text(
    "SELECT at FROM written WHERE installation = :installation AND share = :share"
    " ORDER BY at DESC OFFSET :most - 1 LIMIT 1"
)
_FULL_AT = sa.text("SELECT full_at FROM buckets WHERE installation = :installation")
_FILL = sa.text(
    "INSERT INTO buckets (installation, full_at) VALUES (:installation, :full_at)"
    " ON CONFLICT (installation) DO UPDATE SET full_at = excluded.full_at"
)
_WRITE = sa.text("INSERT INTO written (installation, share, at) VALUES (:installation, :share, :now)")
_WHOLE = ""
"""The share that is all of them."""


class ServerWrites:
    """The writes of the last hour. Thread-safe. Implements `bot.clients.github.pacing.Writes`."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @transaction
    def take(self, connection: sa.Connection, installation: int, burst: int, interval: float, per_hour: int) -> float:
        """See `bot.clients.github.pacing.Writes`."""
        place = {"installation": installation, "share": _WHOLE}
        connection.execute(_LOCK, {"installation": installation})
        now = float(connection.execute(_NOW).scalar_one())
        connection.execute(_FORGET, {"now": now})
        full_at = connection.execute(_FULL_AT, {"installation": installation}).scalar() or 0.0
        oldest = connection.execute(_OLDEST, place | {"most": per_hour}).scalar() or 0.0
        at = max(full_at - (burst - 1) * interval, oldest + 3600 if oldest else 0.0)
        if at > now:
            return float(at - now)
        connection.execute(_FILL, {"installation": installation, "full_at": max(full_at, now) + interval})
        connection.execute(_WRITE, place | {"now": now})
        return 0.0

    @transaction
    def left(self, connection: sa.Connection, installation: int, share: str, per_hour: int) -> float:
        """See `bot.clients.github.pacing.Writes`."""
        place = {"installation": installation, "share": share, "most": per_hour}
        oldest = connection.execute(_OLDEST, place).scalar()
        now = float(connection.execute(_NOW).scalar_one())
        return 0.0 if oldest is None else max(0.0, oldest + 3600 - now)

    @transaction
    def took(self, connection: sa.Connection, installation: int, share: str) -> None:
        """See `bot.clients.github.pacing.Writes`."""
        now = connection.execute(_NOW).scalar_one()
        connection.execute(_WRITE, {"installation": installation, "share": share, "now": now})
