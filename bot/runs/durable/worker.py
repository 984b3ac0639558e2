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
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dbos import DBOS, DBOSConfig

# Not a public name, so that pyproject.toml names the minor version of dbos.
from dbos._queue import queue_worker_thread
from pydantic import TypeAdapter

from bot.errors import UserError
from bot.runs.durable.bell import Bell, RungEvent
from bot.runs.durable.client import (
    APPLICATION,
    ASIDE,
    COMMAND,
    QUEUE,
    REVISION,
    RUN,
    VERSION,
    DurableRuns,
    JsonSerializer,
)
from bot.runs.durable.crashes import Crashes
from bot.runs.durable.database import bell_path, crashes_path, lock_path, open_engine, sqlite_path
from bot.runs.durable.flow import Flow
from bot.runs.durable.gates import Backoff, Gates
from bot.runs.durable.retention import keep_tidy
from bot.values.aside import SetAside, Why
from bot.values.command import Request
from bot.values.progress import Progress
from bot.values.run import RunRequest

log = logging.getLogger(__name__)

_LOCK_TRIES = 5
_LOCK_SECONDS = 0.1

_BACKOFF = Backoff()


class Worker:
    """The process that runs the workflows.

    Args:
        run: carries a run out and returns how it ended.
        command: carries out what people ask for.
        aside: tells people that something was set aside.
        poll_seconds: how long new work may take to be noticed where the ring for it got lost.
        backoff: how long runs wait between two tries while GitHub cannot be used.
    """

    def __init__(  # noqa: PLR0913 (what it carries out, and where that is kept)
        self,
        database_url: str,
        run: Callable[[Flow, RunRequest], Progress],
        command: Callable[[Flow, Request], None],
        aside: Callable[[Flow, SetAside], None],
        runs: DurableRuns,
        poll_seconds: float = 1.0,
        backoff: Backoff = _BACKOFF,
    ) -> None:
        self._database_url = database_url
        self._lock = _hold(database_url)
        self._ended = threading.Event()
        self._runs = runs
        self._crashes = Crashes(crashes_path(database_url))
        self._bell = Bell(bell_path(database_url), self._crashes.waiting)
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
        # In trouble it waits longer and longer; here a ring ends its wait anyway.
        self._stopping = RungEvent(self._bell, QUEUE, poll_seconds, self._beat)

        def _run(data: dict[str, Any]) -> dict[str, Any]:
            with self._at_work() as flow:
                return run(flow, RunRequest.model_validate(data)).model_dump(mode="json")

        def _command(data: dict[str, Any]) -> None:
            said: TypeAdapter[Request] = TypeAdapter(Request)
            with self._at_work() as flow:
                command(flow, said.validate_python(data))

        def _revision(data: dict[str, Any], at_work: str) -> None:
            with self._at_work() as flow:
                flow.hand_over(RunRequest.model_validate(data), at_work)

        def _aside(data: dict[str, Any]) -> None:
            with self._at_work() as flow:
                aside(flow, SetAside.model_validate(data))

        for name, workflow in ((RUN, _run), (COMMAND, _command), (REVISION, _revision), (ASIDE, _aside)):
            # DBOS would give up what was at work at 100 crashes, whoever was to blame.
            DBOS.workflow(name=name, max_recovery_attempts=None)(workflow)
        self._poll_seconds = poll_seconds

    def start(self) -> None:
        """Go on with what was interrupted and take new work. Returns at once."""
        self._set_aside()
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
        self._crashes.close()
        os.close(self._lock)

    def _beat(self) -> None:
        """Let everybody see that work is looked for: by the time at which the file of the lock was touched last."""
        os.utime(self._lock)

    def _set_aside(self) -> None:
        """Set aside what takes the process down, and what this version cannot go on with."""
        for crashed in self._crashes.to_blame:
            log.error("%s was at work at three crashes in a row, and is set aside", crashed)
            self._runs.set_aside(crashed, Why.CRASHES)
            self._crashes.clear(crashed)
        for left in self._runs.of_other_versions():
            log.warning("%s was begun by another version, and is set aside: `/retry` begins it anew", left)
            self._runs.set_aside(left, Why.VERSION)

    @contextmanager
    def _at_work(self) -> Iterator[Flow]:
        """Have the workflow of this thread be at work, and give what it may do."""
        current = DBOS.workflow_id
        if current is None:
            raise RuntimeError("not inside a workflow")
        try:
            with self._crashes.at_work(current):
                yield Flow(current, self._runs, self._bell, self._gates, self._crashes)
        finally:
            self._bell.forget(current)


def _hold(database_url: str) -> int:
    """Take the lock that makes this process the only worker; it is let go when the process ends, however it ends."""
    path = sqlite_path(database_url)
    handle = os.open(lock_path(database_url), os.O_CREAT | os.O_RDWR, 0o600)
    for left in reversed(range(_LOCK_TRIES)):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as error:
            # Who looks whether there is a worker holds the lock for an instant (`readiness.py`).
            if not left:
                os.close(handle)
                raise UserError(f"Another worker is using {path}: one worker a database.") from error
            time.sleep(_LOCK_SECONDS)
    os.ftruncate(handle, 0)
    return handle
