"""Runs that kill their worker's process: which one it was is known, it is set aside, and the others go on."""

from __future__ import annotations

import faulthandler
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.crashes import LIMIT, Crashes
from bot.runs.durable.flow import Flow
from bot.values.command import CommandRequest, Request
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.working import Process, no_command, progress, request, until

POISON, BUSY, WAITING, LATER = 1, 2, 3, 4


class Supervisor:
    """Starts the worker again whenever its process has ended, as an operator's does, and counts how often it had to."""

    def __init__(
        self,
        url: str,
        body: Callable[[Flow, RunRequest], Progress],
        command: Callable[[Flow, Request], None] = no_command,
    ) -> None:
        self.crashes = 0
        self._start = partial(Process, url, body, command)
        self._worker = self._start()

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.kill()

    def until(self, condition: Callable[[], bool]) -> None:
        """Keep a worker running until something is the case."""

        def kept() -> bool:
            if not self._worker.alive:
                self.crashes += 1
                self._worker = self._start()
            return condition()

        until(kept, seconds=60)


def fault() -> None:
    """End as by a segmentation fault, and say nothing of it in the tests' log."""
    faulthandler.disable()
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.parametrize(
    "die",
    [fault, lambda: os._exit(0), lambda: os.kill(os.getpid(), signal.SIGKILL)],
    ids=["segmentation fault", "exit", "killed"],
)
def test_a_run_that_kills_its_process_is_set_aside_and_the_others_go_on(
    url: str, runs: DurableRuns, tmp_path: Path, die: Callable[[], object]
) -> None:
    def work() -> None:
        (tmp_path / "busy").touch()
        time.sleep(0.5)

    def body(flow: Flow, wanted: RunRequest) -> Progress:
        flow.step("begin", lambda: None, returns=None)
        if wanted.issue == POISON:
            while not (tmp_path / "busy").exists():
                time.sleep(0.01)
            flow.step("die", die, returns=None)
        if wanted.issue == BUSY:
            # At work whenever the process dies, and innocent.
            for number in range(8):
                flow.step(f"work {number}", work, returns=None)
        while wanted.issue == WAITING and not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(60)
        flow.publish(progress(flow))
        return progress(flow)

    ids = {issue: runs.start(request(f"d-{issue}", issue)).run_id for issue in (POISON, BUSY, WAITING)}
    with Supervisor(url, body) as supervisor:
        supervisor.until(lambda: (found := runs.progress(ids[POISON])) is not None and found.note == "crashes")
        supervisor.until(lambda: runs.finished(ids[BUSY]))
        later = runs.start(request("d-later", LATER)).run_id
        supervisor.until(lambda: runs.finished(later))
        assert not runs.finished(ids[WAITING])
        (tmp_path / "go").touch()
        runs.signal("o/r", WAITING)
        supervisor.until(lambda: runs.finished(ids[WAITING]))
        assert supervisor.crashes == LIMIT
    for issue in (BUSY, WAITING):
        found = runs.progress(ids[issue])
        assert found is not None and found.stage is Stage.DONE
    poisoned = runs.latest("o/r", POISON)
    assert poisoned is not None and poisoned.stage is Stage.FAILED
    # It holds up nothing that a person asks for, and nobody has stopped it.
    assert runs.active("o/r", POISON) is None and not runs.stopped(ids[POISON])
    assert runs.start(request("d-retry", POISON)).new


def test_a_comment_that_kills_the_process_is_set_aside(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow))
        return progress(flow)

    def command(flow: Flow, _: Request) -> None:
        flow.step("carry out", lambda: os._exit(1), returns=None)

    said = CommandRequest(
        repo="o/r", installation=1, number=7, is_pull=False, comment_id=5, body="/list", actor="octo", delivery="d-5"
    )
    runs.command(said)
    with Supervisor(url, body, command) as supervisor:
        supervisor.until(lambda: (found := runs.progress("o/r/comment-5")) is not None and found.note == "crashes")
        run = runs.start(request()).run_id
        supervisor.until(lambda: runs.finished(run))
        assert supervisor.crashes == LIMIT


def test_no_number_of_crashes_of_others_ends_a_run(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow, Stage.BUILD))
        while not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(60)
        flow.publish(progress(flow))
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body) as worker:
        until(lambda: runs.progress(run) is not None)
        worker.kill()
    with sqlite3.connect(tmp_path / "runs.sqlite") as connection:
        connection.execute("UPDATE workflow_status SET recovery_attempts = 1000")
    connection.close()
    (tmp_path / "go").touch()
    with Process(url, body):
        until(lambda: runs.finished(run))
    found = runs.progress(run)
    assert found is not None and found.stage is Stage.DONE


class Notes:
    """The notes of one worker after the other, on one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.now = Crashes(path)
        self._at_work: list[AbstractContextManager[None]] = []

    def crash(self, *at_work: str) -> list[str]:
        """Have some be at work at a crash, and return what the worker after it is to set aside."""
        for workflow in at_work:
            self._at_work.append(self.now.at_work(workflow))
            thread = threading.Thread(target=self._at_work[-1].__enter__, daemon=True)
            thread.start()
            # Who has to wait for its turn does not come back.
            thread.join(2)
        self.now = Crashes(self._path)
        return self.now.to_blame


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path / "crashes")


def test_three_crashes_in_a_row_are_too_many(notes: Notes) -> None:
    assert [notes.crash("a") for _ in range(3)] == [[], [], ["a"]]
    notes.now.clear("a")
    assert notes.crash() == []


def test_who_was_not_at_work_at_one_of_them_is_cleared(notes: Notes) -> None:
    assert [notes.crash("a"), notes.crash("a"), notes.crash("b"), notes.crash("a"), notes.crash("a")] == [[]] * 5


def test_who_has_done_a_step_in_between_is_cleared(notes: Notes) -> None:
    assert notes.crash("a") == notes.crash("a") == []
    notes.now.clear("a")
    assert notes.crash("a") == []


def test_who_waits_is_not_at_work(notes: Notes) -> None:
    for _ in range(LIMIT):
        with notes.now.at_work("a"), notes.now.waiting():
            assert notes.crash() == []


def test_an_end_in_order_is_no_crash_and_clears_nobody(notes: Notes) -> None:
    notes.crash("a")
    notes.crash("a")
    notes.now.close()
    assert notes.crash("a") == []
    assert notes.crash("a") == ["a"]


def test_who_was_at_work_at_a_crash_takes_turns_until_it_is_clear_who_did_it(notes: Notes) -> None:
    notes.crash("poison", "innocent")
    # The innocent one waits for its turn, as the poison is at work already.
    notes.crash("poison", "innocent")
    assert notes.crash("poison", "innocent", "another") == ["poison"]
    assert notes.crash("innocent", "another") == []


def test_a_note_that_a_power_cut_has_spoilt_blames_nobody(tmp_path: Path) -> None:
    (tmp_path / "crashes").write_bytes(b'{"at_work": ["a"')
    assert Crashes(tmp_path / "crashes").to_blame == []


def of_another_version(folder: Path) -> None:
    """Make everything stored be of another version of the bot."""
    with sqlite3.connect(folder / "runs.sqlite") as connection:
        connection.execute("UPDATE workflow_status SET application_version = 'older'")
    connection.close()


def test_what_another_version_has_begun_is_set_aside_and_what_it_has_not_is_carried_over(
    url: str, runs: DurableRuns, tmp_path: Path
) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow, Stage.BUILD))
        while not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(60)
        flow.publish(progress(flow))
        return progress(flow)

    begun = runs.start(request("d-1", 1)).run_id
    with Process(url, body) as worker:
        until(lambda: runs.progress(begun) is not None)
        worker.kill()
    stored = runs.start(request("d-2", 2)).run_id
    of_another_version(tmp_path)
    (tmp_path / "go").touch()
    with Process(url, body):
        until(lambda: runs.finished(stored))
        until(lambda: (found := runs.latest("o/r", 1)) is not None and found.note == "version")
        assert runs.active("o/r", 1) is None
        again = runs.start(request("d-3", 1))
        assert again.new
        until(lambda: runs.finished(again.run_id))
    found = runs.progress(stored), runs.progress(again.run_id)
    assert [one.stage if one else None for one in found] == [Stage.DONE, Stage.DONE]
