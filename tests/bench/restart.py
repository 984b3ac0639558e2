"""1,000 runs that wait: what their worker holds, and how soon all of them go on after it is started again."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from pathlib import Path

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.worker import Worker
from bot.values.aside import SetAside
from bot.values.command import Request
from bot.values.progress import Progress, Stage
from bot.values.run import RunKind, RunRequest
from bot.worker import StopSignal, spare_collections
from tests.bench.figure import Figure
from tests.bench.waiting import calm, memory, processor_seconds
from tests.fakes.postgres import start_server

RUNS = 1000
_SECONDS = 20
_REPOSITORY = "octo/services"


def measure() -> list[Figure]:
    """Measure it on a file, and on a server."""
    with tempfile.TemporaryDirectory() as folder:
        figures = _measure(f"sqlite:///{folder}/runs.sqlite", folder, "on SQLite")
    with tempfile.TemporaryDirectory() as folder, start_server(synced=True) as server:
        return figures + _measure(server.database(), folder, "on PostgreSQL")


def _measure(database: str, folder: str, where: str) -> list[Figure]:
    looked = Path(folder) / "looked"
    runs = DurableRuns(database)
    for issue in range(RUNS):
        runs.start(
            RunRequest(
                repo=_REPOSITORY,
                installation=1,
                issue=issue + 1,
                actor="octo",
                kind=RunKind.NEW,
                delivery=f"bench-{issue}",
            )
        )
    context = multiprocessing.get_context("spawn")
    worker = context.Process(target=_work, args=(database, str(looked)))
    worker.start()
    try:
        _all_looked(looked)
        pid = worker.pid or 0
        calm(pid)
        before = processor_seconds(pid)
        time.sleep(_SECONDS)
        idle = (processor_seconds(pid) - before) / _SECONDS * 100
        held = memory(pid)
        worker.terminate()
        worker.join()
        looked.unlink()
        began = time.monotonic()
        worker = context.Process(target=_work, args=(database, str(looked)))
        worker.start()
        _all_looked(looked)
        took = time.monotonic() - began
    finally:
        worker.kill()
        worker.join()
        runs.close()
    waiting = f"{RUNS} runs waiting"
    return [
        Figure(f"worker's memory, {waiting}, {where}", held, "MB", 400, ""),
        Figure(f"worker's processor share, {waiting}, {where}", idle, "% of a core", 25, "idle"),
        Figure(f"start to all of {RUNS} runs going on, {where}", took, "s", 10, ""),
    ]


def _work(database: str, looked: str) -> None:
    def body(flow: Flow, request: RunRequest) -> Progress:
        progress = Progress(
            run_id=flow.run_id, repo=request.repo, issue=request.issue, started_at=flow.now(), stage=Stage.BUILD
        )
        flow.publish(progress)
        while True:
            flow.step("look", lambda: _look(looked, request.issue), returns=None)
            flow.wait(300)

    def command(flow: Flow, request: Request) -> None:
        raise NotImplementedError

    def aside(flow: Flow, aside: SetAside) -> None:
        raise NotImplementedError

    signalled = StopSignal()
    worker = Worker(database, body, command, aside, DurableRuns(database))
    spare_collections()
    worker.start()
    signalled.wait()
    worker.stop(1)
    os._exit(0)


def _look(looked: str, issue: int) -> None:
    with Path(looked).open("a") as file:
        file.write(f"{issue}\n")


def _all_looked(looked: Path) -> None:
    deadline = time.monotonic() + 240
    while not looked.exists() or len(set(looked.read_text().splitlines())) < RUNS:
        if time.monotonic() > deadline:
            raise TimeoutError("not all runs go on")
        time.sleep(0.1)
