"""Runs that are ended: cancelled, or too slow. Nothing of them is left behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.hub.state import Job
from tests.unit.hub.act.act_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


WAITING = """
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    timeout-minutes: {minutes}
    steps:
      - name: Wait
        run: |
          trap 'sleep 0.2; echo gone > {folder}/cleaned' EXIT
          echo $$ > {folder}/pid
          sleep 600
      - if: always()
        run: touch {folder}/went-on
"""


def alive(pid: str) -> bool:
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))


@pytest.mark.usefixtures("own_temp")
def test_a_cancelled_run_ends_its_processes_and_lets_them_clean_up(bench: Bench) -> None:
    def cancel(jobs: list[Job]) -> None:
        if jobs[0].steps[1].status == "in_progress":
            threading.Thread(target=wait_and_cancel, daemon=True).start()

    def wait_and_cancel() -> None:
        pid = bench.folder / "pid"
        while not (pid.exists() and pid.read_text()):
            bench.cancelled.wait(0.01)
        bench.cancelled.set()

    assert bench.run(WAITING.format(folder=bench.folder, minutes=5), cancel) == "cancelled"

    assert bench.steps()["Wait"] == "cancelled"
    assert bench.jobs[0].conclusion == "cancelled"
    assert bench.log()[-1] == "##[error]The operation was canceled."
    assert (bench.folder / "cleaned").read_text() == "gone\n"
    assert not alive((bench.folder / "pid").read_text().strip())
    assert not (bench.folder / "went-on").exists()
    assert list((bench.folder / "tmp").iterdir()) == []


@pytest.mark.usefixtures("own_temp")
def test_a_job_that_takes_too_long_times_out(bench: Bench) -> None:
    assert bench.run(WAITING.format(folder=bench.folder, minutes=0.01)) == "timed_out"

    assert (bench.jobs[0].status, bench.jobs[0].conclusion) == ("completed", "timed_out")
    assert bench.log()[-1] == "##[error]The job has exceeded the maximum execution time of 0.01 minutes."
    assert list((bench.folder / "tmp").iterdir()) == []
