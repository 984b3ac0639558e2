"""Which workflows were at work in a worker that is gone, in tables of the server; see `crashes.py`."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from bot.runs.durable.crashes import LIMIT
from bot.runs.durable.server_slot import executor

log = logging.getLogger(__name__)


class ServerNote:
    """Implements `Note`, for another worker to go on with what this one has begun. Thread-safe.

    Args:
        engine: of the database.
        slot: of this worker.
    """

    def __init__(self, engine: sa.Engine, slot: int) -> None:
        self._engine = engine
        self._slot = slot
        self._counted: set[str] = set()
        self._closed = False
        # Whoever gave the slot free may have come no further.
        self.reckon(slot)

    def reckon(self, slot: int) -> None:
        """See `Note`."""
        self._change(_ACQUIT, slot=slot, executor=executor(slot))
        self._change(_RECKON, slot=slot)
        self._change(_LEAVE, slot=slot)

    def to_blame(self) -> list[str]:
        """See `Note`."""
        with self._engine.connect() as connection:
            found = list(connection.execute(_TO_BLAME, {"limit": LIMIT}).scalars())
        self._counted.update(found)
        return found

    def begin(self, workflow: str) -> None:
        """See `Note`."""
        self._change(_BEGIN, slot=self._slot, workflow=workflow)

    def end(self, workflow: str) -> None:
        """See `Note`."""
        self._change(_END, slot=self._slot, workflow=workflow)

    def crashed(self, workflow: str) -> bool:
        """See `Note`."""
        try:
            with self._engine.connect() as connection:
                found = connection.execute(_CRASHED, {"workflow": workflow}).first() is not None
        except sa.exc.SQLAlchemyError as error:
            log.warning("what was at work at a crash could not be read: %s", type(error).__name__)
            return False
        if found:
            self._counted.add(workflow)
        return found

    def clear(self, workflow: str) -> bool:
        """See `Note`."""
        if workflow not in self._counted:
            return False
        self._counted.discard(workflow)
        self._change(_CLEAR, workflow=workflow)
        return True

    def close(self) -> None:
        """See `Note`."""
        self._closed = True
        self._change(_LEAVE, slot=self._slot)

    def _change(self, statement: sa.TextClause, **values: object) -> None:
        if self._closed and statement is not _LEAVE:
            return
        try:
            with self._engine.begin() as connection:
                connection.execute(statement, values)
        except sa.exc.SQLAlchemyError as error:
            # The server is away. The runs go on when it is back.
            log.warning("what is at work could not be noted: %s", type(error).__name__)


_BEGIN = sa.text("INSERT INTO at_work (slot, workflow) VALUES (:slot, :workflow) ON CONFLICT DO NOTHING")
_END = sa.text("DELETE FROM at_work WHERE slot = :slot AND workflow = :workflow")
_LEAVE = sa.text("DELETE FROM at_work WHERE slot = :slot")
# Whoever was there and not at work has nothing to do with it.
_ACQUIT = sa.text(
    "DELETE FROM crashes WHERE EXISTS (SELECT 1 FROM at_work WHERE slot = :slot)"
    " AND workflow NOT IN (SELECT workflow FROM at_work WHERE slot = :slot)"
    " AND workflow IN"
    " (SELECT workflow_uuid FROM workflow_status WHERE executor_id = :executor AND status = 'PENDING')"
)
_RECKON = sa.text(
    "INSERT INTO crashes AS c (workflow, count) SELECT workflow, 1 FROM at_work WHERE slot = :slot"
    " ON CONFLICT (workflow) DO UPDATE SET count = c.count + 1"
)
_CRASHED = sa.text("SELECT 1 FROM crashes WHERE workflow = :workflow")
_CLEAR = sa.text("DELETE FROM crashes WHERE workflow = :workflow")
_TO_BLAME = sa.text("SELECT workflow FROM crashes WHERE count >= :limit")
