"""Which workflows were at work in a worker that is gone, in tables of the server; see `crashes.py`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import sqlalchemy as sa

from bot.runs.durable.crashes import LIMIT, Change
from bot.runs.durable.server_slot import executor
from bot.runs.durable.together import Together

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
        self._note = Together(self._note_changes)
        self._read = Together(self._read_crashed)
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
        self._note(Change(workflow, at_work=True))

    def end(self, workflow: str) -> None:
        """See `Note`."""
        self._note(Change(workflow, at_work=False))

    def crashed(self, workflow: str) -> bool:
        """See `Note`."""
        found = bool(self._read(workflow))
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

    def _read_crashed(self, workflows: Sequence[str]) -> dict[str, bool]:
        try:
            with self._engine.connect() as connection:
                return dict.fromkeys(connection.execute(_CRASHED, {"workflows": list(workflows)}).scalars(), True)
        except sa.exc.SQLAlchemyError as error:
            log.warning("what was at work at a crash could not be read: %s", type(error).__name__)
            return {}

    def _note_changes(self, changes: Sequence[Change]) -> dict[Change, None]:
        # What came last of a workflow counts.
        at_work = dict(changes)
        for statement, wanted in ((_BEGIN, True), (_END, False)):
            if workflows := [workflow for workflow, at in at_work.items() if at is wanted]:
                self._change(statement, slot=self._slot, workflows=workflows)
        return {}

    def _change(self, statement: sa.TextClause, **values: object) -> None:
        if self._closed and statement is not _LEAVE:
            return
        try:
            with self._engine.begin() as connection:
                connection.execute(statement, values)
        except sa.exc.SQLAlchemyError as error:
            # The server is away. The runs go on when it is back.
            log.warning("what is at work could not be noted: %s", type(error).__name__)


_BEGIN = sa.text(
    "INSERT INTO at_work (slot, workflow) SELECT :slot, unnest(CAST(:workflows AS text[])) ON CONFLICT DO NOTHING"
)
_END = sa.text("DELETE FROM at_work WHERE slot = :slot AND workflow = ANY(:workflows)")
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
_CRASHED = sa.text("SELECT workflow FROM crashes WHERE workflow = ANY(:workflows)")
_CLEAR = sa.text("DELETE FROM crashes WHERE workflow = :workflow")
_TO_BLAME = sa.text("SELECT workflow FROM crashes WHERE count >= :limit")
