"""What keeps the bot from its work at the moment, looked at from outside of the worker."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing

from bot.runs.durable.database import free_bytes, lock_path, sqlite_path

_LOW_BYTES = 50 * 1024 * 1024
_LOOK_SECONDS = 1.0
_SILENT_SECONDS = 180.0
"""A worker that has not looked for work for so long does not; DBOS itself may wait for two minutes."""


def causes(database_url: str) -> dict[str, str]:
    """Return in words what is wrong with the database, its disk and the worker; {} where nothing is.

    It takes two seconds at the most, and waits for no other thread of this process.
    """
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
        silent = time.time() - os.fstat(handle).st_mtime
        return f"it has not looked for work for {silent:.0f} seconds" if silent > _SILENT_SECONDS else ""
    else:
        return "it is not running"
    finally:
        os.close(handle)
