"""The worker: DBOS, which carries durable workflows out. This folder is the only one that knows it.

Why it looks as it does (measured with dbos 3.4.0):

* SQLite is switched to WAL before the first use; in its default mode a webhook would wait seconds for its turn.
* The application version is a constant. By default it is a hash of the code, and an edit
  would strand running workflows.
* Two processes with one executor id on one database run live steps twice, so a worker holds a lock on the file, or a
  slot on the server.
* Web processes only ever use a client, which runs nothing.
* Steps happen at least once. An effect therefore looks first whether it has already happened.
* DBOS looks for new work once a second. Here whoever has stored some rings, which saves that second.
* What a step returns is stored in clear, as JSON: plain values, never a token or a key.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dbos import DBOS, DBOSConfig

# Not a public name, so that pyproject.toml names the minor version of dbos.
from dbos._queue import queue_worker_thread
from pydantic import TypeAdapter

from bot.logs import about
from bot.runs.durable.bell import Bell, RungEvent
from bot.runs.durable.client import (
    ASIDE,
    COMMAND,
    QUEUE,
    REVISION,
    RUN,
    DurableRuns,
)
from bot.runs.durable.crashes import Crashes, FileNote
from bot.runs.durable.database import open_engine
from bot.runs.durable.flow import Flow
from bot.runs.durable.gates import Backoff, Gates, LocalGates
from bot.runs.durable.lines import open_line
from bot.runs.durable.postgres import is_postgres
from bot.runs.durable.recorded import Strayed
from bot.runs.durable.recovery import put_back
from bot.runs.durable.replay import Replays
from bot.runs.durable.retention import keep_tidy
from bot.runs.durable.seating import Seating
from bot.runs.durable.seats import LocalSeats, Seats
from bot.runs.durable.serializer import APPLICATION, JsonSerializer
from bot.runs.durable.server_crashes import ServerNote
from bot.runs.durable.server_gates import ServerGates
from bot.runs.durable.server_seats import ServerSeats
from bot.runs.durable.server_slot import Lease, executor
from bot.runs.durable.slots import take_slot
from bot.runs.durable.sqlite import crashes_path, sqlite_path
from bot.runs.durable.stepping import Shared
from bot.values.aside import SetAside, Why
from bot.values.command import Request, WelcomeRequest
from bot.values.progress import Progress
from bot.values.run import RunRequest
from bot.values.seats import Limits

log = logging.getLogger(__name__)

_BACKOFF = Backoff()
_LEASE = Lease()
_LIMITS = Limits()


class Worker:
    """The process that runs the workflows.

    Args:
        run: carries a run out and returns how it ended.
        command: carries out what people ask for.
        aside: tells people that something was set aside.
        poll_seconds: how long new work may take to be noticed where the ring for it got lost.
        backoff: how long runs wait between two tries while GitHub cannot be used.
        limits: how much may be under way at the same time, in all workers together.
        lease: how soon another worker goes on with what this one has begun, and the other way round.
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
        lease: Lease = _LEASE,
        limits: Limits = _LIMITS,
    ) -> None:
        self._database_url = database_url
        self._lease = lease
        self._slot = take_slot(database_url, runs.version, lease)
        self._ended = threading.Event()
        self._runs = runs
        self._engine = open_engine(database_url, patient=True)
        self._is_shared = is_postgres(database_url)
        self._crashes = Crashes(
            ServerNote(self._engine, self._slot.number) if self._is_shared else FileNote(crashes_path(database_url))
        )
        self._replays = Replays(self._engine)
        self._line = open_line(database_url)
        self._bell = Bell(self._line, self._crashes.waiting)
        ring = self._line.ring if self._is_shared else self._bell.ring
        self._gates = Gates(ring, backoff, ServerGates(self._engine) if self._is_shared else LocalGates())
        self._shared = Shared(runs, self._bell, self._gates, self._crashes, self._slot.hold)
        self._seats: Seats = (
            ServerSeats(self._engine, self._slot.holder, limits, lease.free, ring)
            if self._is_shared
            else LocalSeats(limits, ring)
        )
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": database_url,
            "system_database_engine": self._engine,
            "application_version": runs.version,
            "executor_id": self._slot.executor,
            "serializer": JsonSerializer(),
            "log_level": "WARNING",
        }
        self._dbos = DBOS(config=config)
        # DBOS's own loop on our queue would only poll: `start` runs it with a wait that a ring ends.
        DBOS.listen_queues([])
        # In trouble it waits longer and longer; here a ring ends its wait anyway.
        self._stopping = RungEvent(self._bell, QUEUE, poll_seconds, self._slot.beat)

        def _run(data: dict[str, Any]) -> dict[str, Any]:
            request = RunRequest.model_validate(data)
            with self._at_work(request) as flow:
                return run(flow, request).model_dump(mode="json")

        def _command(data: dict[str, Any]) -> None:
            said: TypeAdapter[Request] = TypeAdapter(Request)
            request = said.validate_python(data)
            with self._at_work(request) as flow:
                command(flow, request)

        def _revision(data: dict[str, Any], at_work: str) -> None:
            request = RunRequest.model_validate(data)
            with self._at_work(request) as flow:
                flow.hand_over(request, at_work)

        def _aside(data: dict[str, Any]) -> None:
            left = SetAside.model_validate(data)
            with self._at_work(left.asked) as flow:
                aside(flow, left)

        for name, workflow in ((RUN, _run), (COMMAND, _command), (REVISION, _revision), (ASIDE, _aside)):
            # DBOS would give up what was at work at 100 crashes, whoever was to blame.
            DBOS.workflow(name=name, max_recovery_attempts=None)(workflow)
        self._poll_seconds = poll_seconds

    def start(self) -> None:
        """Go on with what was interrupted and take new work. Returns at once."""
        self._look_after()
        put_back(self._engine, self._slot.executor, self._runs.version)
        DBOS.launch()
        queue = DBOS.register_queue(QUEUE, polling_interval_sec=self._poll_seconds, on_conflict="always_update")
        arguments = (self._stopping, self._dbos, queue)
        threading.Thread(target=queue_worker_thread, args=arguments, name="queue", daemon=True).start()
        path = None if self._is_shared else sqlite_path(self._database_url)
        tidying = (self._engine, path, self._ended)
        threading.Thread(target=keep_tidy, args=tidying, name="retention", daemon=True).start()
        if self._is_shared:
            threading.Thread(target=self._go_on_for_others, name="slots", daemon=True).start()
        self._slot.ready()

    def stop(self, seconds: int = 5) -> None:
        """Take no new work, give steps under way `seconds` to end, and let go. The next start goes on from there."""
        self._slot.stop()
        self._stopping.set()
        self._ended.set()
        DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)
        self._bell.close()
        self._crashes.close()
        self._engine.dispose()
        self._slot.give_back()

    def leads(self) -> bool:
        """Return whether this worker is the one that does what one of all does."""
        return self._slot.leads()

    def _go_on_for_others(self) -> None:
        """Have what other workers have begun that are gone be gone on with, by whoever is free."""
        while not self._ended.wait(self._lease.look):
            try:
                for slot in self._slot.abandoned():
                    self._crashes.reckon(slot)
                    self._look_after()
                    if found := put_back(self._engine, executor(slot), self._runs.version):
                        log.warning("%d runs and commands of slot %d go on elsewhere", found, slot)
                        self._line.ring(QUEUE)
                self._look_after()
                self._seats.look()
            except Exception:
                # Whatever it is, the next look may get through, and the runs of this worker go on.
                log.exception("could not look for what other workers have left")

    def _look_after(self) -> None:
        """Set aside what takes the process down, and take up what another version has left."""
        for crashed in self._crashes.to_blame:
            log.error("%s was at work at three crashes in a row, and is set aside", crashed)
            self._runs.set_aside(crashed, Why.CRASHES)
            self._crashes.clear(crashed)
        for left in self._runs.take_up(self._lease):
            log.warning("%s was begun by another version, and goes on with this one as far as its steps allow", left)

    @contextmanager
    def _at_work(self, asked: RunRequest | Request) -> Iterator[Flow]:
        """Have the workflow of this thread be at work, and give what it may do.

        Args:
            asked: what it is for, which each line of the log says.
        """
        current = DBOS.workflow_id
        if current is None:
            raise RuntimeError("not inside a workflow")
        runs, repo = self._runs, asked.repo
        seating = Seating(
            (current, repo),
            lambda: runs.name(repo).partition("/")[0],
            lambda: runs.finished(current),
            self._seats,
            self._bell,
        )
        try:
            with (
                about(run=current, issue=_issue(asked), delivery=asked.delivery),
                self._crashes.at_work(current),
                self._replays.begin(current),
            ):
                yield Flow(current, self._shared, seating)
        except Strayed as strayed:
            log.warning("%s was begun by another version, and cannot go on with this one: %s", current, strayed)
            self._runs.set_aside(current, Why.VERSION)
        finally:
            seating.close()
            self._bell.forget(current)


def _issue(asked: RunRequest | Request) -> str:
    """Return the issue or pull request that something is asked for on, e.g. "octo/services#7", or ""."""
    match asked:
        case WelcomeRequest():
            return ""
        case RunRequest():
            return f"{asked.repo}#{asked.issue}"
    return f"{asked.repo}#{asked.number}"
