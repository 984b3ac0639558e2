"""The durable engine, with a real database and real crashes."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.worker import Worker
from bot.values.github import WorkflowRun
from bot.values.hint import Hint
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import Process, Trace, append, aside_at_once, no_command, progress, request, until


@both
def test_new_work_is_rung_for_and_waits_for_no_poll(url: str, runs: DurableRuns) -> None:
    worker = Worker(url, lambda flow, _: progress(flow), no_command, aside_at_once, runs, poll_seconds=3600)
    worker.start()
    try:
        for issue in (7, 8, 9):
            run = runs.start(request(f"d-{issue}", issue)).run_id
            until(partial(runs.finished, run))
    finally:
        worker.stop(1)


def test_a_signal_that_comes_to_another_thread_ends_the_worker(url: str, runs: DurableRuns, trace: Trace) -> None:
    with Process(url, trace.body(60)) as worker:
        runs.start(request())
        until(lambda: trace.lines("look") != [])
        threads = [int(thread.name) for thread in Path(f"/proc/{worker.pid}/task").iterdir()]
        # Any thread of a process may get its signals; Linux gives them to the one that is named.
        os.kill(max(threads), signal.SIGTERM)
        until(lambda: not worker.alive)


@both
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


@both
def test_a_signal_wakes_the_run_it_is_for(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    looks = tmp_path / "looks"

    def look() -> bool:
        append(looks, "x")
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


@both
def test_a_signal_may_say_what_has_ended(url: str, runs: DurableRuns) -> None:
    first = WorkflowRun(id=5, attempt=1, head_sha="a" * 40, status="completed", conclusion="failure", url="u")
    second = first.model_copy(update={"attempt": 2})

    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.rung()
        flow.publish(progress(flow, Stage.BUILD))
        while (said := flow.said("build.yml", "a" * 40)) != second:
            flow.wait(60)
        others = (flow.said("deploy.yml", "a" * 40), flow.said("build.yml", "b" * 40))
        flow.publish(progress(flow, note=f"{said.attempt}, {others}"))
        return progress(flow)

    with Process(url, body):
        run = runs.start(request()).run_id
        until(lambda: runs.progress(run) is not None)
        for workflow_run in (first, second):
            runs.signal("o/r", 7, Hint(workflow="build.yml", workflow_run=workflow_run))
        # What is too long for a ring wakes the run all the same.
        runs.signal("o/r", 7, Hint(workflow="build.yml", workflow_run=first.model_copy(update={"url": "u" * 9000})))
        until(lambda: runs.finished(run))
    found = runs.progress(run)
    assert found is not None and found.note == "2, (None, None)"


@both
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


@both
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


@both
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
    assert [one.run_id for one in runs.history("o/r", None)] == [second, first]


def test_other_kinds_of_database_are_refused() -> None:
    with pytest.raises(UserError, match=r"`sqlite:///` or `postgresql://`"):
        DurableRuns("mysql://x")
