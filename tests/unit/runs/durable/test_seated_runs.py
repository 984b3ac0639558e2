"""What a run does that has no seat, and what becomes of the seats of runs."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest

from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from bot.values.seats import Limit, Limits, Waiting, Work
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import Process, append, progress, request, until


class Told:
    """A listener that keeps what people are told, each in a step."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def queued(self, waiting: Waiting) -> None:
        full = waiting.full
        self._flow.step("tell", lambda: None, returns=None)
        note = f"{full.held} of {full.limit} {full.work}"
        self._flow.publish(progress(self._flow, Stage.IMPLEMENT, note))

    def seated(self, waiting: Waiting) -> None:
        self._flow.step("tell", lambda: None, returns=None)
        self._flow.publish(progress(self._flow, Stage.BUILD, "seated"))

    def held(self, *_: object) -> None:
        raise AssertionError("GitHub can be used")

    let_go = held


class Yard:
    """Builds that take as long as a test says: a run begins one, and ends it once its file is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines = folder / "lines"
        self._lines.touch()

    def body(self, flow: Flow, wanted: RunRequest) -> Progress:
        name = f"{wanted.repo} {wanted.issue}"
        flow.listen(Told(flow))
        flow.enter(Work.BUILD)
        flow.step("push", lambda: self._note(f"push {name}"), returns=None)
        while not flow.step("look", (self._folder / name.replace("/", "-")).exists, returns=bool):
            flow.wait(0.2)
        flow.leave(Work.BUILD)
        flow.step("end", lambda: self._note(f"end {name}"), returns=None)
        return progress(flow)

    def end(self, repo: str, *issues: int) -> None:
        for issue in issues:
            (self._folder / f"{repo.replace('/', '-')} {issue}").touch()

    def pushed(self) -> list[str]:
        lines = self._lines.read_text().splitlines()
        return [line.removeprefix("push ") for line in lines if line.startswith("push ")]

    def most(self) -> int:
        """Return how many were under way at the most."""
        under_way = most = 0
        for line in self._lines.read_text().splitlines():
            under_way += 1 if line.startswith("push") else -1
            most = max(most, under_way)
        return most

    def _note(self, text: str) -> None:
        append(self._lines, f"{text}\n")


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def start(runs: DurableRuns, repo: str, *issues: int) -> list[str]:
    wanted = (request(f"{repo}-{issue}", issue).model_copy(update={"repo": repo}) for issue in issues)
    return [runs.start(one).run_id for one in wanted]


def note(runs: DurableRuns, run: str) -> str:
    found = runs.progress(run)
    return found.note if found else ""


@both
def test_a_run_without_a_seat_says_so_and_goes_on_when_there_is_one(
    kind: str, url: str, runs: DurableRuns, yard: Yard
) -> None:
    """Also over a crash: what was under way is, and counts."""
    limits = Limits(builds=Limit(each=1, whole=2))
    with Process(url, yard.body, limits=limits) as worker:
        (first,) = start(runs, "o/r", 1)
        until(lambda: yard.pushed() == ["o/r 1"])
        (second,) = start(runs, "o/r", 2)
        until(lambda: note(runs, second) == "1 of 1 builds")
        worker.kill()
    with Process(url, yard.body, limits=limits):
        (third,) = start(runs, "p/r", 3)
        if kind == "postgresql":
            until(lambda: yard.pushed() == ["o/r 1", "p/r 3"])
        yard.end("o/r", 1)
        until(lambda: runs.finished(first) and len(yard.pushed()) == 3)
        until(lambda: note(runs, second) == "seated")
        yard.end("o/r", 2)
        yard.end("p/r", 3)
        until(lambda: runs.finished(second) and runs.finished(third))
    assert sorted(yard.pushed()) == ["o/r 1", "o/r 2", "p/r 3"]
    # A file's worker forgets at its end who has a seat: what begins right after a start may be one too many.
    assert yard.most() <= (2 if kind == "postgresql" else 3)


@both
def test_a_run_that_is_stopped_while_it_waits_leaves_its_place_to_others(
    url: str, runs: DurableRuns, yard: Yard
) -> None:
    with Process(url, yard.body, limits=Limits(builds=Limit(each=1, whole=1))):
        start(runs, "o/r", 1)
        until(lambda: yard.pushed() == ["o/r 1"])
        (second,) = start(runs, "o/r", 2)
        until(lambda: note(runs, second) != "")
        (third,) = start(runs, "o/r", 3)
        runs.stop(second)
        yard.end("o/r", 1, 3)
        until(lambda: runs.finished(third))
    assert yard.pushed() == ["o/r 1", "o/r 3"]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_one_repository_with_many_issues_holds_up_no_other_one_whichever_workers_there_are(
    url: str, runs: DurableRuns, yard: Yard
) -> None:
    """Two workers have taken up all of one repository's; one of them is killed with its seats."""
    limits = Limits(builds=Limit(each=3, whole=3))
    with Process(url, yard.body, limits=limits) as first, Process(url, yard.body, limits=limits):
        ids = start(runs, "o/many", *range(1, 41))
        until(lambda: len(yard.pushed()) == 3)
        ids += start(runs, "p/single", 99)
        time.sleep(1)
        assert len(yard.pushed()) == 3
        # The next seat that comes free is the other one's, in front of 37.
        yard.end("o/many", int(yard.pushed()[0].split()[1]))
        until(lambda: len(yard.pushed()) == 4)
        assert yard.pushed()[3] == "p/single 99"
        first.kill()
        yard.end("p/single", 99)
        yard.end("o/many", *range(1, 41))
        with Process(url, yard.body, limits=limits):
            until(lambda: all(runs.finished(run) for run in ids), seconds=120)
    # The step that was under way when its worker was killed is done again.
    assert set(yard.pushed()) == {f"o/many {issue}" for issue in range(1, 41)} | {"p/single 99"}
    assert len(yard.pushed()) <= 41 + 3
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM gptdeploy.seats").fetchone() == (0,)
