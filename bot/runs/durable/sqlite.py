"""The database as a file: where it and what belongs to it are, who may read it, and what becomes of its failures.

What SQLite says when it cannot go on is said here in terms that DBOS and the bot know: the worker waits for a lock or
for space on the disk however long it takes, and a run notices nothing; everybody else is told at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS
from sqlalchemy import event

from bot.errors import TransientError, UserError
from bot.runs.durable.tables import SQLITE_TABLES

_BESIDE = ("", "-wal", "-shm", "-journal", ".worker", ".bell", ".crashes", ".answered")
"""What the names of the files add that belong to a database: SQLite's own first, then the worker's."""
_LONGEST_SOCKET = 104
_FULL_BYTES = 64 * 1024
"""With less than this SQLite cannot even begin to write."""
_PATIENT_SECONDS = 30.0
_IMPATIENT_SECONDS = 2.0
TURN_SECONDS = 600.0
"""How long a run waits for a connection: at a start, a thousand of them want one at the same moment."""


def sqlite_path(database_url: str) -> Path:
    """Return the file of a database.

    Raises:
        UserError: the URL names another kind of database.
    """
    prefix = "sqlite:///"
    if not database_url.startswith(prefix):
        raise UserError("`DATABASE_URL` must begin with `sqlite:///` or `postgresql://`.")
    return Path(database_url.removeprefix(prefix))


def lock_path(database_url: str) -> Path:
    """Return the file that the database's worker holds; it holds the worker's process id once that takes work."""
    return _beside(sqlite_path(database_url), ".worker")


def crashes_path(database_url: str) -> Path:
    """Return the file in which the worker notes what is at work, for the next one to find after a crash."""
    return _beside(sqlite_path(database_url), ".crashes")


def answered_path(database_url: str) -> Path:
    """Return the file in which the worker notes what people without write access were answered."""
    return _beside(sqlite_path(database_url), ".answered")


def bell_path(database_url: str) -> Path:
    """Return the socket at which the database's worker hears that a run has something to look at."""
    path = sqlite_path(database_url).resolve()
    bell = _beside(path, ".bell")
    # https://man7.org/linux/man-pages/man7/unix.7.html: a socket's path has 108 bytes at the most.
    if len(os.fsencode(bell)) < _LONGEST_SOCKET:
        return bell
    return Path(tempfile.gettempdir()) / f"gptdeploy-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}.bell"


def prepare_file(database_url: str) -> None:
    """Create the database if it is new, and have SQLite write ahead, which lets readers and a writer work together.

    Nobody but this user can read it, nor what belongs to it, from its first byte on; files from before are corrected.

    Raises:
        UserError: the URL names another kind of database, or others can read the file and this user cannot change that.
    """
    path = sqlite_path(database_url)
    _make_private(path)
    connection = sqlite3.connect(path, timeout=_PATIENT_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        for statement in SQLITE_TABLES:
            connection.execute(statement)
    finally:
        connection.close()
    DBOS.migrate(database_url)


def open_file(database_url: str, *, patient: bool) -> sa.Engine:
    """Return connections to a database.

    Args:
        patient: a lock, and a full disk, are waited for, as a run must; otherwise they are a `TransientError` after two
            seconds, because the sender of a delivery does not wait longer than ten.
    """
    # A web process has 16 threads; a worker has a thread for each run, and those take turns.
    turn = TURN_SECONDS if patient else _IMPATIENT_SECONDS
    engine = sa.create_engine(database_url, pool_size=5, max_overflow=15, pool_timeout=turn)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        # As DBOS sets up its own; `secure_delete` is ours: what is deleted is overwritten in the file, too.
        connection.isolation_level = "IMMEDIATE"
        connection.execute(f"PRAGMA busy_timeout={_seconds(patient) * 1000:.0f}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "handle_error")
    def fail(context: sa.engine.ExceptionContext) -> None:
        error = context.original_exception
        if not isinstance(error, sqlite3.Error):
            return
        full = _is_full(error, sqlite_path(database_url))
        if patient and full:
            # DBOS does again what meets a lock until it gets through, and knows a lock by these words.
            waits = sqlite3.OperationalError(f"database is locked until there is space on its disk: {error}")
            raise sa.exc.OperationalError(context.statement, None, waits) from error
        if not patient and (full or _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)):
            what = "there is no space on its disk" if full else "another process holds it"
            raise TransientError(f"The database cannot be used now: {what}.") from error

    return engine


def _seconds(patient: bool) -> float:
    return _PATIENT_SECONDS if patient else _IMPATIENT_SECONDS


def _is_full(error: sqlite3.Error, path: Path) -> bool:
    """Return whether the disk of a database has no space, which SQLite says in several ways."""
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return True
    return code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and free_bytes(path) < _FULL_BYTES


def free_bytes(path: Path) -> int:
    """Return how much space is left for a database."""
    return shutil.disk_usage(path.parent).free


def _code(error: sqlite3.Error) -> int:
    """Return an error's kind, without what SQLite says of it in the higher bytes; 0 where it names none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _make_private(path: Path) -> None:
    missing = [folder for folder in path.parent.parents if not folder.exists()]
    for folder in [*reversed(missing), path.parent]:
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    # SQLite gives the files beside it the mode of this one.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    for suffix in _BESIDE:
        file = _beside(path, suffix)
        try:
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)
        except FileNotFoundError:
            continue
        except PermissionError as error:
            raise UserError(f"Other users can read {file}, and I may not change that: `chmod 600` it.") from error


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
