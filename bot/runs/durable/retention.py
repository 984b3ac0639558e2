"""How long the database keeps what: a day after a run has ended, only what is shown of it; after 30 days, nothing.

What is shown of a run is its progress. Its replay, which nobody needs any more, holds the issue's words, the model's
answers and the logs of its builds.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from dbos import DBOS

log = logging.getLogger(__name__)

SHRINK_AFTER = timedelta(days=1)
_FORGET_AFTER = timedelta(days=30)
_EVERY_SECONDS = 3600.0
_AT_ONCE = 100
"""How many workflows are shrunk in one transaction: deliveries are stored between two of them."""
_REWRITTEN = 1
"""SQLite's `user_version` of a file in which everything that was deleted is overwritten."""

# The tables are not part of DBOS's public interface, so pyproject.toml names its minor version. A workflow's input is
# the last to go: as long as it is there, there is something to shrink.
_ENDED = sa.text(
    "SELECT workflow_uuid FROM workflow_status JOIN workflow_input USING (workflow_uuid)"
    " WHERE status NOT IN ('ENQUEUED', 'PENDING', 'DELAYED') AND completed_at < :before LIMIT :at_once"
)
_TABLES = ("operation_outputs", "workflow_events_history", "workflow_output", "workflow_input")


def keep_tidy(engine: sa.Engine, path: Path | None, stopping: threading.Event) -> None:
    """Forget what is old enough, now and every hour, until told to stop.

    Args:
        path: of the database's file; None where it is a server, which uses the space of what was deleted by itself.
    """
    if path is not None:
        rewrite_once(path)
    while True:
        try:
            forget()
            shrink(engine, datetime.now(UTC) - SHRINK_AFTER)
        except Exception:
            # Whatever it is, the runs go on, and it is tried again.
            log.exception("the database could not be tidied up")
        if stopping.wait(_EVERY_SECONDS):
            return


def forget() -> None:
    """Delete the workflows that ended long ago; unfinished runs are kept whatever their age."""
    before = datetime.now(UTC) - _FORGET_AFTER
    old = DBOS.list_workflows(completed_before=before.isoformat(), load_input=False, load_output=False)
    DBOS.delete_workflows([workflow.workflow_id for workflow in old])


def shrink(engine: sa.Engine, before: datetime) -> int:
    """Delete all but the progress of what ended before a moment, in a file overwrite it, and return how many."""
    shrunk = 0
    while found := _shrink_some(engine, before):
        shrunk += found
    if shrunk and engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            # Otherwise it would stand in the write-ahead log until that is written over.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return shrunk


def _shrink_some(engine: sa.Engine, before: datetime) -> int:
    with engine.begin() as connection:
        moment = {"before": int(before.timestamp() * 1000), "at_once": _AT_ONCE}
        ended = list(connection.execute(_ENDED, moment).scalars())
        for table in _TABLES:
            # The names of tables are those above.
            statement = sa.text(f"DELETE FROM {table} WHERE workflow_uuid IN :ended")  # noqa: S608
            connection.execute(statement.bindparams(sa.bindparam("ended", ended, sa.Text, expanding=True)))
    return len(ended)


def rewrite_once(path: Path) -> None:
    """Rewrite a file whose free space still holds what was deleted before deleting meant to overwrite."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        if connection.execute("PRAGMA user_version").fetchone() == (_REWRITTEN,):
            return
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute(f"PRAGMA user_version={_REWRITTEN}")
    except sqlite3.OperationalError as error:
        # It takes as much space as the file has. The next start tries again.
        log.warning("the database could not be rewritten: %s", error)
    finally:
        connection.close()
