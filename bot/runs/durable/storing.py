"""Store what has to be done: what several threads of a process store in one moment becomes one transaction.

A file is written by one at a time, and each transaction waits until it is on the disk, which takes as long as all else
together. Whoever gets the turn therefore stores for all that wait for it; each of them returns when that is on the
disk. On a server, commits of several webs wait for the disk as well, and what is asked costs as much as its rows.

The engine's own way takes one workflow at a time, and on SQLite composes its statements anew for each, which is more
work than all else that is done about a delivery. So the rows are written here, as the engine writes them; a test
compares the two. What the engine has its own rules for, the one run of an issue, is left to it where it is needed.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions

from bot.errors import TransientError
from bot.runs.durable.serializer import APPLICATION, JsonSerializer
from bot.runs.durable.turns import Turns

log = logging.getLogger(__name__)

_MOST = 64

# The tables are not part of DBOS's public interface, so pyproject.toml names its minor version.
_STATUS = sa.text(
    "INSERT INTO workflow_status (workflow_uuid, status, name, queue_name, deduplication_id, application_version,"
    " application_name, serialization, attributes, priority, recovery_attempts)"
    " VALUES (:id, 'ENQUEUED', :name, :queue, :only_one, :version, :application, :serialization, 'null', 0, 0)"
    " ON CONFLICT DO NOTHING"
)
_INPUT = sa.text("INSERT INTO workflow_input (workflow_uuid, inputs) VALUES (:id, :inputs) ON CONFLICT DO NOTHING")
_BOTH = sa.text(
    "WITH wanted AS (SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS one (id text, name text, queue text,"
    " only_one text, version text, application text, serialization text, inputs text)),"
    " stored AS (INSERT INTO workflow_status (workflow_uuid, status, name, queue_name, deduplication_id,"
    " application_version, application_name, serialization, attributes, priority, recovery_attempts)"
    " SELECT id, 'ENQUEUED', name, queue, only_one, version, application, serialization, 'null', 0, 0 FROM wanted"
    " ON CONFLICT DO NOTHING RETURNING workflow_uuid)"
    " INSERT INTO workflow_input (workflow_uuid, inputs)"
    " SELECT id, inputs FROM wanted JOIN stored ON workflow_uuid = id"
)
_KNOWN = sa.text("SELECT workflow_uuid FROM workflow_status WHERE workflow_uuid IN :ids").bindparams(
    sa.bindparam("ids", expanding=True)
)


_Write = Callable[[Sequence[Mapping[str, Any]]], set[str]]
"""Writes what is not there yet, and returns which of it is there now: not the second run of an issue."""


@dataclass(eq=False)
class _Order:
    """Something to be stored, and what came of it.

    Attributes:
        row: what is written of it.
        stored: it is there, or was before.
        fault: why it is not.
        alone: it has to be stored by itself.
    """

    row: dict[str, Any]
    stored: bool = False
    fault: TransientError | None = None
    alone: bool = False

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def waits(self) -> bool:
        return not self.stored and self.fault is None and not self.alone


class Storing:
    """Puts workflows into the engine's queue. Thread-safe.

    Args:
        client: of the engine.
        turns: who may write next.
        stored: called when something new may be there; once for what was stored together.
        together: several at once where several wait; otherwise each by itself.
    """

    def __init__(
        self,
        client: DBOSClient,
        engine: sa.Engine,
        turns: Turns,
        stored: Callable[[], None],
        *,
        together: bool,
    ) -> None:
        self._client = client
        self._write = _on_server(engine) if engine.dialect.name == "postgresql" else _in_file(engine)
        self._serializer = JsonSerializer()
        self._turns = turns
        self._stored = stored
        self._together = together
        self._lock = threading.Lock()
        self._waiting: list[_Order] = []

    def enqueue(self, options: EnqueueOptions, *arguments: Any) -> str:
        """Store a workflow, and return its id, or that of the one there is with the same deduplication id. Durable once
        it returns.

        Raises:
            TransientError: the database cannot be written now.
        """
        if self._together:
            order = _Order(self._row(options, arguments))
            self._with_others(order)
            if order.fault is not None:
                raise order.fault
            if order.stored:
                return order.id
        with self._turns.take():
            stored = self._client.enqueue(options, *arguments).get_workflow_id()
        self._stored()
        return stored

    def _row(self, options: EnqueueOptions, arguments: Sequence[Any]) -> dict[str, Any]:
        return {
            "id": options["workflow_id"],
            "name": options["workflow_name"],
            "queue": options["queue_name"],
            "only_one": options.get("deduplication_id"),
            "version": options.get("app_version"),
            "application": APPLICATION,
            "serialization": self._serializer.name(),
            "inputs": self._serializer.serialize({"args": arguments, "kwargs": {}}),
        }

    def _with_others(self, order: _Order) -> None:
        with self._lock:
            self._waiting.append(order)
        try:
            with self._turns.take():
                # Whoever had the turn before may have stored it.
                if order.waits:
                    self._store(self._taken())
        finally:
            with self._lock:
                if order in self._waiting:
                    self._waiting.remove(order)

    def _taken(self) -> list[_Order]:
        """Take what waits, that of this thread among it: nobody else has had the turn since it was found waiting."""
        with self._lock:
            taken, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        return taken

    def _store(self, orders: list[_Order]) -> None:
        try:
            # In the same order everywhere, because two processes that write the same wait for each other.
            rows = sorted((order.row for order in orders), key=lambda row: (row["only_one"] or "", row["id"]))
            there = self._write(rows)
            for order in orders:
                order.stored = order.id in there
            self._stored()
        except TransientError as fault:
            for order in orders:
                order.fault = fault
            raise
        except (sa.exc.SQLAlchemyError, ValueError) as fault:
            log.warning("%d deliveries are stored one by one: %s", len(orders), fault)
        finally:
            # What is left is tried by itself: whoever wants to store what is to blame is told.
            for order in orders:
                order.alone = order.waits


def _in_file(engine: sa.Engine) -> _Write:
    """Return what writes in one transaction."""

    def write(rows: Sequence[Mapping[str, Any]]) -> set[str]:
        with engine.begin() as connection:
            there = {row["id"] for row in rows}
            if connection.execute(_STATUS, rows).rowcount != len(rows):
                there = _known(connection, there)
            if inputs := [row for row in rows if row["id"] in there]:
                connection.execute(_INPUT, inputs)
        return there

    return write


def _on_server(engine: sa.Engine) -> _Write:
    """Return what writes in one statement, which asks the server once; a transaction around two asks it four times."""
    engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def write(rows: Sequence[Mapping[str, Any]]) -> set[str]:
        there = {row["id"] for row in rows}
        with engine.connect() as connection:
            if connection.execute(_BOTH, {"rows": json.dumps(rows)}).rowcount != len(rows):
                there = _known(connection, there)
        return there

    return write


def _known(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    return set(connection.execute(_KNOWN, {"ids": sorted(ids)}).scalars())
