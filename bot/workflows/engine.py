"""The durable engine: the only module that knows DBOS.

Why it looks as it does (measured with dbos 3.4.0):

* SQLite is switched to WAL before the first use; in its default mode a webhook would wait seconds for its turn.
* The application version is a constant. By default it is a hash of the code, and an edit would strand running workflows.
* Two processes with one executor id on one database run live steps twice, so a worker holds a file lock.
* Web processes only ever use a client, which runs nothing.
* Steps happen at least once. An effect therefore looks first whether it has already happened.
* What a step returns is stored in clear, as JSON: plain values, never a token or a key.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, Serializer
from pydantic import TypeAdapter

from bot.branches import run_id, run_prefix
from bot.errors import TransientError, UserError
from bot.models import CommandRequest, Progress, RunRequest, Stage
from bot.runs import Started

log = logging.getLogger(__name__)

T = TypeVar("T")

_APPLICATION = "gptdeploy"
_VERSION = "1"
_QUEUE = "gptdeploy"
_RUN, _COMMAND = "run", "command"
_PROGRESS, _WAKE = "progress", "wake"
_ACTIVE = ["ENQUEUED", "PENDING", "DELAYED"]

_STEP_TRIES = 6
_BACKOFF_SECONDS = 2.0
_KEEP = timedelta(days=30)


class JsonSerializer(Serializer):
    """Store what passes through the engine as JSON that people can read, instead of pickles."""

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            data = {"$error": f"{type(data).__name__}: {data}"}
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and "$error" in data:
            return RuntimeError(data["$error"])
        return data

    def name(self) -> str:
        return "json"


class Flow:
    """What a workflow may do. Everything that is not a pure function of its inputs goes through here."""

    def __init__(self, run: str, history: Callable[[str, int], list[Progress]]) -> None:
        self.run_id = run
        self._history = history

    def step(self, name: str, action: Callable[[], T], returns: Any) -> T:
        """Do `action` once and remember what it returned; a replay returns the same without doing it again.

        A `TransientError` is tried again, at most 6 times, after a wait that survives a restart.

        Args:
            returns: the type of the result, for the way through JSON.

        Raises:
            UserError: the action raised it, or a transient failure did not pass.
        """
        adapter: TypeAdapter[T] = TypeAdapter(returns)

        def attempt() -> dict[str, Any]:
            try:
                return {"value": adapter.dump_python(action(), mode="json")}
            except UserError as error:
                return {"refused": str(error)}
            except TransientError as error:
                log.warning("%s: %s: %s", self.run_id, name, error)
                return {"transient": str(error), "retry_after": error.retry_after}

        for turn in range(_STEP_TRIES):
            result = DBOS.run_step({"name": name}, attempt)
            if "value" in result:
                return adapter.validate_python(result["value"])
            if "refused" in result:
                raise UserError(result["refused"])
            if turn < _STEP_TRIES - 1:
                DBOS.sleep(result["retry_after"] or _BACKOFF_SECONDS * 2**turn)
        raise UserError(f"This did not get through in {_STEP_TRIES} tries ({name}): {result['transient']}")

    def wait(self, seconds: float) -> bool:
        """Wait until somebody signals the run, at most `seconds`; return whether somebody did."""
        return DBOS.recv(_WAKE, timeout_seconds=seconds) is not None

    def now(self) -> float:
        """Return seconds since the epoch; a replay returns the same."""
        return float(DBOS.run_step({"name": "now"}, time.time))

    def publish(self, progress: Progress) -> None:
        """Let everybody see how far the run is."""
        DBOS.set_event(_PROGRESS, progress.model_dump(mode="json"))

    def earlier(self, repo: str, issue: int) -> list[Progress]:
        """Return how the earlier runs of an issue went, the newest first."""
        found = self.step("earlier runs", lambda: self._history(repo, issue), returns=list[Progress])
        return [progress for progress in found if progress.run_id != self.run_id]


class Runs:
    """The runs as everybody else sees them: start, wake, stop, read. Safe in any process; runs nothing itself.

    Implements `bot.runs.Runs`.
    """

    def __init__(self, database_url: str) -> None:
        prepare(database_url)
        self._client = DBOSClient(
            system_database_url=database_url, serializer=JsonSerializer(), application_name=_APPLICATION
        )

    def start(self, request: RunRequest) -> Started:
        """Start a run, or return the one that is at work on the same issue. Durable once it returns."""
        wanted = run_id(request.repo, request.issue, request.delivery)
        handle: Any = self._client.enqueue(
            {
                "queue_name": _QUEUE,
                "workflow_name": _RUN,
                "workflow_id": wanted,
                "app_version": _VERSION,
                # One run an issue; a second request meanwhile gets the first one's id.
                "deduplication_id": f"{request.repo}#{request.issue}",
                "duplication_policy": "return-existing",
            },
            request.model_dump(mode="json"),
        )
        found = handle.get_workflow_id()
        return Started(run_id=found, new=found == wanted)

    def command(self, request: CommandRequest) -> None:
        """Have the worker carry out a comment. Durable once it returns; the same comment is carried out once."""
        self._client.enqueue(
            {
                "queue_name": _QUEUE,
                "workflow_name": _COMMAND,
                "workflow_id": f"{request.repo}/comment-{request.comment_id}",
                "app_version": _VERSION,
            },
            request.model_dump(mode="json"),
        )

    def active(self, repo: str, issue: int) -> str | None:
        """Return the run at work on an issue, or None."""
        found = self._client.list_workflows(
            workflow_id_prefix=run_prefix(repo, issue), status=_ACTIVE, load_input=False, load_output=False, limit=1
        )
        return found[0].workflow_id if found else None

    def signal(self, repo: str, issue: int) -> None:
        """Wake the run at work on an issue, if there is one; it then asks GitHub what happened."""
        run = self.active(repo, issue)
        if run is not None:
            self._client.send(run, "look", topic=_WAKE)

    def stop(self, run: str) -> None:
        """Cancel a run. A run that waits is woken, because cancelling does not interrupt a wait."""
        self._client.cancel_workflow(run)
        self._client.send(run, "stop", topic=_WAKE)

    def progress(self, run: str) -> Progress | None:
        """Return how far a run is, or None where it has not said anything yet."""
        found = self._client.list_workflows(workflow_ids=[run], load_input=False, load_output=False)
        return self._progress(run, found[0].status) if found else None

    def latest(self, repo: str, issue: int) -> Progress | None:
        """Return how far the newest run of an issue is, or None."""
        found = self.history(repo, issue, limit=1)
        return found[0] if found else None

    def history(self, repo: str, issue: int, limit: int = 20) -> list[Progress]:
        """Return how the runs of an issue went, the newest first."""
        return self._list(limit, workflow_id_prefix=run_prefix(repo, issue))

    def recent(self, limit: int) -> list[Progress]:
        """Return the newest runs of all repositories, the newest first."""
        return self._list(limit)

    def finished(self, run: str) -> bool:
        """Return whether a run has ended, in whatever way."""
        found = self._client.list_workflows(workflow_ids=[run], load_input=False, load_output=False)
        return bool(found) and found[0].status not in _ACTIVE

    def healthy(self) -> bool:
        """Return whether the database answers."""
        self._client.list_workflows(limit=1, load_input=False, load_output=False)
        return True

    def close(self) -> None:
        """Close the connections to the database."""
        self._client.destroy()

    def _list(self, limit: int, **criteria: Any) -> list[Progress]:
        found = self._client.list_workflows(
            name=_RUN, sort_desc=True, limit=limit, load_input=False, load_output=False, **criteria
        )
        progress = [self._progress(workflow.workflow_id, workflow.status) for workflow in found]
        return [one for one in progress if one is not None]

    def _progress(self, run: str, status: str) -> Progress | None:
        data = self._client.get_event(run, _PROGRESS, timeout_seconds=0)
        if data is None:
            return None
        progress = Progress.model_validate(data)
        if status == "CANCELLED":
            return progress.model_copy(update={"stage": Stage.STOPPED, "note": "stopped"})
        if status not in (*_ACTIVE, "SUCCESS"):
            return progress.model_copy(update={"stage": Stage.FAILED, "note": "the bot itself failed"})
        return progress


class Worker:
    """The process that runs the workflows.

    Args:
        run: carries a run out and returns how it ended.
        command: carries a comment out.
        wake_seconds: how long a signal may take to reach a run that waits. A lower value costs more processor time:
            every waiting run is looked up once in that time.
    """

    def __init__(
        self,
        database_url: str,
        run: Callable[[Flow, RunRequest], Progress],
        command: Callable[[Flow, CommandRequest], None],
        runs: Runs,
        wake_seconds: float = 1.0,
    ) -> None:
        self._lock = _hold(database_url)
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": database_url,
            "application_version": _VERSION,
            "executor_id": "worker",
            "serializer": JsonSerializer(),
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": wake_seconds,
        }
        DBOS(config=config)

        def _run(data: dict[str, Any]) -> dict[str, Any]:
            request = RunRequest.model_validate(data)
            return run(Flow(_workflow_id(), runs.history), request).model_dump(mode="json")

        def _command(data: dict[str, Any]) -> None:
            command(Flow(_workflow_id(), runs.history), CommandRequest.model_validate(data))

        DBOS.workflow(name=_RUN)(_run)
        DBOS.workflow(name=_COMMAND)(_command)
        self._wake_seconds = wake_seconds

    def start(self) -> None:
        """Go on with what was interrupted and take new work. Returns at once."""
        DBOS.launch()
        DBOS.register_queue(_QUEUE, polling_interval_sec=min(0.25, self._wake_seconds), on_conflict="always_update")
        # What finished long ago is forgotten; unfinished runs are kept whatever their age.
        cutoff = datetime.now(UTC) - _KEEP
        old = DBOS.list_workflows(completed_before=cutoff.isoformat(), load_input=False, load_output=False)
        DBOS.delete_workflows([workflow.workflow_id for workflow in old])

    def stop(self, seconds: int = 5) -> None:
        """Take no new work, give steps under way `seconds` to end, and let go. The next start goes on from there."""
        DBOS.destroy(workflow_completion_timeout_sec=seconds, destroy_registry=True)
        os.close(self._lock)


def prepare(database_url: str) -> None:
    """Create the database if it is new, and have SQLite write ahead, which lets readers and a writer work together.

    Raises:
        UserError: the URL names another kind of database.
    """
    path = _sqlite_path(database_url)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
    DBOS.migrate(database_url)


def _sqlite_path(database_url: str) -> Path:
    prefix = "sqlite:///"
    if not database_url.startswith(prefix):
        raise UserError("`DATABASE_URL` must begin with `sqlite:///`.")
    return Path(database_url.removeprefix(prefix))


def _hold(database_url: str) -> int:
    """Take the lock that makes this process the only worker; it is let go when the process ends, however it ends."""
    path = _sqlite_path(database_url)
    handle = os.open(path.with_name(path.name + ".worker"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise UserError(f"Another worker is using {path}: one worker a database.") from error
    return handle


def _workflow_id() -> str:
    current = DBOS.workflow_id
    if current is None:
        raise RuntimeError("not inside a workflow")
    return current
