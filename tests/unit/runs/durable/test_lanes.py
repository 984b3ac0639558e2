"""Lanes of work in one workflow, with a real database and real crashes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.lanes import Lane, wait_in_lane
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.working import Process, append, progress, request, until


def rounds(flow: Flow, *lanes: Lane) -> None:
    """Let lanes go on until all have ended."""
    while True:
        seconds = min([lane.go_on() for lane in lanes])
        if math.isinf(seconds):
            return
        flow.wait(seconds)


def test_a_lane_goes_on_where_it_has_waited() -> None:
    said: list[str] = []

    def work(name: str) -> None:
        said.append(f"{name} begins")
        wait_in_lane(2)
        said.append(f"{name} ends")

    first, second = Lane(partial(work, "first")), Lane(partial(work, "second"))
    assert first.go_on() == 2
    assert not first.ended
    assert second.go_on() == 2
    assert first.go_on() == math.inf
    assert first.ended and first.go_on() == math.inf
    assert said == ["first begins", "second begins", "first ends"]
    second.drop()
    assert second.ended and said[-1] == "first ends"


def test_what_a_lane_raises_is_raised_where_it_goes_on() -> None:
    def work() -> None:
        wait_in_lane(1)
        raise UserError("no")

    lane = Lane(work)
    lane.go_on()
    with pytest.raises(UserError, match="no"):
        lane.go_on()
    assert lane.ended


def test_a_lane_that_is_dropped_is_not_heard_of_again() -> None:
    caught: list[str] = []

    def work() -> None:
        try:
            wait_in_lane(1)
        except UserError as error:
            caught.append(str(error))
        caught.append("it went on")

    lane = Lane(work)
    lane.drop()
    assert lane.ended
    lane = Lane(work)
    lane.go_on()
    lane.drop()
    assert lane.ended and not caught


def lanes_of(folder: Path) -> Callable[[Flow, RunRequest], Progress]:
    """Return a run in two lanes, of which each waits for two files and marks each of its steps."""

    def write(text: str) -> None:
        append(folder / "trace", f"{text}\n")

    def mark(flow: Flow, text: str) -> None:
        flow.step(text, partial(write, text), returns=None)
        flow.publish(progress(flow, Stage.BUILD, note=text))

    def work(flow: Flow, name: str) -> None:
        mark(flow, f"{name} begins")
        for number in (1, 2):
            while not flow.step(f"look {name}", (folder / f"{name}{number}").exists, returns=bool):
                flow.wait(60)
            mark(flow, f"{name} {number}")

    def body(flow: Flow, _: RunRequest) -> Progress:
        rounds(flow, Lane(partial(work, flow, "a")), Lane(partial(work, flow, "b")))
        flow.publish(progress(flow))
        return progress(flow)

    return body


def said(runs: DurableRuns, run: str) -> str:
    found = runs.progress(run)
    return found.note if found else ""


def test_lanes_go_on_after_crashes_and_repeat_no_finished_step(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    run = runs.start(request()).run_id
    expected = ["a begins", "b begins"]
    trace = tmp_path / "trace"
    for go in ("b1", "a1", "b2", "a2"):
        with Process(url, lanes_of(tmp_path)) as worker:
            until(lambda: said(runs, run) == expected[-1])
            worker.kill()
        (tmp_path / go).touch()
        expected.append(f"{go[0]} {go[1]}")
    with Process(url, lanes_of(tmp_path)):
        until(lambda: runs.finished(run))
    assert trace.read_text().splitlines() == expected
    found = runs.latest("o/r", 7)
    assert found is not None and found.stage is Stage.DONE


def test_a_ring_that_one_lane_has_heard_is_not_lost_for_the_others(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    def listening(flow: Flow) -> None:
        while not (tmp_path / "go").exists():
            # As long as it takes it only asks whether somebody has rung, as before a call of the model.
            time.sleep(0.01)
        while not flow.rung():
            time.sleep(0.01)

    def waiting(flow: Flow) -> None:
        while not flow.step("look", (tmp_path / "done").exists, returns=bool):
            flow.wait(60)

    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.rung()
        first = Lane(partial(waiting, flow))
        first.go_on()
        flow.publish(progress(flow, Stage.BUILD))
        rounds(flow, Lane(partial(listening, flow)), first)
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: runs.progress(run) is not None)
        (tmp_path / "done").touch()
        runs.signal("o/r", 7)
        (tmp_path / "go").touch()
        until(lambda: runs.finished(run))


def test_a_run_that_is_stopped_ends_in_all_lanes(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    run = runs.start(request()).run_id
    trace = tmp_path / "trace"
    with Process(url, lanes_of(tmp_path)):
        until(lambda: said(runs, run) == "b begins")
        runs.stop(run)
        for name in ("a1", "b1", "a2", "b2"):
            (tmp_path / name).touch()
        until(lambda: runs.finished(run))
        assert runs.start(request("d-2")).new
        again = runs.active("o/r", 7)
        until(lambda: again is not None and runs.finished(again))
    # The second run has all that there is; nothing of it is the first one's.
    own = ["a begins", "a 1", "a 2", "b begins", "b 1", "b 2"]
    assert trace.read_text().splitlines() == ["a begins", "b begins", *own]
