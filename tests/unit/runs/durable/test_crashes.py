"""Runs that kill their worker's process: which one it was is known, it is set aside, and the others go on."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.crashes import LIMIT, Crashes, FileNote, Note
from bot.runs.durable.database import open_engine
from bot.runs.durable.flow import Flow
from bot.runs.durable.server_crashes import ServerNote
from bot.runs.durable.server_slot import executor
from bot.values.command import CommandRequest, Request
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import Process, progress, request, until

_UNDER_WAY = "INSERT INTO workflow_status (workflow_uuid, status, executor_id) VALUES (:workflow, 'PENDING', :executor)"
POISON, BUSY, WAITING, LATER = 1, 2, 3, 4


class Supervisor:
    """Starts the worker again whenever its process has ended, as an operator's does, and counts how often it had to."""

    def __init__(self, start: Callable[[], Process]) -> None:
        self.crashes = 0
        self._start = start
        self._worker = start()

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

        until(kept, seconds=120)


def fault() -> None:
    """End as by a segmentation fault, and say nothing of it in the tests' log."""
    faulthandler.disable()
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.parametrize(
    "die",
    [fault, lambda: os._exit(0), lambda: os.kill(os.getpid(), signal.SIGKILL)],
    ids=["segmentation fault", "exit", "killed"],
)
@both
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
    with Supervisor(partial(Process, url, body)) as supervisor:
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


@both
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
    with Supervisor(partial(Process, url, body, command)) as supervisor:
        supervisor.until(lambda: (found := runs.progress("o/r/comment-5")) is not None and found.note == "crashes")
        run = runs.start(request()).run_id
        supervisor.until(lambda: runs.finished(run))
        assert supervisor.crashes == LIMIT


@both
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
    change(url, "UPDATE workflow_status SET recovery_attempts = 1000")
    (tmp_path / "go").touch()
    with Process(url, body):
        until(lambda: runs.finished(run))
    found = runs.progress(run)
    assert found is not None and found.stage is Stage.DONE


class Notes:
    """The notes of one worker after the other.

    Args:
        make: makes the note of the next worker.
    """

    def __init__(self, make: Callable[[], Note]) -> None:
        self._make = make
        self.now = Crashes(make())
        self._at_work: list[AbstractContextManager[None]] = []

    def crash(self, *at_work: str, waiting: str = "") -> list[str]:
        """Have some be at work at a crash, and one wait for its turn; return what the next worker is to set aside."""
        for workflow in (*at_work, *filter(None, [waiting])):
            self._at_work.append(self.now.at_work(workflow))
            thread = threading.Thread(target=self._at_work[-1].__enter__, daemon=True)
            thread.start()
            # Who has to wait for its turn does not come back.
            thread.join(0.2 if workflow == waiting else 60)
            assert thread.is_alive() == (workflow == waiting), workflow
        self.now = Crashes(self._make())
        return self.now.to_blame


@pytest.fixture
def notes(kind: str, url: str, runs: DurableRuns, tmp_path: Path) -> Iterator[Notes]:
    if kind == "sqlite":
        yield Notes(lambda: FileNote(tmp_path / "crashes"))
        return
    engine = open_engine(url, patient=True)
    with engine.begin() as connection:
        for workflow in ("a", "b", "poison", "innocent", "another"):
            found = {"workflow": workflow, "executor": executor(1)}
            connection.execute(sa.text(_UNDER_WAY), found)
    yield Notes(lambda: ServerNote(engine, 1))
    engine.dispose()


@both
def test_three_crashes_in_a_row_are_too_many(notes: Notes) -> None:
    assert [notes.crash("a") for _ in range(3)] == [[], [], ["a"]]
    notes.now.clear("a")
    assert notes.crash() == []


@both
def test_who_was_not_at_work_at_one_of_them_is_cleared(notes: Notes) -> None:
    assert [notes.crash("a"), notes.crash("a"), notes.crash("b"), notes.crash("a"), notes.crash("a")] == [[]] * 5


@both
def test_who_has_done_a_step_in_between_is_cleared(notes: Notes) -> None:
    assert notes.crash("a") == notes.crash("a") == []
    with notes.now.at_work("a"):
        notes.now.clear("a")
    assert notes.crash("a") == []


@both
def test_who_waits_is_not_at_work(notes: Notes) -> None:
    for _ in range(LIMIT):
        with notes.now.at_work("a"), notes.now.waiting():
            assert notes.crash() == []


@both
def test_an_end_in_order_is_no_crash_and_clears_nobody(notes: Notes) -> None:
    notes.crash("a")
    notes.crash("a")
    notes.now.close()
    assert notes.crash("a") == []
    assert notes.crash("a") == ["a"]


@both
def test_who_was_at_work_at_a_crash_takes_turns_until_it_is_clear_who_did_it(notes: Notes) -> None:
    notes.crash("poison", "innocent")
    # The innocent one waits for its turn, as the poison is at work already.
    notes.crash("poison", waiting="innocent")
    assert notes.crash("poison", "innocent", "another") == ["poison"]
    assert notes.crash("innocent", waiting="another") == []


def test_a_note_that_a_power_cut_has_spoilt_blames_nobody(tmp_path: Path) -> None:
    (tmp_path / "crashes").write_bytes(b'{"at_work": ["a"')
    assert Crashes(FileNote(tmp_path / "crashes")).to_blame == []


def change(url: str, statement: str) -> None:
    """Change what is stored, past the bot."""
    engine = open_engine(url, patient=True)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
