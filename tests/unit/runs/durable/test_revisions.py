"""What people ask for of a pull request is taken up by the run at work, or gets a run of its own, and once."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.values.naming import run_id
from bot.values.progress import Progress, Stage
from bot.values.revision import Point
from bot.values.run import RunKind, RunRequest
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import Process, progress, request, until


def revision(delivery: str, pull: int = 12) -> RunRequest:
    points = (Point(id=f"comment:{delivery}", author="octo", text=delivery),)
    return RunRequest.model_validate(
        request(delivery).model_dump() | {"kind": RunKind.REVISE, "pull": pull, "points": points}
    )


@both
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


@both
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


@both
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


@both
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
