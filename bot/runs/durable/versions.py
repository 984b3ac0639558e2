"""What was stored by another version of the bot: who goes on with it, and when.

Several workers share a server, and an update changes them and the webs one after the other, in any order. What another
version has stored is left to its workers while there are any. An older version's are gone when none was heard of for a
minute: one may be about to be started again. A newer version's are about to come: its webs were updated first. They are
waited for longer, because this version may not know what the newer one has stored, and not for ever, because the update
may have been taken back.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa

from bot.runs.durable.server_slot import Lease

log = logging.getLogger(__name__)

_OF_OTHERS = "application_version <> :version AND status IN ('ENQUEUED', 'PENDING', 'DELAYED')"
_VERSIONS = sa.text(f"SELECT DISTINCT application_version FROM workflow_status WHERE {_OF_OTHERS}")  # noqa: S608
_TAKE_UP = (
    f"UPDATE workflow_status SET application_version = :version WHERE {_OF_OTHERS}"  # noqa: S608
    " AND application_version = :other"
)
_WITHOUT_WORKERS = (
    " AND :other NOT IN"
    " (SELECT version FROM slots WHERE renewed_at > clock_timestamp() - make_interval(secs => :heard))"
)
_WAITED = " AND created_at < (extract(epoch FROM clock_timestamp()) - :heard) * 1000"
_FOUND = " RETURNING workflow_uuid, name, recovery_attempts"


def take_up(engine: sa.Engine, version: str, lease: Lease) -> list[str]:
    """Have this version go on with what another one has stored and has no workers for; return the runs under way.

    A file has one worker, which goes on with everything.
    """
    shared = engine.dialect.name == "postgresql"
    under_way: list[str] = []
    with engine.begin() as connection:
        for other in connection.execute(_VERSIONS, {"version": version}).scalars().all():
            newer = is_newer(other, version)
            conditions = "" if not shared else _WITHOUT_WORKERS + (_WAITED if newer else "")
            values = {"version": version, "other": other}
            if shared:
                values["heard"] = lease.newer if newer else lease.older
            taken = connection.execute(sa.text(_TAKE_UP + conditions + _FOUND), values).all()
            if taken and newer:
                log.warning("%d runs and commands of the newer version %s have no worker of it", len(taken), other)
            under_way += [row.workflow_uuid for row in taken if row.name == "run" and row.recovery_attempts]
    return under_way


def is_newer(version: str, than: str) -> bool:
    """Return whether a version comes after another one; they are counted."""
    return version.isdecimal() and than.isdecimal() and int(version) > int(than)
