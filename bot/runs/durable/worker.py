"""The worker: DBOS, which carries durable workflows out. This folder is the only one that knows it.

Why it looks as it does (measured with dbos 3.4.0):

* SQLite is switched to WAL before the first use; in its default mode a webhook would wait seconds for its turn.
* The application version is a constant. By default it is a hash of the code, and an edit
  would strand running workflows.
* Two processes with one executor id on one database run live steps twice, so a worker holds a file lock.
* Web processes only ever use a client, which runs nothing.
* Steps happen at least once. An effect therefore looks first whether it has already happened.
* DBOS looks for new work once a second. Here whoever has stored some rings, which saves that second.
* What a step returns is stored in clear, as JSON: plain values, never a token or a key.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from typing import Any

from dbos import DBOS, DBOSConfig

# Not a public name, so that pyproject.toml names the minor version of dbos.
from dbos._queue import queue_worker_thread
from pydantic import TypeAdapter

from bot.errors import UserError
from bot.runs.durable.bell import Bell, RungEvent
from bot.runs.durable.client import (
    APPLICATION,
    COMMAND,
    QUEUE,
    REVISION,
    RUN,
    VERSION,
    DurableRuns,
    JsonSerializer,
)
from bot.runs.durable.database import bell_path, lock_path, open_engine, sqlite_path
from bot.runs.durable.flow import Flow
from bot.runs.durable.gates import Backoff, Gates
from bot.runs.durable.retention import keep_tidy
from bot.values.command import Request
from bot.values.progress import Progress
from bot.values.run import RunRequest

_BACKOFF = Backoff()


class Worker:
    """The process that runs the workflows.

    Args:
        run: carries a run out and returns how it ended.
        command: carries out what people ask for.
        poll_seconds: how long new work may take to be noticed where the ring for it got lost.
        backoff: how long runs wait between two tries while GitHub cannot be used.
    """

    def __init__(  # noqa: PLR0913 (the last two are for tests)
        self,
        database_url: str,
        run: Callable[[Flow, RunRequest], Progress],
        command: Callable[[Flow, Request], None],
        runs: DurableRuns,
        poll_seconds: float = 1.0,
        backoff: Backoff = _BACKOFF,
    ) -> None:
        self._database_url = database_url
        self._lock = _hold(database_url)
        self._ended = threading.Event()
        self._bell = Bell(bell_path(database_url))
        self._engine = open_engine(database_url, patient=True)
        self._gates = Gates(self._bell, backoff)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": database_url,
            "system_database_engine": self._engine,
            "application_version": VERSION,
            "executor_id": "worker",
            "serializer": JsonSerializer(),
            "log_level": "WARNING",
        }
        self._dbos = DBOS(config=config)
        # DBOS's own loop on our queue would only poll: `start` runs it with a wait that a ring ends.
        DBOS.listen_queues([])
        self._stopping = RungEvent(self._bell, QUEUE)

        def _run(data: dict[str, Any]) -> dict[str, Any]:
            request = RunRequest.model_validate(data)
            try:
                return run(self._flow(runs), request).model_dump(mode="json")
            finally:
                self._bell.forget(_workflow_id())

        def _command(data: dict[str, Any]) -> None:
            said: TypeAdapter[Request] = TypeAdapter(Request)
            command(self._flow(runs), said.validate_python(data))

        def _revision(data: dict[str, Any], at_work: str) -> None:
            try:
                self._flow(runs).hand_over(RunRequest.model_validate(data), at_work)
            finally:
                self._bell.forget(_workflow_id())

        DBOS.workflow(name=RUN)(_run)
        DBOS.workflow(name=COMMAND)(_command)
        DBOS.workflow(name=REVISION)(_revision)
        self._poll_seconds = poll_seconds

    def start(self) -> None:
        """Go on with what was interrupted and take new work. Returns at once."""
        DBOS.launch()
        queue = DBOS.register_queue(QUEUE, polling_interval_sec=self._poll_seconds, on_conflict="always_update")
        arguments = (self._stopping, self._dbos, queue)
        threading.Thread(target=queue_worker_thread, args=arguments, name="queue", daemon=True).start()
        tidying = (self._engine, sqlite_path(self._database_url), self._ended)
        threading.Thread(target=keep_tidy, args=tidying, name="retention", daemon=True).start()
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)

    def stop(self, seconds: int = 5) -> None:
        """Take no new work, give steps under way `seconds` to end, and let go. The next start goes on from there."""
        os.ftruncate(self._lock, 0)
        self._stopping.set()
        self._ended.set()
        DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)
        self._engine.dispose()
        self._bell.close()
        os.close(self._lock)

    def _flow(self, runs: DurableRuns) -> Flow:
        return Flow(_workflow_id(), runs, self._bell, self._gates)


def _hold(database_url: str) -> int:
    """Take the lock that makes this process the only worker; it is let go when the process ends, however it ends."""
    path = sqlite_path(database_url)
    handle = os.open(lock_path(database_url), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise UserError(f"Another worker is using {path}: one worker a database.") from error
    os.ftruncate(handle, 0)
    return handle


def _workflow_id() -> str:
    current = DBOS.workflow_id
    if current is None:
        raise RuntimeError("not inside a workflow")
    return current
