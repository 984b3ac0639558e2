"""The durable engine, with a real database and real crashes."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.errors import TransientError, UserError
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.worker import Worker
from bot.values.command import CommandRequest, ReviewRequest
from bot.values.naming import run_id
from bot.values.progress import Progress, Stage
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest

FORK = multiprocessing.get_context("fork")


def request(delivery: str = "d-1", issue: int = 7) -> RunRequest:
    return RunRequest(repo="o/r", installation=1, issue=issue, actor="octo", kind=RunKind.NEW, delivery=delivery)


def progress(flow: Flow, stage: Stage = Stage.DONE, note: str = "") -> Progress:
    return Progress(run_id=flow.run_id, repo="o/r", issue=7, started_at=0, stage=stage, note=note)


def no_command(flow: Flow, request: CommandRequest | ReviewRequest) -> None:
    raise AssertionError("no command was sent")


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/runs.sqlite"


@pytest.fixture
def runs(url: str) -> Iterator[DurableRuns]:
    runs = DurableRuns(url)
    yield runs
    runs.close()


def work(url: str, body: Callable[[Flow, RunRequest], Progress]) -> None:
    """Be a worker process until killed."""
    worker = Worker(url, body, no_command, DurableRuns(url), poll_seconds=0.02)
    worker.start()
    signal.pause()


class Process:
    """A worker in a process of its own, which a test can kill."""

    def __init__(self, url: str, body: Callable[[Flow, RunRequest], Progress]) -> None:
        self._process = FORK.Process(target=work, args=(url, body), daemon=True)
        self._process.start()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def test_new_work_is_rung_for_and_waits_for_no_poll(url: str, runs: DurableRuns) -> None:
    worker = Worker(url, lambda flow, _: progress(flow), no_command, runs, poll_seconds=3600)
    worker.start()
    try:
        for issue in (7, 8, 9):
            run = runs.start(request(f"d-{issue}", issue)).run_id
            until(partial(runs.finished, run))
    finally:
        worker.stop(1)


def test_two_deliveries_for_one_issue_are_one_run(runs: DurableRuns) -> None:
    first = runs.start(request("d-1"))
    second = runs.start(request("d-2"))
    again = runs.start(request("d-1"))
    other = runs.start(request("d-3", issue=8))

    assert first.new and not second.new
    assert second.run_id == again.run_id == first.run_id
    assert other.run_id != first.run_id
    assert runs.active("o/r", 7) == first.run_id
    assert runs.active("o/r", 9) is None


def test_a_killed_worker_goes_on_and_repeats_no_finished_step(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    trace = tmp_path / "trace"

    def mark(text: str) -> None:
        with trace.open("a") as out:
            out.write(text + "\n")

    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.step("first", lambda: mark("first"), returns=None)
        flow.publish(progress(flow, Stage.BUILD))
        while not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(60)
        flow.step("second", lambda: mark("second"), returns=None)
        flow.publish(progress(flow))
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body) as worker:
        until(lambda: runs.progress(run) is not None)
        worker.kill()
    assert trace.read_text() == "first\n"

    # Nobody listens: this ring is lost, and the next start looks all the same.
    (tmp_path / "go").touch()
    runs.signal("o/r", 7)
    with Process(url, body):
        until(lambda: runs.finished(run))
    assert trace.read_text() == "first\nsecond\n"
    found = runs.latest("o/r", 7)
    assert found is not None and found.stage is Stage.DONE


def test_a_signal_wakes_the_run_it_is_for(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    looks = tmp_path / "looks"

    def look() -> bool:
        with looks.open("a") as out:
            out.write("x")
        return (tmp_path / "go").exists()

    def body(flow: Flow, _: RunRequest) -> Progress:
        while not flow.step("look", look, returns=bool):
            flow.publish(progress(flow, Stage.BUILD, note=looks.read_text()))
            flow.wait(60)
        return progress(flow)

    run = runs.start(request()).run_id

    def looked_twice() -> bool:
        found = runs.progress(run)
        return found is not None and found.note == "xx"

    with Process(url, body):
        until(looked_twice)
        (tmp_path / "go").touch()
        runs.signal("o/r", 8)
        runs.signal("o/r", 7)
        until(lambda: runs.finished(run))
    assert looks.read_text() == "xxx"


def test_a_transient_failure_is_tried_again_and_a_persons_is_not(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    def flaky() -> str:
        with tries.open("a") as out:
            out.write("x")
        if len(tries.read_text()) < 3:
            raise TransientError("not yet", retry_after=0.01)
        return "came through"

    def refuse() -> None:
        raise UserError("say please")

    def body(flow: Flow, _: RunRequest) -> Progress:
        note = flow.step("flaky", flaky, returns=str)
        try:
            flow.step("refuse", refuse, returns=None)
        except UserError as error:
            note += f", {error}"
        flow.publish(progress(flow, note=note))
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.finished(run))
    found = runs.progress(run)
    assert found is not None and found.note == "came through, say please"
    assert tries.read_text() == "xxx"


def test_a_stopped_run_ends_at_once_and_its_issue_is_free(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow, Stage.BUILD))
        flow.wait(0)
        flow.wait(60)
        raise AssertionError("went on after it was stopped")

    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.progress(run) is not None)
        runs.stop(run)
        until(lambda: runs.finished(run))
    found = runs.progress(run)
    assert found is not None and found.stage is Stage.STOPPED
    assert runs.active("o/r", 7) is None
    assert runs.start(request("d-2")).new


def test_a_bug_is_shown_as_the_bots_own_failure(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow, Stage.BUILD))
        raise ZeroDivisionError

    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.finished(run))
    found = runs.progress(run)
    assert found is not None and found.stage is Stage.FAILED


def test_a_second_worker_on_the_same_database_is_refused(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow))
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.finished(run))
        with pytest.raises(UserError, match="one worker a database"):
            Worker(url, body, no_command, runs)


def revision(delivery: str, pull: int = 12) -> RunRequest:
    points = (Point(id=f"comment:{delivery}", author="octo", text=delivery),)
    return RunRequest.model_validate(
        request(delivery).model_dump() | {"kind": RunKind.REVISE, "pull": pull, "points": points}
    )


def test_what_is_asked_for_gets_a_run_of_its_own(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, wanted: RunRequest) -> Progress:
        # What it was started for is not asked for once more.
        assert flow.asked("o/r", 7, 12) == []
        return progress(flow, note=" ".join(point.text for point in wanted.points))

    asked = runs.revise(revision("d-1"))
    assert asked.new
    assert runs.revise(revision("d-1")) == asked
    with Process(url, body):
        until(lambda: runs.finished(asked.run_id))
        until(lambda: not runs.revisions("o/r", 7))
        assert len(runs.history("o/r", 7)) == 0 or runs.history("o/r", 7)[0].run_id == asked.run_id


def test_the_run_at_work_takes_up_what_is_asked_for_and_nobody_else_does(
    url: str, runs: DurableRuns, tmp_path: Path
) -> None:
    def body(flow: Flow, wanted: RunRequest) -> Progress:
        flow.publish(progress(flow, Stage.BUILD))
        while wanted.kind is RunKind.NEW and not (tmp_path / "go").exists():
            flow.wait(1)
        found = flow.asked("o/r", 7, 12)
        flow.take(found)
        again = flow.asked("o/r", 7, 12)
        flow.publish(progress(flow, note=f"{[one.delivery for one in found]} {again}"))
        return progress(flow)

    at_work = runs.start(request("d-1")).run_id
    with Process(url, body):
        until(lambda: runs.progress(at_work) is not None)
        for delivery in ("d-2", "d-3"):
            assert runs.revise(revision(delivery)).run_id == at_work
        # What is asked for elsewhere waits for its own turn.
        other = revision("d-4", pull=13)
        runs.revise(other)
        until(lambda: len(runs.revisions("o/r", 7)) == 3)
        (tmp_path / "go").touch()
        until(lambda: not runs.revisions("o/r", 7))
        own = run_id("o/r", 7, "d-4")
        until(lambda: runs.finished(own))
    assert [one.run_id for one in runs.history("o/r", 7)] == [own, at_work]
    assert runs.history("o/r", 7)[1].note == "['d-2', 'd-3'] []"


def test_what_was_taken_up_before_a_crash_stays_taken(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.publish(progress(flow, Stage.BUILD))
        while not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(1)
        found = flow.asked("o/r", 7, 12)
        flow.take(found)
        flow.publish(progress(flow, Stage.REVISE))
        while not flow.step("look again", (tmp_path / "on").exists, returns=bool):
            flow.wait(1)
        flow.publish(progress(flow, note=f"{[one.delivery for one in found]}"))
        return progress(flow)

    def reached(stage: Stage) -> bool:
        found = runs.latest("o/r", 7)
        return found is not None and found.stage is stage

    at_work = runs.start(request("d-1")).run_id
    with Process(url, body) as worker:
        until(partial(reached, Stage.BUILD))
        runs.revise(revision("d-2"))
        (tmp_path / "go").touch()
        until(partial(reached, Stage.REVISE))
        worker.kill()
    (tmp_path / "on").touch()
    with Process(url, body):
        until(lambda: runs.finished(at_work))
        until(lambda: not runs.revisions("o/r", 7))
    assert [one.note for one in runs.history("o/r", 7)] == ["['d-2']"]


def test_what_waits_for_a_run_that_is_stopped_is_dropped(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, wanted: RunRequest) -> Progress:
        assert wanted.kind is RunKind.NEW
        flow.publish(progress(flow, Stage.BUILD))
        while True:
            flow.now()
            flow.wait(60)

    at_work = runs.start(request("d-1")).run_id
    with Process(url, body):
        until(lambda: runs.progress(at_work) is not None)
        runs.revise(revision("d-2"))
        until(lambda: len(runs.revisions("o/r", 7)) == 1)
        runs.stop(at_work)
        until(lambda: not runs.revisions("o/r", 7))
    assert runs.active("o/r", 7) is None


def test_earlier_runs_of_the_issue_are_known_to_the_next(url: str, runs: DurableRuns) -> None:
    def body(flow: Flow, asked: RunRequest) -> Progress:
        seen = [one.note for one in flow.earlier(asked.repo, asked.issue)]
        flow.publish(progress(flow, note=f"{asked.delivery} after {seen}"))
        return progress(flow)

    with Process(url, body):
        first = runs.start(request("d-1")).run_id
        until(lambda: runs.finished(first))
        second = runs.start(request("d-2")).run_id
        until(lambda: runs.finished(second))
    found = runs.progress(second)
    assert found is not None and found.note == "d-2 after ['d-1 after []']"
    assert [one.run_id for one in runs.recent(5)] == [second, first]


def test_only_sqlite_urls_are_taken(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="sqlite:///"):
        DurableRuns("mysql://x")
