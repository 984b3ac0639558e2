"""Steps: each is done once, whatever crashes, and again where it may come through then."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from bot.errors import Hindrance, TransientError, Unavailable, UserError
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.values.hold import Hold
from bot.values.progress import Progress, Stage
from bot.values.run import RunRequest
from bot.values.seats import Waiting
from tests.unit.runs.durable.conftest import both
from tests.unit.runs.durable.working import Process, Trace, append, progress, request, until


@both
def test_a_killed_worker_goes_on_and_repeats_no_finished_step(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    trace = tmp_path / "trace"

    def mark(text: str) -> None:
        append(trace, f"{text}\n")

    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.step("first", lambda: mark("first"), returns=None)
        done_at = f"{flow.done_at:.9f}"
        flow.publish(progress(flow, Stage.BUILD, done_at))
        while not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(60)
        flow.step("second", lambda: mark("second"), returns=None)
        flow.publish(progress(flow, note=done_at))
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body) as worker:
        until(lambda: runs.progress(run) is not None)
        worker.kill()
    killed = runs.progress(run)
    assert trace.read_text() == "first\n"

    # Nobody listens: this ring is lost, and the next start looks all the same.
    (tmp_path / "go").touch()
    runs.signal("o/r", 7)
    with Process(url, body):
        until(lambda: runs.finished(run))
    assert trace.read_text() == "first\nsecond\n"
    found = runs.latest("o/r", 7)
    assert found is not None and found.stage is Stage.DONE
    # It was done when it was done, not when it was replayed.
    assert killed is not None and 0 < float(found.note) == float(killed.note) <= time.time()


def test_a_run_that_waited_looks_once_after_a_restart_and_then_when_somebody_rings(
    url: str, runs: DurableRuns, trace: Trace
) -> None:
    run = runs.start(request()).run_id
    with Process(url, trace.body(60)):
        until(lambda: _waits(trace))
    before = len(trace.lines("look"))

    with Process(url, trace.body(60)):
        until(lambda: len(trace.lines("look")) > before)
        assert _waits(trace) and len(trace.lines("look")) == before + 1
        runs.signal("o/r", 7)
        until(lambda: len(trace.lines("look")) == before + 2)
        trace.go()
        runs.signal("o/r", 7)
        until(lambda: runs.finished(run))


def test_a_run_that_had_looked_at_a_part_before_a_crash_looks_at_all_again(
    url: str, runs: DurableRuns, trace: Trace, tmp_path: Path
) -> None:
    def second() -> None:
        trace.mark("look second")
        # The first time it is done at once.
        while len(trace.lines("look second")) > 1 and not (tmp_path / "pass").exists():
            time.sleep(0.01)

    def body(flow: Flow, _: RunRequest) -> Progress:
        while not flow.step("first", lambda: trace.look("first"), returns=bool):
            flow.step("second", second, returns=None)
            flow.wait(60)
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body):
        until(lambda: len(trace.lines("look second")) == 2)
    # What has happened since is seen by nobody, and the ring for it is lost.
    trace.go()
    (tmp_path / "pass").touch()
    with Process(url, body):
        until(lambda: runs.finished(run), 30)


def _waits(trace: Trace) -> bool:
    """Return whether the run looks no more, although it could."""
    looks = len(trace.lines("look"))
    time.sleep(1.5)
    return looks == len(trace.lines("look")) > 0


@both
def test_what_is_done_aside_is_done_again_after_a_crash_but_only_the_last(
    url: str, runs: DurableRuns, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"

    def mark(text: str) -> None:
        append(trace, f"{text}\n")

    def body(flow: Flow, _: RunRequest) -> Progress:
        for name in ("first", "second", "third"):
            flow.step(name, lambda: None, returns=None)
            flow.aside(partial(mark, f"{name} {'replayed' if flow.replayed else 'live'}"))
        flow.step("shown at once", flow.overtake, returns=None)
        flow.step("fourth", lambda: None, returns=None)
        flow.aside(partial(mark, f"fourth {'replayed' if flow.replayed else 'live'}"))
        flow.publish(progress(flow, Stage.BUILD))
        while not flow.step("look", (tmp_path / "go").exists, returns=bool):
            flow.wait(60)
        return progress(flow)

    run = runs.start(request()).run_id
    with Process(url, body) as worker:
        until(lambda: runs.progress(run) is not None)
        worker.kill()
    assert trace.read_text().split("\n")[:4] == ["first live", "second live", "third live", "fourth live"]
    trace.unlink()
    (tmp_path / "go").touch()
    with Process(url, body):
        until(lambda: runs.finished(run))
    assert trace.read_text() == "fourth replayed\n"


@both
def test_a_transient_failure_is_tried_again_and_a_persons_is_not(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    def flaky() -> str:
        append(tries, "x")
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


@both
def test_github_is_waited_for_over_restarts_however_long_it_takes(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    tries, told = tmp_path / "tries", tmp_path / "told"

    def write() -> str:
        append(tries, "x")
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

        def queued(self, waiting: Waiting) -> None:
            raise AssertionError("there are seats enough")

        seated = queued

        def _tell(self, text: str) -> None:
            append(told, f"{text}\n")

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


# With one worker, a run tries once after a restart.
@pytest.mark.parametrize("kind", ["postgresql"])
def test_what_is_done_aside_of_a_wait_is_done_again_after_a_crash(url: str, runs: DurableRuns, tmp_path: Path) -> None:
    said, tries = tmp_path / "said", tmp_path / "tries"

    def note(path: Path) -> None:
        with path.open("a") as out:
            out.write("x")

    def write() -> None:
        note(tries)
        raise Unavailable("GitHub takes no more", Hindrance.LIMIT, 600, place="o")

    class Aside:
        def __init__(self, flow: Flow) -> None:
            self._flow = flow

        def held(self, hold: Hold) -> None:
            self._flow.aside(lambda: note(said))

        def let_go(self, hold: Hold, began: float, ended: float) -> None:
            raise AssertionError("nothing is over")

        def queued(self, waiting: Waiting) -> None:
            raise AssertionError("there are seats enough")

        seated = queued

    def body(flow: Flow, _: RunRequest) -> Progress:
        flow.listen(Aside(flow))
        flow.step("write", write, returns=None)
        return progress(flow)

    run = runs.start(request()).run_id
    for count in (1, 2):
        with Process(url, body):
            until(lambda count=count: said.exists() and len(said.read_text()) >= count)  # type: ignore[misc]
    # Who was told to wait has not asked again.
    assert (said.read_text(), tries.read_text()) == ("xx", "x")
    runs.stop(run)
