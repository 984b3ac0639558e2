"""The durable engine, with a real database and real crashes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bot.errors import Hindrance, TransientError, Unavailable, UserError
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.worker import Worker
from bot.values.hold import Hold
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.working import Process, aside_at_once, no_command, progress, request, until


def test_new_work_is_rung_for_and_waits_for_no_poll(url: str, runs: DurableRuns) -> None:
    worker = Worker(url, lambda flow, _: progress(flow), no_command, aside_at_once, runs, poll_seconds=3600)
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


def test_github_is_waited_for_over_restarts_however_long_it_takes(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    tries, told = tmp_path / "tries", tmp_path / "told"

    def write() -> str:
        with tries.open("a") as out:
            out.write("x")
        if not (tmp_path / "mended").exists():
            raise Unavailable("GitHub answered 502", Hindrance.SUSPENDED, place="o")
        return "written"

    class Told:
        def __init__(self, flow: Flow) -> None:
            self._flow = flow

        def held(self, hold: Hold) -> None:
            self._flow.step("tell", lambda: self._tell(f"held: {hold.text}"), returns=None)

        def let_go(self, hold: Hold, began: float, ended: float) -> None:
            self._flow.step("tell", lambda: self._tell(f"let go: {ended >= began}"), returns=None)

        def _tell(self, text: str) -> None:
            with told.open("a") as out:
                out.write(f"{text}\n")

    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.listen(Told(flow))
        flow.step("before", lambda: None, returns=None)
        note = flow.step("write", write, returns=str)
        flow.publish(progress(flow, note=note))
        return progress(flow)

    run = runs.start(request()).run_id
    for count in (9, 15):
        with Process(url, body):
            until(lambda count=count: tries.exists() and len(tries.read_text()) >= count)  # type: ignore[misc]
            runs.signal_all("o")
    (tmp_path / "mended").touch()
    with Process(url, body):
        until(lambda: runs.finished(run))
    found = runs.progress(run)
    assert found is not None and found.note == "written"
    assert told.read_text() == "held: GitHub answered 502\nlet go: True\n"


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
            Worker(url, body, no_command, aside_at_once, runs)


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
