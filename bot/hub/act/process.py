"""Follow an act process to its end, or end it because it was cancelled or a job takes too long."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from bot.hub.act.stream import Stream

GRACE_SECONDS = 5.0
"""How long the processes of an ended run get to clean up, e.g. to remove the container of a smoke run."""


def follow(
    process: subprocess.Popen[str],
    folder: Path,
    stream: Stream,
    timeouts: Mapping[str, float],
    cancelled: threading.Event,
) -> str:
    """Feed act's output to `stream` until it ends, somebody cancels, or a job takes longer than it may.

    `timeouts` are minutes by job id. `folder` is the run's RUNNER_TRACKING_ID. Afterwards none of the run's processes
    is left.
    """
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    # Bounded: a step that prints faster than its log is written has to wait.
    lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    open_output = True
    try:
        while True:
            if cancelled.is_set():
                for job_id in stream.running():
                    stream.note(job_id, "The operation was canceled.")
                stream.finish("cancelled")
                return "cancelled"
            if late := _late(stream, timeouts):
                stream.note(late, f"The job has exceeded the maximum execution time of {timeouts[late]:g} minutes.")
                stream.finish("timed_out", late=late)
                return "timed_out"
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=0.1)
                if line is None:
                    open_output = False
                    break
                stream.feed(line)
        conclusion = "success" if process.wait() == 0 else "failure"
        stream.finish(conclusion)
        return "skipped" if all(job.conclusion == "skipped" for job in stream.jobs) else conclusion
    finally:
        _end(process, str(folder))
        while open_output:
            open_output = lines.get() is not None


def _late(stream: Stream, timeouts: Mapping[str, float]) -> str:
    """Return the id of a job that has run longer than it may, or ""."""
    now = datetime.now(UTC)
    late = (job for job, start in stream.running().items() if now - start > timedelta(minutes=timeouts[job]))
    return next(late, "")


def _read(output: IO[str], lines: queue.Queue[str | None]) -> None:
    with output:
        for line in output:
            lines.put(line)
    lines.put(None)


def _end(process: subprocess.Popen[str], marker: str) -> None:
    """End act and all processes that its steps have left: with SIGTERM, and after `GRACE_SECONDS` with SIGKILL.

    Each step has a session of its own (act gives it a terminal). Its processes are found by RUNNER_TRACKING_ID in their
    environment; GitHub's runner finds orphans in the same way. act is stopped first, so that it neither starts the next
    step nor closes the terminals of steps that still clean up.
    """
    if process.poll() is None:
        _signal(process.pid, signal.SIGSTOP)
    # Parents first (they are older). Otherwise a shell whose command has died runs its exit trap when its signal comes.
    for pid in sorted(_tracked(marker) - {process.pid}):
        _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while left := _tracked(marker) - {process.pid}:
        if time.monotonic() > deadline:
            for pid in left:
                _signal(pid, signal.SIGKILL)
        time.sleep(0.05)
    if process.poll() is None:
        _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _tracked(marker: str) -> set[int]:
    """Return the processes that carry the run's RUNNER_TRACKING_ID; none where there is no /proc."""
    entry = f"RUNNER_TRACKING_ID={marker}".encode()
    pids = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if entry in path.read_bytes().split(b"\0"):
                pids.add(int(path.parent.name))
    return pids
