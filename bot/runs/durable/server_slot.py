"""A worker's slot on a PostgreSQL server.

A slot is a number that is part of the database's record of who carries out what. A worker holds its slot by a session
advisory lock, and renews it every few seconds. What it has begun is another worker's to go on with only when the slot
was given back, or was not renewed for 12 seconds; and a worker that could not renew its slot for 6 seconds begins no
step until it has. So no two of them begin the steps of one run at the same time, whatever
happens to connections, machines and clocks. A step that had begun before may still end; the engine then refuses its
result, because the run is another worker's, and what it did to GitHub is found by the one who does it again.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from bot.errors import UserError
from bot.runs.durable.postgres import connect, why

log = logging.getLogger(__name__)

_MOST = 10_000
_LEADER = 0
"""The slot of which only the lock is used."""
_LOOK_SECONDS = 0.1
_JOIN_SECONDS = 5.0
_LOCKS = 7_203_882
"""The first half of the advisory locks' numbers; the second is the slot's."""
_TAKE = (
    "INSERT INTO gptdeploy.slots AS s (slot, holder, version, renewed_at)"
    " VALUES (%(slot)s, %(holder)s, %(version)s, clock_timestamp())"
    " ON CONFLICT (slot) DO UPDATE SET holder = excluded.holder, version = excluded.version,"
    " renewed_at = excluded.renewed_at, looked_at = NULL WHERE s.holder = ''"
    # What is in it could not be gone on with by this version, nor be found by a worker of the other one.
    " AND (s.version = excluded.version OR 'slot-' || s.slot NOT IN"
    " (SELECT executor_id FROM dbos.workflow_status WHERE status = 'PENDING')) RETURNING slot"
)
_RENEW = (
    "UPDATE gptdeploy.slots SET renewed_at = clock_timestamp(),"
    " looked_at = clock_timestamp() - make_interval(secs => %(age)s) WHERE slot = %(slot)s AND holder = %(holder)s"
)
_GIVE_BACK = (
    "UPDATE gptdeploy.slots SET holder = '', renewed_at = clock_timestamp()"
    " WHERE slot = %(slot)s AND holder = %(holder)s"
)
# Whose slot has no holder any more, and who has not been heard of.
_ABANDONED = (
    "SELECT slot, holder FROM gptdeploy.slots WHERE slot <> %(own)s AND CASE WHEN holder <> ''"
    " THEN renewed_at < clock_timestamp() - make_interval(secs => %(free)s)"
    " ELSE 'slot-' || slot IN (SELECT executor_id FROM dbos.workflow_status WHERE status = 'PENDING') END"
)
_EMPTY = (
    "UPDATE gptdeploy.slots SET holder = '' WHERE slot = %(slot)s AND holder = %(holder)s"
    " AND (holder = '' OR renewed_at < clock_timestamp() - make_interval(secs => %(free)s))"
)
_HOLDS = "SELECT 1 FROM gptdeploy.slots WHERE slot = %(slot)s AND holder = %(holder)s"
_END_HOLDER = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %(locks)s"
    " AND objid = %(slot)s AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND EXISTS (SELECT 1 FROM gptdeploy.slots WHERE slot = %(slot)s AND holder <> ''"
    " AND renewed_at < clock_timestamp() - make_interval(secs => %(silent)s))"
)


@dataclass(frozen=True)
class Lease:
    """How long a slot is whose, in seconds.

    Attributes:
        renew: how often a worker renews its slot.
        holds: how long it counts on a slot that it has renewed.
        free: after how long another worker may go on with what is in it; more than `holds`.
        look: how often a worker looks for what it could go on with.
        older: for how long an older version of the bot whose workers are all gone may be about to be started again.
        newer: for how long the workers of a newer version are waited for, of which there are webs already.
    """

    renew: float = 2.0
    holds: float = 6.0
    free: float = 12.0
    look: float = 3.0
    older: float = 60.0
    newer: float = 600.0

    @property
    def silent(self) -> float:
        """After how long no other worker that goes on with what is in a slot is mistaken for its holder."""
        return 2 * self.free


class ServerSlot:
    """A number that an advisory lock of a session of its own holds.

    Args:
        version: of the workflows that this worker can go on with.
        lost: called where another worker goes on with what this one has begun; by default the process ends, and its
            supervisor starts one that has a slot of its own.
    """

    def __init__(self, database_url: str, version: str, lease: Lease, lost: Callable[[], None] | None = None) -> None:
        self._database_url = database_url
        self._lease = lease
        self._lost = lost or _end
        self._connection = connect(database_url, "worker")
        self._connected_at = self._beat_at = time.monotonic()
        self.holder = uuid.uuid4().hex
        self._holds = {"holder": self.holder, "version": version}
        self._holds_until = 0.0
        self._led_by: psycopg.Connection[Any] | None = None
        self.number = self._take()
        self.executor = executor(self.number)
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="slot", daemon=True)
        self._keeper.start()

    def hold(self) -> None:
        """See `Slot`."""
        while time.monotonic() > self._holds_until:
            time.sleep(_LOOK_SECONDS)

    def ready(self) -> None:
        """See `Slot`."""
        self._beat_at = time.monotonic()

    def beat(self) -> None:
        """See `Slot`."""
        self._beat_at = time.monotonic()
        self.hold()

    def leads(self) -> bool:
        """See `Slot`."""
        connection = self._connection
        try:
            # Whose session had it before has it no more: there is nothing to give back.
            if self._led_by is not connection and self._try_lock(_LEADER):
                self._led_by = connection
        except psycopg.Error as error:
            log.warning("it is not known which worker leads: %s", why(error))
            return False
        return self._led_by is connection and not connection.closed

    def abandoned(self) -> Iterator[int]:
        """See `Slot`."""
        # A server that was away has heard of nobody; who is alive comes back within that time.
        patient = time.monotonic() < self._connected_at + self._lease.free
        try:
            for slot, holder in self._connection.execute(
                _ABANDONED, {"own": self.number, "free": self._lease.free}
            ).fetchall():
                if patient and holder:
                    continue
                with self._locked(slot) as locked:
                    if (
                        locked
                        and self._connection.execute(
                            _EMPTY, {"slot": slot, "holder": holder, "free": self._lease.free}
                        ).rowcount
                    ):
                        yield slot
        except psycopg.Error as error:
            log.warning("it could not be looked for what nobody goes on with: %s", why(error))

    def stop(self) -> None:
        """Nobody looks at a single worker."""

    def give_back(self) -> None:
        """See `Slot`."""
        self._stopping.set()
        self._keeper.join(_JOIN_SECONDS)
        try:
            self._connection.execute(_GIVE_BACK, {"slot": self.number, **self._holds})
            # The server takes a moment to notice that a session has ended.
            self._connection.execute("SELECT pg_advisory_unlock_all()")
            self._connection.close()
        except psycopg.Error as error:
            log.warning("slot %d is free in a while only: %s", self.number, why(error))

    @contextmanager
    def _locked(self, slot: int) -> Iterator[bool]:
        locked = self._try_lock(slot)
        if not locked:
            # It stands still, or its machine is gone and the server has not noticed.
            self._connection.execute(_END_HOLDER, {"locks": _LOCKS, "slot": slot, "silent": self._lease.silent})
        try:
            yield locked
        finally:
            if locked:
                self._connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_LOCKS, slot))

    def _try_lock(self, slot: int) -> bool:
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCKS, slot)).fetchone()
        return bool(row and row[0])

    def _take(self) -> int:
        for slot in range(1, _MOST):
            if not self._try_lock(slot):
                continue
            began = time.monotonic()
            if self._connection.execute(_TAKE, {"slot": slot, **self._holds}).rowcount:
                self._holds_until = began + self._lease.holds
                return slot
            self._connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_LOCKS, slot))
        raise UserError(f"{_MOST} workers are more than this database takes.")

    def _keep(self) -> None:
        pause = self._lease.renew
        while not self._stopping.wait(pause):
            try:
                if self._connection.closed:
                    self._come_back()
                began = time.monotonic()
                values = {"slot": self.number, "age": began - self._beat_at, **self._holds}
                kept = self._connection.execute(_RENEW, values).rowcount
                pause = self._lease.renew
            except psycopg.Error as error:
                log.warning("slot %d could not be renewed: %s", self.number, why(error))
                self._connection.close()
                kept, pause = None, self._lease.renew / 5
            if kept:
                self._holds_until = began + self._lease.holds
            elif kept == 0:
                self._stopping.set()
                self._holds_until = float("-inf")
                log.critical("slot %d is lost: another worker goes on with what this one had begun", self.number)
                self._lost()

    def _come_back(self) -> None:
        connection: psycopg.Connection[Any] = connect(self._database_url, "worker")
        self._connection, self._connected_at = connection, time.monotonic()
        if not self._try_lock(self.number):
            # The server has not noticed that the session before is gone. Or it is another worker: that is seen next.
            end = {"locks": _LOCKS, "slot": self.number, "silent": 0}
            if connection.execute(_HOLDS, {"slot": self.number, **self._holds}).fetchone():
                connection.execute(_END_HOLDER, end)
                connection.close()


def executor(slot: int) -> str:
    """Return by what the engine knows the worker with a slot."""
    return f"slot-{slot}"


def _end() -> None:
    os._exit(1)
