"""The seats of all workers, in tables of the server.

When a worker is gone, its runs go on in others, and so do the builds that they have under way: these keep their seats.
Its model calls and what waited in it count no more once its slot is not renewed; see `server_slot.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from bot.runs.durable.seats import Line, Seat, next_line, why_full
from bot.runs.durable.together import Together
from bot.runs.durable.transactions import transaction
from bot.values.seats import Full, Limits, Work

# Whoever gives seats of a kind holds it: another one would give the same.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(7203885, hashtext(:work))")
_NOW = "extract(epoch FROM clock_timestamp())::float8"
_WANT = sa.text(
    "INSERT INTO seats AS s (work, owner, repo, run, name, holder, since, taken)"  # noqa: S608 (no value in it)
    f" VALUES (:work, :owner, :repo, :run, :name, :holder, {_NOW}, :taken) ON CONFLICT (work, run, name)"
    " DO UPDATE SET holder = excluded.holder, taken = s.taken OR excluded.taken RETURNING taken"
)
_LEAVE = sa.text("DELETE FROM seats WHERE work = :work AND run = :run AND name = :name AND holder = :holder")
_LASTS = f"(taken AND work <> '{Work.MODEL.value}')"
_ALIVE = (
    f"({_LASTS} OR holder IN (SELECT holder FROM slots WHERE holder <> ''"  # noqa: S608
    " AND renewed_at > clock_timestamp() - make_interval(secs => :free)))"
)
_LINES = sa.text(
    "SELECT owner, repo, count(*) FILTER (WHERE taken) AS held, min(since) FILTER (WHERE NOT taken) AS since"  # noqa: S608
    f" FROM seats WHERE work = :work AND {_ALIVE} GROUP BY owner, repo"
)
_SERVED = sa.text("SELECT name, at FROM served WHERE work = :work AND name = ANY(:names)")
_GIVE = sa.text(
    "UPDATE seats SET taken = true WHERE work = :work AND (run, name) ="  # noqa: S608
    f" (SELECT run, name FROM seats WHERE work = :work AND repo = :repo AND NOT taken AND {_ALIVE}"
    " ORDER BY since LIMIT 1) RETURNING run, name"
)
_SERVE = sa.text(
    f"INSERT INTO served (work, name, at) VALUES (:work, :name, {_NOW})"  # noqa: S608
    " ON CONFLICT (work, name) DO UPDATE SET at = excluded.at"
)
_WAITED_FOR = sa.text("SELECT DISTINCT work FROM seats WHERE NOT taken")
_FORGET = (
    sa.text(f"DELETE FROM seats WHERE NOT {_LASTS} AND holder NOT IN (SELECT holder FROM slots)"),  # noqa: S608
    # What has ended in whatever way.
    sa.text(
        "DELETE FROM seats WHERE run NOT IN"
        " (SELECT workflow_uuid FROM workflow_status WHERE status IN ('ENQUEUED', 'PENDING', 'DELAYED'))"
    ),
    sa.text(f"DELETE FROM served WHERE at < {_NOW} - 3600"),  # noqa: S608
)
_OF_RUNS = sa.text("SELECT owner, repo, work, run, name FROM seats WHERE run = ANY(:runs) AND holder <> :holder")


class ServerSeats:
    """Implements `bot.runs.durable.seats.Seats`.

    Args:
        engine: of the database, which waits for a server that is away.
        holder: whose seats these are: the holder of this worker's slot.
        free: after how many seconds a slot that was not renewed is nobody's.
        ring: wakes a run, in whatever worker that is.
    """

    def __init__(
        self, engine: sa.Engine, holder: str, limits: Limits, free: float, ring: Callable[[str], None]
    ) -> None:
        self._engine = engine
        self._holder = holder
        self._limits = limits
        self._free = free
        self._ring = ring
        self._left = Together(self._left_of)

    def take(self, seat: Seat) -> Full | None:
        """See `Seats`."""
        full, given = self._take(seat)
        self._tell(given)
        return full

    @transaction
    def occupy(self, connection: sa.Connection, seat: Seat) -> None:
        """See `Seats`."""
        connection.execute(_WANT, self._row(seat, taken=True))

    def leave(self, seats: Collection[Seat]) -> None:
        """See `Seats`."""
        for work in Work:
            if left := [self._row(seat, taken=True) for seat in seats if seat.work is work]:
                self._tell(self._leave(work, left))

    def take_over(self, run: str) -> list[Seat]:
        """See `Seats`."""
        seats = self._left(run) or []
        if seats:
            self._have(seats)
        return seats

    def look(self) -> None:
        """See `Seats`."""
        for work in self._forget():
            self._tell(self._leave(work, ()))

    @transaction
    def _forget(self, connection: sa.Connection) -> list[Work]:
        """Forget what nobody goes on with; return what somebody waits for."""
        for statement in _FORGET:
            connection.execute(statement)
        return [Work(work) for work in connection.execute(_WAITED_FOR).scalars()]

    @transaction
    def _left_of(self, connection: sa.Connection, runs: Sequence[str]) -> dict[str, list[Seat]]:
        """Return what runs have or wait for that other workers have left."""
        left: dict[str, list[Seat]] = {}
        for row in connection.execute(_OF_RUNS, {"runs": list(runs), "holder": self._holder}):
            left.setdefault(row.run, []).append(Seat(Work(row.work), row.owner, row.repo, row.run, row.name))
        return left

    @transaction
    def _have(self, connection: sa.Connection, seats: Collection[Seat]) -> None:
        connection.execute(_WANT, [self._row(seat, taken=False) for seat in seats])

    @transaction
    def _take(self, connection: sa.Connection, seat: Seat) -> tuple[Full | None, list[str]]:
        connection.execute(_LOCK, {"work": seat.work.value})
        if connection.execute(_WANT, self._row(seat, taken=False)).scalar_one():
            return None, []
        lines, given = self._shared_out(connection, seat.work)
        others = [run for run, name in given if (run, name) != (seat.run, seat.name)]
        if len(others) < len(given):
            return None, others
        return why_full(seat.work, lines, seat.owner, self._limits.of(seat.work)), others

    @transaction
    def _leave(self, connection: sa.Connection, work: Work, left: Collection[dict[str, Any]]) -> list[str]:
        """Take seats back, and give those that are free; return the runs that have got one."""
        connection.execute(_LOCK, {"work": work.value})
        if left:
            connection.execute(_LEAVE, list(left))
        return [run for run, _ in self._shared_out(connection, work, left)[1]]

    def _shared_out(
        self, connection: sa.Connection, work: Work, left: Collection[dict[str, Any]] = ()
    ) -> tuple[list[Line], list[tuple[str, str]]]:
        """Give seats as long as there is room; return how things stand then, and who has got one (run, name).

        Args:
            left: the seats that were given back.
        """
        values = {"work": work.value, "free": self._free}
        lines = [Line(*row) for row in connection.execute(_LINES, values)]
        given: list[tuple[str, str]] = []
        served: dict[str, float] = {}
        # Who waits alone is behind nobody.
        if sum(line.since is not None for line in lines) > 1:
            if names := [{"work": work.value, "name": row[whose]} for row in left for whose in ("owner", "repo")]:
                connection.execute(_SERVE, names)
            served = self._served(connection, work, lines)
        while (line := next_line(lines, self._limits.of(work), served)) is not None:
            row = connection.execute(_GIVE, {**values, "repo": line.repo}).first()
            if row is None:
                # The worker of who was to get it is gone since.
                break
            given.append((row.run, row.name))
            lines = [Line(*row) for row in connection.execute(_LINES, values)]
        return lines, given

    def _served(self, connection: sa.Connection, work: Work, lines: Collection[Line]) -> dict[str, float]:
        names = list({name for line in lines for name in (line.owner, line.repo)})
        return {name: at for name, at in connection.execute(_SERVED, {"work": work.value, "names": names})}

    def _tell(self, runs: Iterable[str]) -> None:
        for run in runs:
            self._ring(run)

    def _row(self, seat: Seat, *, taken: bool) -> dict[str, Any]:
        return {**seat._asdict(), "work": seat.work.value, "holder": self._holder, "taken": taken}
