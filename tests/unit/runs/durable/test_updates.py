"""Updates with runs under way: who goes on with them, and what becomes of those whose steps are not the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from bot.runs.durable.client import VERSION, DurableRuns
from bot.runs.durable.database import open_engine
from bot.runs.durable.flow import Flow
from bot.runs.durable.server_slot import Lease
from bot.runs.durable.slots import take_slot
from bot.runs.durable.versions import is_newer, take_up
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import LEASE, Process, Trace, once, request, start, until

BEFORE = str(int(VERSION) - 1)
PAUSE = 60


def stage(runs: DurableRuns, run: str) -> str:
    found = runs.progress(run)
    return found.stage if found else ""


@both
def test_what_another_version_has_begun_goes_on_where_its_steps_are_the_same(
    url: str, runs: DurableRuns, trace: Trace
) -> None:
    """Nobody does anything for a run with other steps, or with other results of them, but say so."""
    same, between, shape = 1, 2, 3

    def now(flow: Flow, wanted: RunRequest) -> Progress:
        name = f"{wanted.issue}."
        if wanted.issue == between:
            flow.step("new", lambda: trace.mark("new"), returns=None)
        flow.step("first", lambda: trace.mark(f"first {name}"), returns=int if wanted.issue == shape else None)
        return trace.body(PAUSE, begun=True)(flow, wanted)

    before = DurableRuns(url, version=BEFORE)
    begun = start(before, same, between, shape)
    with Process(url, trace.body(PAUSE), version=BEFORE) as worker:
        until(lambda: all(stage(runs, run) == Stage.BUILD for run in begun))
        worker.kill()
    (stored,) = start(before, 4)
    trace.go()
    with Process(url, now):
        until(lambda: runs.finished(stored) and stage(runs, begun[0]) == Stage.DONE)
        until(lambda: [stage(runs, run) for run in begun[1:]] == [Stage.FAILED] * 2)
        assert [found and found.note for found in map(runs.progress, begun[1:])] == ["version"] * 2
        assert runs.active("o/r", between) is None
        again = runs.start(request("again", shape))
        assert again.new
        until(lambda: runs.finished(again.run_id))
    assert trace.lines("new") == []
    assert len(trace.lines(f"first {same}.")) == len(trace.lines(f"last {same}.")) == 1
    before.close()


class Update:
    """Two workers of the version before with 50 runs under way, and webs of both versions."""

    def __init__(self, url: str, trace: Trace) -> None:
        self.url, self._trace = url, trace
        self.before, self.now = DurableRuns(url, version=BEFORE), DurableRuns(url)
        self.pids: dict[str, list[int]] = {BEFORE: [], VERSION: []}
        self.ended, self.left = range(1, 26), range(26, 51)
        self.runs: list[str] = []

    def worker(self, version: str = VERSION) -> Process:
        process = Process(self.url, self._trace.body(PAUSE), version=version)
        self.pids[version].append(process.pid)
        return process

    def begin(self) -> None:
        self.runs += start(self.before, *self.ended, *self.left)
        self.all(lambda run: stage(self.now, run) == Stage.BUILD)

    def go(self, *issues: int) -> None:
        self._trace.go(*issues)
        self.now.signal("o/r", None)

    def all(self, condition: Callable[[str], bool], last: int | None = None) -> None:
        """Wait until something is so of all runs, or of the last ones."""
        until(lambda: all(map(condition, self.runs[-last if last else None :])))

    def versions(self, *issues: int) -> set[str]:
        """Return the versions that have begun the runs of some issues."""
        began = [pid for issue in issues for _, pid in self._trace.lines(f"first {issue}.")]
        return {version for version, pids in self.pids.items() if set(began) & set(pids)}

    def end(self) -> None:
        """Have all end, and check that each has done each of its steps once."""
        self.go()
        self.all(self.now.finished)
        assert {stage(self.now, run) for run in self.runs} == {Stage.DONE}
        once(self._trace, range(1, len(self.runs) + 1))
        self.before.close()
        self.now.close()


server = pytest.mark.parametrize("kind", ["postgresql"])


@server
def test_workers_first_and_then_the_webs_strands_nothing(url: str, trace: Trace) -> None:
    """What old workers can end they end, also where one of them is stopped first."""
    update = Update(url, trace)
    with update.worker(BEFORE) as first, update.worker(BEFORE) as second:
        update.begin()
        first.stop()
        with update.worker() as third:
            # A web of before stores for workers of before, one of now for those of now.
            update.runs += start(update.before, *range(51, 56)) + start(update.now, *range(56, 61))
            update.all(lambda run: stage(update.now, run) == Stage.BUILD)
            update.go(*update.ended)
            until(lambda: all(map(update.now.finished, update.runs[: len(update.ended)])))
            assert update.versions(*range(1, 56)) == {BEFORE} and update.versions(*range(56, 61)) == {VERSION}
            assert {pid for text, pid in trace.lines("last")} == {second.pid}
            second.stop()
            # A web of before is still there.
            update.runs += start(update.before, 61)
            update.end()
            assert third.alive and update.versions(61) == {VERSION}


@server
def test_webs_first_and_then_the_workers_strands_nothing(url: str, trace: Trace) -> None:
    """What a new web stores waits for a new worker, and old workers do the rest meanwhile."""
    update = Update(url, trace)
    with update.worker(BEFORE) as first, update.worker(BEFORE) as second:
        update.begin()
        update.runs += start(update.now, *range(51, 56)) + start(update.before, *range(56, 61))
        update.all(lambda run: stage(update.now, run) == Stage.BUILD, last=5)
        update.go(*update.ended)
        until(lambda: all(map(update.now.finished, update.runs[: len(update.ended)])))
        # Time enough for them to look several times.
        time.sleep(4 * LEASE.look)
        assert update.versions(*range(51, 56)) == set()
        with update.worker() as third:
            update.all(lambda run: stage(update.now, run) == Stage.BUILD, last=10)
            first.stop()
            second.stop()
            update.end()
            assert third.alive and update.versions(*range(51, 56)) == {VERSION}


@server
def test_what_a_newer_version_has_stored_is_begun_after_a_while_where_none_of_its_workers_comes(url: str) -> None:
    newer = DurableRuns(url, version=str(int(VERSION) + 1))
    engine = open_engine(url, patient=True)
    start(newer, 1)
    take = partial(take_up, engine, VERSION)
    lease = Lease(older=0, newer=1.5)
    take(lease)
    assert stored(url) == newer.version
    time.sleep(1.6)
    # One of its workers is there, and does other things.
    slot = take_slot(url, newer.version, lease)
    take(lease)
    assert stored(url) == newer.version
    slot.give_back()
    until(lambda: take(lease) == [] and stored(url) == VERSION)
    newer.close()


def stored(url: str) -> str:
    """Return the version of the only run."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT application_version FROM dbos.workflow_status").fetchone()
    assert row is not None
    return str(row[0])


def test_versions_are_counted() -> None:
    assert is_newer("10", "9") and not is_newer("9", "10") and not is_newer("9", "9")
    # What nobody has counted is of before.
    assert not is_newer("test", "9")
