"""What a worker has begun and not ended is taken up again: put back into the queue, all of it at once.

The engine does the same for one workflow after the other, each in a transaction that waits until it is on the disk.
"""

from __future__ import annotations

import time

import sqlalchemy as sa

from bot.runs.durable.postgres import patiently

# The tables are not part of DBOS's public interface, so pyproject.toml names its minor version.
_PUT_BACK = sa.text(
    "UPDATE workflow_status SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL, updated_at = :now"
    " WHERE status = 'PENDING' AND executor_id = :executor AND application_version = :version"
    " AND queue_name IS NOT NULL"
)


def put_back(engine: sa.Engine, executor: str, version: str) -> int:
    """Have what was begun be begun again, and count it. What somebody else goes on with meanwhile is left alone.

    Args:
        executor: who has begun it.
        version: of the workflows.
    """
    return patiently(lambda: _put_back(engine, executor, version))


def _put_back(engine: sa.Engine, executor: str, version: str) -> int:
    with engine.begin() as connection:
        values = {"executor": executor, "version": version, "now": int(time.time() * 1000)}
        return int(connection.execute(_PUT_BACK, values).rowcount)
