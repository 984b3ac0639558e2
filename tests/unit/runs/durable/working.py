"""Workers in processes of their own, and the requests they work on."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.gates import Backoff
from bot.runs.durable.worker import Worker
from bot.values.aside import SetAside
from bot.values.command import Request
from bot.values.progress import Progress, Stage
from bot.values.run import RunKind, RunRequest

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


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def work(url: str, body: Callable[[Flow, RunRequest], Progress], command: Callable[[Flow, Request], None]) -> None:
    """Be a worker process until killed."""
    backoff = Backoff(first=0.01, longest=0.02, longest_blocked=0.02)
    worker = Worker(url, body, command, aside_at_once, DurableRuns(url), poll_seconds=0.02, backoff=backoff)
    worker.start()
    signal.pause()


class Process:
    """A worker in a process of its own, which a test can kill."""

    def __init__(
        self,
        url: str,
        body: Callable[[Flow, RunRequest], Progress],
        command: Callable[[Flow, Request], None] = no_command,
    ) -> None:
        self._process = FORK.Process(target=work, args=(url, body, command), daemon=True)
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
