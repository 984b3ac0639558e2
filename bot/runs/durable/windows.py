"""Counts of the last hour that all workers share, on the server. A file's only worker counts in memory."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bot.runs.durable.transactions import transaction

_HOUR = "clock_timestamp() - interval '1 hour'"
# Whoever counts holds it until it is done: another one would count the same room.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(7203883)")
_FORGET = sa.text(f"DELETE FROM counted WHERE at < {_HOUR}")  # noqa: S608
_KNOWN = sa.text("SELECT 1 FROM counted WHERE what = :what LIMIT 1")
_LEFT = sa.text(
    "SELECT extract(epoch FROM at + interval '1 hour' - clock_timestamp()) FROM counted WHERE name = :name"
    " ORDER BY at DESC OFFSET :most - 1 LIMIT 1"
)
_COUNT = sa.text("INSERT INTO counted (what, name, at) VALUES (:what, :name, clock_timestamp())")
_SOON = 1.0


class ServerWindows:
    """Windows in a table. Implements `bot.commands.allowance.Windows`.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @transaction
    def admit(self, connection: sa.Connection, counted: str, limits: Sequence[tuple[str, int]]) -> float:
        """See `bot.commands.allowance.Windows`."""
        connection.execute(_LOCK)
        connection.execute(_FORGET)
        if connection.execute(_KNOWN, {"what": counted}).first() is not None:
            return 0.0
        for name, most in limits:
            # The one that has to go for another one to fit.
            left = connection.execute(_LEFT, {"name": name, "most": most}).scalar()
            if left is not None:
                return max(_SOON, float(left))
        connection.execute(_COUNT, [{"what": counted, "name": name} for name, _ in limits])
        return 0.0
