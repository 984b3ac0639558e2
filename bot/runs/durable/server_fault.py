"""What keeps a PostgreSQL server from being used by the bot, and the one thing to do about it."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg

from bot.runs.durable.postgres import OLDEST, connect, is_refusal, unfit, why

_MADE = "SELECT to_regclass('dbos.dbos_migrations') IS NOT NULL AND to_regclass('gptdeploy.slots') IS NOT NULL"


class Fault(NamedTuple):
    """What is seen, and what is to be done."""

    seen: str
    remedy: str


def server_fault(database_url: str, oldest: int = OLDEST) -> Fault | None:
    """Return what is wrong with a server, as whoever connects sees it; None where nothing is. Takes seconds.

    Args:
        oldest: version that does.
    """
    try:
        with connect(database_url, "doctor") as connection:
            return fault_of(connection, oldest)
    except psycopg.Error as error:
        return refused(error)


def fault_of(connection: psycopg.Connection[tuple[Any, ...]], oldest: int = OLDEST) -> Fault | None:
    """The same with a connection that there is.

    Raises:
        psycopg.Error: it is to be told by `refused`.
    """
    if found := unfit(connection, oldest):
        return Fault(*found)
    if connection.execute(_MADE).fetchone() != (True,):
        return Fault("its tables are not there yet", "Start the bot with `gptdeploy serve` once: it makes them")
    return None


def refused(error: psycopg.Error) -> Fault:
    """Return what a failure to connect, or to ask, comes from."""
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        remedy = "Give the database to the bot's role: `ALTER DATABASE ... OWNER TO ...`, and what is in it"
    elif isinstance(error, psycopg.OperationalError) and is_refusal(error):
        remedy = "Correct DATABASE_URL, or let this machine and its user in on the server"
    else:
        remedy = "Look whether the server runs, and whether this machine reaches it"
    return Fault(f"it cannot be used: {why(error)}", remedy)
