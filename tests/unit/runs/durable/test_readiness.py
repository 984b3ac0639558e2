"""Full disks, locked databases, silent workers: with the real ones."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.errors import TransientError
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.sqlite import lock_path
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.working import Process, progress, request, until


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    by = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size=8m,uid={os.geteuid()},gid={os.getegid()}"
    mount = subprocess.run([*by, "mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
    if mount.returncode:
        pytest.skip(f"no file system can be mounted here: {mount.stderr.decode().strip()}")
    yield folder
    subprocess.run([*by, "umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte, and return the file that has to go for it to have space again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    return filler


def large(folder: Path) -> str:
    """Return a step's result that takes space in the database."""
    return "x" * 500_000


def write(folder: Path) -> str:
    """Write a file, as a step that prepares a build does."""
    (folder / "build").write_bytes(b"x" * 500_000)
    return "written"


@pytest.mark.parametrize("step", [large, write], ids=["in the database", "in a step"])
def test_a_run_that_meets_a_full_disk_goes_on_when_there_is_space(disk: Path, step: Callable[[Path], str]) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.step("begin", lambda: None, returns=None)
        flow.publish(progress(flow, Stage.BUILD))
        while not (disk.parent / "full").exists():
            time.sleep(0.01)
        (disk.parent / "goes on").touch()
        flow.step("step", partial(step, disk), returns=str)
        flow.publish(progress(flow))
        return progress(flow)

    runs = DurableRuns(f"sqlite:///{disk}/runs.sqlite", patient=False)
    run = runs.start(request()).run_id
    with Process(f"sqlite:///{disk}/runs.sqlite", body) as worker:
        until(lambda: runs.progress(run) is not None)
        filler = fill(disk)
        (disk.parent / "full").touch()
        until((disk.parent / "goes on").exists)
        # Others are told at once, and what they want is not lost without a word.
        with pytest.raises(TransientError):
            for number in range(200):
                runs.start(request(f"d-{number}", 100 + number))
        assert runs.causes()["disk"] == "0 MB are free, less than 50"
        time.sleep(2)
        assert worker.alive and not runs.finished(run)
        filler.unlink()
        until(lambda: runs.finished(run), seconds=40)
    found = runs.progress(run)
    assert found is not None and found.stage is Stage.DONE
    runs.close()


def test_a_lock_is_said_at_once_and_waited_for_by_a_run(url: str, tmp_path: Path) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow, Stage.BUILD))
        while not (tmp_path / "locked").exists():
            time.sleep(0.01)
        flow.step("step", lambda: None, returns=None)
        flow.publish(progress(flow))
        return progress(flow)

    runs = DurableRuns(url, patient=False)
    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.progress(run) is not None)
        other = sqlite3.connect(tmp_path / "runs.sqlite", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        (tmp_path / "locked").touch()
        began = time.monotonic()
        for number in range(20):
            with pytest.raises(TransientError):
                runs.start(request(f"d-{number}", 100 + number))
        assert time.monotonic() - began < 10
        assert runs.causes()["database"] == "it is locked by another process"
        other.rollback()
        other.close()
        until(lambda: runs.finished(run), seconds=40)
        until(lambda: "database" not in runs.causes())
    runs.close()


def test_a_worker_is_missed_and_a_silent_one_is_noticed(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow))
        return progress(flow)

    assert runs.causes().get("worker") == "none has been started"
    run = runs.start(request()).run_id
    with Process(url, body) as worker:
        until(lambda: runs.finished(run))
        assert "worker" not in runs.causes()
        # As one that hangs: it is there, and does nothing.
        os.kill(worker.pid, signal.SIGSTOP)
        long_ago = time.time() - 1000
        os.utime(lock_path(url), (long_ago, long_ago))
        assert re.fullmatch(r"it has not looked for work for 10\d\d seconds", runs.causes()["worker"])
        os.kill(worker.pid, signal.SIGCONT)
        until(lambda: "worker" not in runs.causes())
    assert runs.causes()["worker"] == "it is not running"


def test_a_database_that_is_no_database_is_said(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    runs.close()
    for file in tmp_path.glob("runs.sqlite*"):
        file.write_bytes(b"no database" * 1000)
    assert runs.causes()["database"].startswith("it cannot be used: ")
