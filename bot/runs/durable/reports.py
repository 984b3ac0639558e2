"""All runs in numbers, as the database has them: of those that have ended, each is read once in a process.

Who asks twice within moments gets the same: one look may take a tenth of the time at the most, however many ask.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from bot.runs.durable.rate_limits import DurableRateLimits
from bot.values.figures import Queue, RateLimit, RunFigures, figures_of
from bot.values.naming import repo_of_run, run_name
from bot.values.progress import Progress

# The tables are not part of DBOS's public interface, so pyproject.toml names its minor version.
_AT_WORK = sa.text(
    "SELECT workflow_status.workflow_uuid AS run, created_at, value FROM workflow_status LEFT JOIN workflow_events"
    " ON workflow_events.workflow_uuid = workflow_status.workflow_uuid AND key = 'progress'"
    " WHERE name = 'run' AND status IN ('ENQUEUED', 'PENDING', 'DELAYED')"
)
_ENDED = sa.text(
    "SELECT workflow_uuid AS run, status FROM workflow_status"
    " WHERE name = 'run' AND status NOT IN ('ENQUEUED', 'PENDING', 'DELAYED')"
)
_QUEUE = sa.text("SELECT count(*) AS waiting, min(created_at) AS since FROM workflow_status WHERE status = 'ENQUEUED'")
_SHARE = 10.0
_AT_LEAST_SECONDS = 1.0
_SETTLED_SECONDS = 120.0


class DurableReports:
    """What the database tells whoever runs the bot. Thread-safe. Implements `bot.runs.store.Reports`.

    Args:
        progress: returns how far a run is, by its id and DBOS's status of it.
    """

    def __init__(self, engine: sa.Engine, progress: Callable[[str, str], Progress | None]) -> None:
        self._engine = engine
        self._progress = progress
        self._lock = threading.Lock()
        self._ended: dict[str, RunFigures | None] = {}
        self._cancelled: dict[str, float] = {}
        self._known: list[RunFigures] = []
        self._again_at = 0.0
        self._rate_limits = DurableRateLimits(engine)

    def figures(self) -> list[RunFigures]:
        """Return all runs that the database knows, the newest first; those that a person has stopped, too."""
        with self._lock:
            began = time.monotonic()
            if began >= self._again_at:
                self._known = sorted(self._read(), key=lambda run: run.started_at, reverse=True)
                took = time.monotonic() - began
                self._again_at = began + max(_AT_LEAST_SECONDS, took * _SHARE)
            return self._known

    def queue(self) -> Queue:
        """Return what is stored and no worker has begun."""
        with self._engine.connect() as connection:
            row = connection.execute(_QUEUE).one()
        return Queue(waiting=row.waiting, since=None if row.since is None else row.since / 1000)

    def rate_limits(self) -> list[RateLimit]:
        """Return what GitHub has told the workers of its limits."""
        return self._rate_limits.known()

    def _read(self) -> Iterator[RunFigures]:
        with self._engine.connect() as connection:
            at_work = connection.execute(_AT_WORK).all()
            ended = {row.run: row.status for row in connection.execute(_ENDED)}
        for row in at_work:
            if row.value is not None:
                yield figures_of(Progress.model_validate(json.loads(row.value)))
                continue
            # It has not said anything yet.
            yield RunFigures(
                run_id=row.run,
                repo=repo_of_run(row.run),
                issue=int(run_name(row.run).partition("-")[0]),
                started_at=row.created_at / 1000,
                waits_for="a worker",
            )
        # What the database has forgotten is forgotten here.
        self._ended = {run: figures for run, figures in self._ended.items() if run in ended}
        self._cancelled = {run: since for run, since in self._cancelled.items() if run in ended}
        yield from (figures for figures in self._ended.values() if figures is not None)
        for run, status in ended.items():
            if run in self._ended:
                continue
            progress = self._progress(run, status)
            figures = None if progress is None else figures_of(progress)
            # Of one that was set aside, people are told after it was cancelled.
            now = time.monotonic()
            if status != "CANCELLED" or now > self._cancelled.setdefault(run, now) + _SETTLED_SECONDS:
                self._ended[run] = figures
            if figures is not None:
                yield figures
