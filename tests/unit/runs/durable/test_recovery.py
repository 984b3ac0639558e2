"""What a worker has begun is put back into the queue at once, and nothing else is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.runs.durable.client import RUN, DurableRuns
from bot.runs.durable.database import open_engine
from bot.runs.durable.recovery import put_back
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import request

_BEGIN = sa.text(
    "UPDATE workflow_status SET status = :status, executor_id = :executor, application_version = :version,"
    " owner_xid = 'x', started_at_epoch_ms = 1, recovery_attempts = 1 WHERE workflow_uuid = :id"
)
_ROWS = sa.text("SELECT workflow_uuid, status, owner_xid, started_at_epoch_ms, recovery_attempts FROM workflow_status")


@both
@pytest.mark.parametrize(
    ("status", "executor", "version", "is_put_back"),
    [
        ("PENDING", "slot-1", "22", True),
        ("PENDING", "slot-2", "22", False),
        ("PENDING", "slot-1", "21", False),
        ("SUCCESS", "slot-1", "22", False),
        ("CANCELLED", "slot-1", "22", False),
    ],
)
def test_what_this_one_has_begun_and_not_ended_is_begun_again(
    url: str, runs: DurableRuns, status: str, executor: str, version: str, is_put_back: bool
) -> None:
    stored = runs.start(request("d-1")).run_id
    engine = open_engine(url, patient=True)
    begun = {"status": status, "executor": executor, "version": version, "id": stored}
    with engine.begin() as connection:
        connection.execute(_BEGIN, begun)

    assert put_back(engine, "slot-1", "22") == is_put_back

    with engine.connect() as connection:
        row = tuple(connection.execute(_ROWS).one())
    assert row == ((stored, "ENQUEUED", None, None, 1) if is_put_back else (stored, status, "x", 1, 1))


@both
def test_a_thousand_are_put_back_in_one_transaction(url: str, runs: DurableRuns) -> None:
    engine, commits = open_engine(url, patient=True), []
    many = [{"id": f"w-{number}", "name": RUN} for number in range(1000)]
    statement = sa.text(
        "INSERT INTO workflow_status"
        " (workflow_uuid, name, status, executor_id, application_version, queue_name, priority)"
        " VALUES (:id, :name, 'PENDING', 'slot-1', '22', 'q', 0)"
    )
    with engine.begin() as connection:
        connection.execute(statement, many)
    sa.event.listen(engine, "commit", lambda _connection: commits.append(1))

    assert (put_back(engine, "slot-1", "22"), len(commits)) == (1000, 1)
    assert put_back(engine, "slot-1", "22") == 0
