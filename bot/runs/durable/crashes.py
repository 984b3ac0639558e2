"""Which workflows were at work when the worker's process came to a sudden end, and how often in a row.

A workflow may take the whole process down: a segmentation fault in a library, memory that runs out, `os._exit` in code
that it calls. Every start would carry it out again, and take all others down again. Whose code was running is noted
where it outlives the process, at little cost: nothing waits for the disk, because a crash of a process loses nothing of
what it has written, and a power cut is nobody's fault.

Several may be at work at a crash, and one of them is to blame. After it they take turns, until each has done what it
was at; so the next crash finds only one of them at work, and those who wait for their turn are cleared by it.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from bot.runs.durable.together import Together

log = logging.getLogger(__name__)

LIMIT = 3
"""Crashes in a row at which a workflow was at work, without a step done in between: then it is set aside."""


class Change(NamedTuple):
    """A workflow is at work from now on, or is not."""

    workflow: str
    at_work: bool


class Note(Protocol):
    """Where it is noted. What a worker before has left there counts as a crash, unless it was closed."""

    def to_blame(self) -> list[str]:
        """Return the workflows that have to be set aside."""

    def reckon(self, slot: int) -> None:
        """Count a crash for all that was at work in a slot whose worker is gone."""

    def begin(self, workflow: str) -> None:
        """Note that a workflow is at work."""

    def end(self, workflow: str) -> None:
        """Note that it is not."""

    def crashed(self, workflow: str) -> bool:
        """Return whether a workflow was at work at the last crash, and may be to blame."""

    def clear(self, workflow: str) -> bool:
        """Forget the crashes of a workflow; return whether there were any."""

    def close(self) -> None:
        """Note that the process ends as it should; nothing is noted any more."""


class Crashes:
    """The workflows of one worker process. Each has a thread of its own, by which it is known here."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._turn = threading.Lock()
        self._thread = threading.local()

    @property
    def to_blame(self) -> list[str]:
        """The workflows that have to be set aside."""
        return self._note.to_blame()

    def reckon(self, slot: int) -> None:
        """Count a crash for all that was at work in a slot whose worker is gone."""
        self._note.reckon(slot)

    @contextmanager
    def at_work(self, workflow: str) -> Iterator[None]:
        """Have a workflow be at work in this thread."""
        self._thread.workflow = workflow
        # Nothing but its own thread changes that while it is in this process.
        self._thread.crashed = self._note.crashed(workflow)
        self._begin(workflow)
        try:
            yield
        finally:
            self._end(workflow)
            self.clear(workflow)
            self._thread.workflow = None

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Have the workflow of this thread, if it is one's, wait: nothing that happens now is its fault."""
        workflow = getattr(self._thread, "workflow", None)
        if workflow is None:
            yield
            return
        self._end(workflow)
        try:
            yield
        finally:
            self._begin(workflow)

    def clear(self, workflow: str) -> None:
        """Forget the crashes of a workflow that has done a step, has ended or was set aside."""
        if self._note.clear(workflow):
            self._thread.crashed = False
            self._give_turn_back()

    def close(self) -> None:
        """Note that the process ends as it should; nothing is noted any more."""
        self._note.close()

    def _begin(self, workflow: str) -> None:
        if self._thread.crashed:
            self._turn.acquire()
            self._thread.has_turn = True
        self._note.begin(workflow)

    def _end(self, workflow: str) -> None:
        self._note.end(workflow)
        self._give_turn_back()

    def _give_turn_back(self) -> None:
        if getattr(self._thread, "has_turn", False):
            self._thread.has_turn = False
            self._turn.release()


class FileNote:
    """A file beside the database's, of the only worker. Thread-safe.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        self._lock = threading.Lock()
        self._note = Together(self._change)
        self._at_work: set[str] = set()
        self._closed = False
        at_work, self._counts = _read(self._file)
        if at_work is not None:
            # Whoever was not at work has nothing to do with it.
            self._counts = {workflow: self._counts.get(workflow, 0) + 1 for workflow in at_work}
        self._write()

    def to_blame(self) -> list[str]:
        """See `Note`."""
        return [workflow for workflow, count in self._counts.items() if count >= LIMIT]

    def reckon(self, slot: int) -> None:
        """There is one worker, and its own crashes are counted at the start."""

    def begin(self, workflow: str) -> None:
        """See `Note`."""
        self._note(Change(workflow, at_work=True))

    def end(self, workflow: str) -> None:
        """See `Note`."""
        self._note(Change(workflow, at_work=False))

    def crashed(self, workflow: str) -> bool:
        """See `Note`."""
        return workflow in self._counts

    def clear(self, workflow: str) -> bool:
        """See `Note`."""
        with self._lock:
            if self._counts.pop(workflow, None) is None:
                return False
            self._write()
        return True

    def close(self) -> None:
        """See `Note`."""
        with self._lock:
            self._closed = True
            _write(self._file, None, self._counts)
            os.close(self._file)

    def _change(self, changes: Sequence[Change]) -> dict[Change, None]:
        with self._lock:
            for workflow, at_work in changes:
                (self._at_work.add if at_work else self._at_work.discard)(workflow)
            self._write()
        return {}

    def _write(self) -> None:
        if not self._closed:
            _write(self._file, sorted(self._at_work), self._counts)


def _write(file: int, at_work: list[str] | None, counts: dict[str, int]) -> None:
    # One write, so that it is there or not, and a line, so that what a longer one has left behind it does not count.
    try:
        os.pwrite(file, json.dumps({"at_work": at_work, "crashes": counts}).encode() + b"\n", 0)
    except OSError as error:
        # Most file systems write over what is there, also on a full disk. Where not, the runs go on all the same.
        log.warning("what is at work could not be noted: %s", error)


def _read(file: int) -> tuple[list[str] | None, dict[str, int]]:
    """Return the workflows at work, or None where the process ended as it should, and how many crashes each has had."""
    line = os.pread(file, os.fstat(file).st_size, 0).partition(b"\n")[0]
    try:
        note = json.loads(line or b"{}")
    except ValueError:
        # The power was cut. Nobody is to blame for that.
        return None, {}
    return note.get("at_work"), note.get("crashes", {})
