"""The pace of writes, on a clock of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from bot.clients.github import Pace
from bot.clients.github.pacing import (
    BURST,
    OF_RUNS,
    PER_HOUR,
    Urgency,
)
from bot.errors import Hindrance, TransientError, Unavailable


class Clock:
    """Time passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = threading.Lock()

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


def test_ten_at_once_then_one_a_second() -> None:
    clock = Clock()
    pace = Pace(clock.time, clock.sleep)
    at = []

    for _ in range(13):
        pace.wait()
        at.append(clock.now - 1000)

    assert at == [0] * 10 + [1, 2, 3]


def test_a_rest_fills_the_bucket_again_but_never_over_ten() -> None:
    clock = Clock()
    pace = Pace(clock.time, clock.sleep)
    for _ in range(12):
        pace.wait()
    clock.now += 500
    start = clock.now

    for _ in range(11):
        pace.wait()

    assert clock.now - start == 1


def test_never_more_than_80_a_minute() -> None:
    clock = Clock()
    pace = Pace(clock.time, clock.sleep)
    at = []
    for _ in range(300):
        pace.wait()
        at.append(clock.now)

    assert max(sum(1 for other in at if start <= other < start + 60) for start in at) <= 80


def test_501st_write_of_an_hour_is_put_off_without_holding_the_thread() -> None:
    clock = Clock()
    pace = Pace(clock.time, clock.sleep)
    for _ in range(OF_RUNS):
        pace.wait()
    with pytest.raises(TransientError):
        pace.wait()
    # What is left is for answers.
    for _ in range(PER_HOUR - OF_RUNS):
        pace.wait(Urgency.ANSWER)

    with pytest.raises(TransientError) as refused:
        pace.wait(Urgency.ANSWER)

    assert refused.value.retry_after == pytest.approx(1000 + 3600 - clock.now)
    clock.now = 1000 + 3600
    pace.wait(Urgency.ANSWER)


class Line:
    """Writers in threads of their own, on a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.written: list[tuple[str, float]] = []
        self.pace = Pace(self._time, self._sleep)
        self._changed = threading.Condition()
        self._sleeping: dict[int, float] = {}
        self._ended = 0
        self._threads: list[threading.Thread] = []

    def write(self, name: str, times: int = 1, urgency: Urgency = Urgency.STEP, of: str = "") -> None:
        """Have somebody write so often, one after the other."""
        self._start(name, times, lambda: self.pace.wait(urgency, of))

    def edit(
        self, name: str, wanted: Callable[[], bool] = lambda: True, within: Callable[[], int] = lambda: OF_RUNS
    ) -> None:
        """Have somebody write when nobody else does, as long as that is wanted."""

        def wait() -> None:
            if not self.pace.wait_aside(wanted, within=within):
                raise Unavailable("not wanted", Hindrance.LIMIT)

        self._start(name, 1, wait)

    def pass_by(self, seconds: int) -> list[str]:
        """Have so many seconds pass; return who has written in them."""
        before = len(self.written)
        for _ in range(seconds):
            with self._changed:
                self.now += 1
                self._changed.notify_all()
            self._settle()
        return [name for name, _ in self.written[before:]]

    def end(self) -> None:
        """Have time pass until all have written what they wanted."""
        while self._ended < len(self._threads):
            self.pass_by(1)
        for thread in self._threads:
            thread.join()

    def most_within(self, seconds: float) -> int:
        """Return how many writes there were at most within so many seconds."""
        at = [time for _, time in self.written]
        return max(sum(start <= other < start + seconds for other in at) for start in at)

    def _start(self, name: str, times: int, wait: Callable[[], object]) -> None:
        def work() -> None:
            try:
                for _ in range(times):
                    wait()
                    with self._changed:
                        self.written.append((name, self.now))
            except Unavailable:
                """It is not tried again here."""
            finally:
                with self._changed:
                    self._ended += 1
                    self._changed.notify_all()

        self._threads.append(threading.Thread(target=work, daemon=True))
        self._threads[-1].start()
        self._settle()

    def _settle(self) -> None:
        """Wait until all writers sleep or have ended."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._awake() == 0, timeout=10)

    def _awake(self) -> int:
        sleeping = sum(until > self.now for until in self._sleeping.values())
        return len(self._threads) - self._ended - sleeping

    def _time(self) -> float:
        return self.now

    def _sleep(self, seconds: float) -> None:
        with self._changed:
            until = self._sleeping[threading.get_ident()] = self.now + seconds
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.now >= until)
            del self._sleeping[threading.get_ident()]


@pytest.fixture
def line() -> Line:
    """A line of writers after a burst: from now on there is one write a second."""
    line = Line()
    line.write("burst", BURST)
    return line


def test_many_threads_together_keep_the_pace(line: Line) -> None:
    for number in range(5):
        line.write(f"run {number}", 5)
    line.end()

    assert [at for _, at in line.written] == [1000.0] * 10 + [1000.0 + second for second in range(1, 26)]


def test_what_people_wait_for_goes_before_what_a_run_waits_for_and_that_before_edits(line: Line) -> None:
    line.edit("status")
    line.write("push")
    line.write("merge")
    line.write("answer", 2, Urgency.ANSWER)

    assert line.pass_by(5) == ["answer", "answer", "push", "merge", "status"]


def test_an_edit_is_written_at_once_where_nothing_else_is(line: Line) -> None:
    line.pass_by(1)
    line.edit("status")

    assert line.written[-1] == ("status", line.now)


def test_an_edit_gives_way_for_half_a_minute_not_for_ever(line: Line) -> None:
    line.edit("status")
    for second in range(60):
        line.write(f"step {second}")
        line.pass_by(1)
    line.end()

    (at,) = [at for name, at in line.written if name == "status"]
    assert 25 <= at - 1000 <= 35


def test_an_edit_that_is_wanted_no_more_costs_nothing(line: Line) -> None:
    overtaken = threading.Event()
    line.edit("status", lambda: not overtaken.is_set())
    line.write("push")
    overtaken.set()

    assert line.pass_by(2) == ["push"]
    line.write("next")
    assert line.written[-1] == ("next", line.now)


def test_runs_take_turns(line: Line) -> None:
    line.write("busy", 6)
    line.write("quiet", 2)

    assert line.pass_by(8) == ["busy", "quiet", "busy", "quiet", "busy", "busy", "busy", "busy"]


def test_a_repository_with_many_issues_does_not_hold_up_one_with_a_single_one(line: Line) -> None:
    for _ in range(25):
        line.write("many", of="octo/many")
    line.pass_by(2)
    line.write("single", 3, of="octo/single")
    line.write("answer", 1, Urgency.ANSWER)

    assert line.pass_by(1) == ["answer"]
    assert line.pass_by(12).count("single") == 3
    line.end()
    assert [name for name, _ in line.written].count("many") == 25


def test_no_run_is_held_longer_than_half_a_minute_by_a_long_line(line: Line) -> None:
    for number in range(35):
        line.write(f"run {number}")
    line.end()

    assert [name for name, _ in line.written[BURST:]] == [f"run {number}" for number in range(30)]


def test_a_crowd_of_runs_answers_and_edits_keeps_to_githubs_limits() -> None:
    line = Line()
    for number in range(8):
        line.write(f"run {number}", 60)
        line.edit(f"status {number}")
    for number in range(10):
        line.pass_by(7)
        line.write(f"answer {number}", 3, Urgency.ANSWER)
    line.end()

    assert len(line.written) == OF_RUNS
    assert line.most_within(60) <= 70
    assert line.most_within(1) == BURST
