"""The pace of writes, on a clock of the test's own."""

from __future__ import annotations

import threading

import pytest

from bot.clients.github import Pace
from bot.errors import TransientError


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
    for _ in range(500):
        pace.wait()

    with pytest.raises(TransientError) as refused:
        pace.wait()

    assert refused.value.retry_after == pytest.approx(1000 + 3600 - clock.now)
    clock.now = 1000 + 3600
    pace.wait()


def test_many_threads_together_keep_the_pace() -> None:
    clock = Clock()
    sleeps: list[float] = []
    pace = Pace(clock.time, sleeps.append)

    def write() -> None:
        for _ in range(5):
            pace.wait()

    threads = [threading.Thread(target=write) for _ in range(5)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(sleeps) == [float(second) for second in range(1, 16)]
