"""Workers in processes of their own, and the requests they work on."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.runs.durable.client import VERSION, DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.gates import Backoff
from bot.runs.durable.server_slot import Lease
from bot.runs.durable.worker import Worker
from bot.values.aside import SetAside
from bot.values.command import Request
from bot.values.progress import Progress, Stage
from bot.values.run import RunKind, RunRequest
from bot.values.seats import Limits
from bot.worker import StopSignal

LEASE = Lease(renew=0.3, holds=2, free=4, look=0.3, older=8)
"""As long as nobody has to be patient for, and as a busy machine can keep."""
LIMITS = Limits()
FORK = multiprocessing.get_context("fork")


def request(delivery: str = "d-1", issue: int = 7) -> RunRequest:
    return RunRequest(repo="o/r", installation=1, issue=issue, actor="octo", kind=RunKind.NEW, delivery=delivery)


def progress(flow: Flow, stage: Stage = Stage.DONE, note: str = "") -> Progress:
    return Progress(run_id=flow.run_id, repo="o/r", issue=7, started_at=0, stage=stage, note=note)


def no_command(flow: Flow, request: Request) -> None:
    raise AssertionError("no command was sent")


def aside_at_once(flow: Flow, aside: SetAside) -> None:
    """Publish that something was set aside, and why."""
    flow.publish(progress(flow, Stage.FAILED, aside.why).model_copy(update={"run_id": aside.id}))


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.03)


def work(
    url: str,
    body: Callable[[Flow, RunRequest], Progress],
    command: Callable[[Flow, Request], None],
    version: str,
    limits: Limits,
) -> None:
    """Be a worker process until killed, or told to stop."""
    signalled = StopSignal()
    backoff = Backoff(first=0.01, longest=0.02, longest_blocked=0.02)
    runs = DurableRuns(url, version=version)
    worker = Worker(url, body, command, aside_at_once, runs, backoff=backoff, lease=LEASE, limits=limits)
    worker.start()
    signalled.wait()
    worker.stop(1)
    os._exit(0)


class Process:
    """A worker in a process of its own, which a test can kill."""

    def __init__(
        self,
        url: str,
        body: Callable[[Flow, RunRequest], Progress],
        command: Callable[[Flow, Request], None] = no_command,
        version: str = VERSION,
        limits: Limits = LIMITS,
    ) -> None:
        self._process = FORK.Process(target=work, args=(url, body, command, version, limits), daemon=True)
        self._process.start()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        self._process.terminate()
        self._process.join()


def append(file: Path, text: str) -> None:
    """Add to what a file says, which outlives the process that does so."""
    with file.open("a") as out:
        out.write(text)


class Trace:
    """What steps note, in the order in which they happened, each with the process that did it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "trace"
        self._folder = folder
        self._file.touch()

    def mark(self, text: str) -> None:
        append(self._file, f"{text} {os.getpid()}\n")

    def look(self, run: str) -> bool:
        self.mark(f"look {run}")
        return (self._folder / "go").exists() or (self._folder / f"go {run}").exists()

    def go(self, *issues: int) -> None:
        """Let the runs of some issues go on, or all."""
        for name in [f"go {issue}." for issue in issues] or ["go"]:
            (self._folder / name).touch()

    def lines(self, start: str) -> list[tuple[str, int]]:
        split = (line.rsplit(" ", 1) for line in self._file.read_text().splitlines())
        return [(text, int(pid)) for text, pid in split if text.startswith(start)]

    def body(self, pause: float, *, begun: bool = False) -> Callable[[Flow, RunRequest], Progress]:
        """Return a run that does a step, looks again and again whether it may go on, and does another one.

        Args:
            begun: the first step is done.
        """

        def body(flow: Flow, wanted: RunRequest) -> Progress:
            name = f"{wanted.issue}."
            if not begun:
                flow.step("first", lambda: self.mark(f"first {name}"), returns=None)
            flow.publish(progress(flow, Stage.BUILD))
            while not flow.step("look", lambda: self.look(name), returns=bool):
                flow.wait(pause)
            flow.step("last", lambda: self.mark(f"last {name}"), returns=None)
            flow.publish(progress(flow))
            return progress(flow)

        return body


def start(runs: DurableRuns, *issues: int) -> list[str]:
    return [runs.start(request(f"d-{issue}", issue)).run_id for issue in issues]


def once(trace: Trace, issues: Iterable[int]) -> None:
    """Check that each run did its first and its last step once."""
    for step in ("first", "last"):
        done = Counter(text for text, _ in trace.lines(step))
        assert done == {f"{step} {issue}.": 1 for issue in issues}
