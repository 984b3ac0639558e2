"""The database as a PostgreSQL server: how it is reached, and what becomes of its failures.

A worker waits for the server however long it takes, and a run notices nothing; everybody else is told at once. What the
address holds of secrets is in no text of ours and in none of the driver's.
"""

from __future__ import annotations

import logging
import os
import select
import time
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from dbos import DBOS
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from bot.errors import TransientError, UserError
from bot.runs.durable.sqlite import TURN_SECONDS
from bot.runs.durable.tables import POSTGRES_TABLES, SCHEMA

log = logging.getLogger(__name__)

T = TypeVar("T")

PREFIX = "postgresql://"
OLDEST = 14
"""The oldest version of the server that is supported by its own project, and so by the bot."""
_START_SECONDS = 60.0
"""How long a start waits for the server: the two often start together."""
_PAUSE_SECONDS = 1.0
_PATIENT_SECONDS = 30.0
_IMPATIENT_SECONDS = 2.0
_DEAD_SECONDS = 8
"""After which a server that does not answer is known to be away."""
_RIGHTS = (
    "SELECT count(nspname) < 2, has_database_privilege(current_database(), 'CREATE'), current_database(), current_user"
    " FROM pg_namespace WHERE nspname IN ('dbos', %s)"
)
# Any number: whoever makes the tables holds it.
_TABLES_LOCK = 7_203_881
# A server has 100 connections by default, for all processes together.
_KEPT, _MORE = 4, 8


def is_postgres(database_url: str) -> bool:
    """Return whether a database is a server."""
    return database_url.startswith(PREFIX)


def place(database_url: str) -> str:
    """Return where a database is, in words without a secret.

    Raises:
        UserError: it is no address.
    """
    url = _parsed(database_url)
    host = url.host or url.query.get("host") or "this machine"
    return f"the database {url.database or url.username or ''} of {host}{f':{url.port}' if url.port else ''}"


def connect(database_url: str, name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection of its own, without transactions, for what lasts as long as it does.

    Args:
        name: of what it is for; the server's list of connections shows it.

    Raises:
        psycopg.OperationalError: the server cannot be reached.
    """
    _, where = PGDialect_psycopg().create_connect_args(_parsed(database_url))  # type: ignore[no-untyped-call]
    return psycopg.connect(autocommit=True, **(where | _arguments(name)))


def prepare_server(database_url: str) -> None:
    """Create the tables if they are new. Several processes may do that at the same time.

    Raises:
        UserError: the server refuses, or cannot be reached for a minute.
    """
    _wait_for(database_url)
    with connect(database_url, "tables") as connection:
        if found := unfit(connection):
            seen, remedy = found
            raise UserError(f"{_capital(place(database_url))} cannot be used: {seen}. {remedy}.")
    try:
        DBOS.migrate(database_url)
        with connect(database_url, "tables") as connection:
            # Two processes that both find a table missing would fail at making it.
            connection.execute("SELECT pg_advisory_lock(%s)", (_TABLES_LOCK,))
            # A role that may make no schemas can own this one; for IF NOT EXISTS it would need the right all the same.
            if connection.execute("SELECT to_regnamespace(%s) IS NULL", (SCHEMA,)).fetchone() == (True,):
                connection.execute(f"CREATE SCHEMA {SCHEMA}")
            for statement in POSTGRES_TABLES:
                connection.execute(statement)
            connection.execute("SELECT pg_advisory_unlock(%s)", (_TABLES_LOCK,))
    except (sa.exc.ProgrammingError, psycopg.errors.InsufficientPrivilege) as error:
        said = why(cause) if isinstance(cause := getattr(error, "orig", error), psycopg.Error) else type(error).__name__
        raise UserError(f"{_capital(place(database_url))} cannot be used: {said}.") from None


def unfit(connection: psycopg.Connection[tuple[Any, ...]], oldest: int = OLDEST) -> tuple[str, str] | None:
    """Return why the bot's tables can be neither made nor used, and what to do about it; None where they can."""
    version = connection.info.server_version // 10_000
    if version < oldest:
        return f"it is PostgreSQL {version}, and {oldest} is the oldest that does", "Update the server"
    if connection.execute("SHOW transaction_read_only").fetchone() == ("on",):
        return "it can be read only", "Name the server that takes writes in DATABASE_URL, not a copy of it"
    # Who owns a schema may make tables in it; a new one needs more.
    missing, may, database, role = connection.execute(_RIGHTS, (SCHEMA,)).fetchone() or (True, False, "", "")
    if missing and not may:
        return "its user may make no schemas", f"Let it: `GRANT CREATE ON DATABASE {database} TO {role}`"
    return None


def open_server(database_url: str, *, patient: bool) -> sa.Engine:
    """Return connections to a database, which all of a process share.

    Args:
        patient: a server that is away is waited for, as a run must; otherwise that is a `TransientError` after two
            seconds, because the sender of a delivery does not wait longer than ten.
    """
    # Those of another process would be used by both at once.
    return _engine(database_url, patient, os.getpid())


def patiently(action: Callable[[], T]) -> T:
    """Do what only reads, or may be done twice, and do it again as long as the server is away."""
    while True:
        try:
            return action()
        except sa.exc.DBAPIError as error:
            if not isinstance(error.orig, psycopg.OperationalError | psycopg.InterfaceError):
                raise
            log.warning("the database is waited for: %s", why(error.orig))
        time.sleep(_PAUSE_SECONDS)


@cache
def _engine(database_url: str, patient: bool, _process: int) -> sa.Engine:
    seconds = _PATIENT_SECONDS if patient else _IMPATIENT_SECONDS
    engine = sa.create_engine(
        _parsed(database_url).set(drivername="postgresql+psycopg"),
        pool_size=_KEPT,
        max_overflow=_MORE,
        pool_timeout=TURN_SECONDS if patient else seconds,
        hide_parameters=True,
        connect_args=_arguments("runs") | {"connect_timeout": int(seconds)},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.execute(f"SET search_path = {SCHEMA}, dbos")
        # A worker that stands still in the middle of one holds up whoever goes on with its runs.
        connection.execute("SET idle_in_transaction_session_timeout = '10s'")
        if not patient:
            connection.execute(f"SET statement_timeout = '{_IMPATIENT_SECONDS:.0f}s'")
        # The pool would undo it otherwise.
        connection.commit()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, _record: object, _proxy: object) -> None:
        # A connection that the server has closed meanwhile is not found out by a delivery. To ask the server each time
        # took a twentieth of one; where nobody has asked anything, there is something to read only when it has closed.
        if connection.closed or _is_readable(connection):
            raise sa.exc.InvalidatePoolError

    @event.listens_for(engine, "handle_error")
    def fail(context: sa.engine.ExceptionContext) -> None:
        error = context.original_exception
        if not patient and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            raise TransientError(f"The database cannot be used now: {why(error)}.") from error

    return engine


def _is_readable(connection: Any) -> bool:
    # `select.select` takes no number from 1024 on, as a worker with many runs has them.
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def why(error: psycopg.Error) -> str:
    """Return in a line what the server or its driver says, without where it was looked for."""
    if error.diag.message_primary:
        return error.diag.message_primary
    _, fatal, said = str(error).partition("FATAL:")
    if fatal:
        return said.strip().splitlines()[0]
    return "the server does not answer" if error.sqlstate is None else f"error {error.sqlstate}"


def _parsed(database_url: str) -> sa.URL:
    try:
        url = sa.make_url(database_url)
    except (sa.exc.ArgumentError, ValueError):
        # Its text would hold the address.
        raise UserError(f"`DATABASE_URL` is no address: `{PREFIX}USER:PASSWORD@HOST/DATABASE`.") from None
    return url


def _arguments(name: str) -> dict[str, Any]:
    return {
        "application_name": f"gptdeploy {name}",
        "connect_timeout": _DEAD_SECONDS,
        # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-KEEPALIVES
        "keepalives_idle": _DEAD_SECONDS,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": _DEAD_SECONDS * 1000,
    }


def _wait_for(database_url: str) -> None:
    until = time.monotonic() + _START_SECONDS
    waits = False
    while True:
        try:
            with connect(database_url, "start"):
                return
        except psycopg.OperationalError as error:
            # Where a password or a name is wrong, waiting changes nothing; that it starts or stops passes.
            refuses = error.sqlstate is not None and not error.sqlstate.startswith(("57", "53", "08"))
            if refuses or is_refusal(error) or time.monotonic() > until:
                raise UserError(f"{_capital(place(database_url))} cannot be used: {why(error)}.") from None
            if not waits:
                log.warning("%s is waited for: %s", place(database_url), why(error))
            waits = True
        time.sleep(_PAUSE_SECONDS)


def is_refusal(error: psycopg.OperationalError) -> bool:
    """Return whether the server has turned a connection away for good: waiting changes nothing."""
    # At a connection's start the driver gives no code, and the server's own words begin with its word for the gravest.
    return "FATAL:" in str(error) and not any(
        words in str(error) for words in ("starting up", "shutting down", "in recovery", "too many", "remaining")
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
