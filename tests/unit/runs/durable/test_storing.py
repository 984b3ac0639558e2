"""What several threads store in one moment is one transaction, and each still gets an answer of its own."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions

from bot.errors import TransientError
from bot.runs.durable.database import open_engine
from bot.runs.durable.serializer import APPLICATION, JsonSerializer
from bot.runs.durable.storing import Storing
from bot.runs.durable.turns import Turns
from tests.unit.runs.durable.conftest import both


class Bench:
    """A database, and threads that store into it once they all wait."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url, patient=False)
        self.turns = Turns(5.0)
        self.writes = 0
        sa.event.listen(self.engine, "after_cursor_execute", self._count)
        self.client = DBOSClient(
            system_database_engine=self.engine, serializer=JsonSerializer(), application_name=APPLICATION
        )
        self.rings = 0
        self.storing = Storing(self.client, self.engine, self.turns, self._ring, together=True)
        self._threads = ThreadPoolExecutor(20)

    def all_at_once(self, calls: list[Callable[[], str]]) -> list[Future[str]]:
        with self.turns.take():
            futures = [self._threads.submit(call) for call in calls]
            while len(self.storing._waiting) < len(calls):
                time.sleep(0.01)
            self.writes = 0
        for future in futures:
            future.exception(30)
        return futures

    def order(self, name: str, issue: str = "") -> Callable[[], str]:
        return lambda: self.storing.enqueue(_options(name, issue), 1)

    def row(self, name: str) -> dict[str, Any]:
        """Return what is stored under an id, without what says when and by whom."""
        joined = "SELECT s.*, i.inputs AS given FROM workflow_status s JOIN workflow_input i USING (workflow_uuid)"
        with self.engine.connect() as connection:
            found = connection.execute(sa.text(f"{joined} WHERE s.workflow_uuid = :id"), {"id": name})
            row = dict(found.mappings().one())
        assert row.pop("created_at") > 1e12 and row.pop("updated_at") > 1e12
        del row["creator_xid"]
        return row

    def stored(self) -> set[str]:
        with self.engine.connect() as connection:
            return set(connection.exec_driver_sql("SELECT workflow_uuid FROM workflow_input").scalars())

    def _count(self, _connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        self.writes += "INTO workflow_status" in statement

    def _ring(self) -> None:
        self.rings += 1


def _options(name: str, issue: str = "") -> EnqueueOptions:
    options: EnqueueOptions = {"queue_name": "q", "workflow_name": "run", "workflow_id": name, "app_version": "1"}
    if issue:
        options |= {"deduplication_id": issue, "duplication_policy": "return-existing"}
    return options


@pytest.fixture
def bench(url: str) -> Iterator[Bench]:
    bench = Bench(url)
    yield bench
    bench._threads.shutdown()
    bench.engine.dispose()


@both
def test_what_waits_together_is_one_transaction(bench: Bench) -> None:
    names = [f"w-{number}" for number in range(16)]
    futures = bench.all_at_once([bench.order(name) for name in names])
    assert [future.result() for future in futures] == names
    assert (bench.stored(), bench.writes, bench.rings) == (set(names), 1, 1)


@both
@pytest.mark.parametrize("issue", ["", "o/r#1"])
def test_what_is_stored_is_what_the_engine_itself_stores(bench: Bench, issue: str) -> None:
    assert bench.order("w", issue)() == "w"
    ours = bench.row("w")
    bench.client.delete_workflow("w")
    bench.client.enqueue(_options("w", issue), 1)
    assert ours == bench.row("w")
    assert ours["given"] == '{"args": [1], "kwargs": {}}'


@both
def test_one_alone_is_stored_at_once_and_twice_is_once(bench: Bench) -> None:
    assert bench.order("w")() == bench.order("w")() == "w"
    assert bench.stored() == {"w"}


@both
def test_there_is_one_for_an_issue_also_among_those_stored_together(bench: Bench) -> None:
    assert bench.order("first", "o/r#1")() == "first"
    calls = [bench.order("a", "o/r#1"), bench.order("b", "o/r#2"), bench.order("c", "o/r#2"), bench.order("d")]
    results = [future.result() for future in bench.all_at_once(calls)]
    assert results[0] == "first" and results[1] == results[2] and results[1] in "bc" and results[3] == "d"
    assert bench.stored() == {"first", results[1], "d"}


@both
def test_one_that_cannot_be_stored_fails_alone(bench: Bench) -> None:
    # No database takes this as text.
    futures = bench.all_at_once([bench.order("a"), bench.order("b\ud800"), bench.order("c")])
    assert (futures[0].result(), futures[2].result()) == ("a", "c")
    assert isinstance(futures[1].exception(), UnicodeEncodeError)
    assert bench.stored() == {"a", "c"}
    with pytest.raises(TypeError):
        bench.storing.enqueue(_options("d"), threading)
    assert bench.stored() == {"a", "c"}


def test_while_the_database_is_locked_all_are_told_and_nothing_is_stored(bench: Bench, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "runs.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        futures = bench.all_at_once([bench.order(name) for name in "abc"])
        assert [type(future.exception()) for future in futures] == [TransientError] * 3
    assert bench.stored() == set()
    assert bench.storing._waiting == []
