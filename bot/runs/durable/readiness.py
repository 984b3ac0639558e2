"""What keeps the bot from its work at the moment, looked at from outside of the worker."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing

import psycopg

from bot.runs.durable.postgres import connect, is_postgres
from bot.runs.durable.server_fault import fault_of, refused
from bot.runs.durable.server_slot import Lease
from bot.runs.durable.sqlite import free_bytes, lock_path, sqlite_path

_LOW_BYTES = 50 * 1024 * 1024
_LOOK_SECONDS = 1.0
_SILENT_SECONDS = 180.0
"""A worker that has not looked for work for so long does not; DBOS itself may wait for two minutes."""
_WORKERS = (
    "SELECT extract(epoch FROM clock_timestamp() - looked_at) FROM gptdeploy.slots"
    " WHERE holder <> '' AND renewed_at > clock_timestamp() - make_interval(secs => %s)"
    " ORDER BY looked_at DESC NULLS LAST LIMIT 1"
)
_ANY_WORKER = "SELECT 1 FROM gptdeploy.slots LIMIT 1"


def causes(database_url: str) -> dict[str, str]:
    """Return in words what is wrong with the database, its disk and the worker; {} where nothing is.

    It takes two seconds at the most, and waits for no other thread of this process.
    """
    if is_postgres(database_url):
        return _on_server(database_url)
    looks = {"database": _database, "disk": _disk, "worker": _worker}
    return {name: cause for name, look in looks.items() if (cause := look(database_url))}


def _database(database_url: str) -> str:
    path = sqlite_path(database_url)
    try:
        # By its URI, so that a file that is gone is not made anew.
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_LOOK_SECONDS)
        ) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("SELECT count(*) FROM dbos_migrations").fetchone()
            database.rollback()
    except sqlite3.Error as error:
        locked = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        return "it is locked by another process" if locked else f"it cannot be used: {error}"
    return ""


def _disk(database_url: str) -> str:
    free = free_bytes(sqlite_path(database_url))
    return f"{free // 1024**2} MB are free, less than {_LOW_BYTES // 1024**2}" if free < _LOW_BYTES else ""


def _worker(database_url: str) -> str:
    path = lock_path(database_url)
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return "none has been started"
    try:
        # Whoever gets the lock is told that nobody has it, and lets it go at once.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _silence(time.time() - os.fstat(handle).st_mtime)
    else:
        return "it is not running"
    finally:
        os.close(handle)


def _on_server(database_url: str) -> dict[str, str]:
    """The server's disk is its own operator's to look after: a full one is told as the database's fault."""
    try:
        with connect(database_url, "readiness") as connection:
            connection.execute("SET statement_timeout = '1s'")
            if fault := fault_of(connection):
                return {"database": fault.seen}
            found = connection.execute(_WORKERS, (Lease().free,)).fetchone()
            any_worker = connection.execute(_ANY_WORKER).fetchone()
    except psycopg.Error as error:
        return {"database": refused(error).seen}
    if found is None:
        return {"worker": "it is not running" if any_worker else "none has been started"}
    cause = _silence(float(found[0] or 0))
    return {"worker": cause} if cause else {}


def _silence(seconds: float) -> str:
    return f"it has not looked for work for {seconds:.0f} seconds" if seconds > _SILENT_SECONDS else ""
