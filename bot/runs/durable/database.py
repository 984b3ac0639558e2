"""The database: a file by default, or a PostgreSQL server for as many processes and machines as there are."""

from __future__ import annotations

import sqlalchemy as sa

from bot.runs.durable.postgres import is_postgres, open_server, place, prepare_server
from bot.runs.durable.sqlite import open_file, prepare_file, sqlite_path


def prepare(database_url: str) -> None:
    """Create the database's tables if they are new.

    Raises:
        UserError: the URL names another kind of database, or this one cannot be used.
    """
    if is_postgres(database_url):
        prepare_server(database_url)
    else:
        prepare_file(database_url)


def open_engine(database_url: str, *, patient: bool) -> sa.Engine:
    """Return connections to a database.

    Args:
        patient: what may pass is waited for, as a run must; otherwise it is a `TransientError` after two seconds,
            because the sender of a delivery does not wait longer than ten.
    """
    return (open_server if is_postgres(database_url) else open_file)(database_url, patient=patient)


def shown(database_url: str) -> str:
    """Return where a database is, without a secret."""
    return place(database_url) if is_postgres(database_url) else str(sqlite_path(database_url))
