"""The pace of writes, on a clock of the test's own."""

from __future__ import annotations

import threading

import pytest

from bot.clients.github import Pace
from bot.clients.github.pacing import OF_A_REPOSITORY, OF_ANSWERS, Share
from bot.errors import TransientError, Unavailable


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


def test_a_share_leaves_the_rest_of_the_hour_to_others() -> None:
    clock = Clock()
    whole = Pace(clock.time, clock.sleep)
    answers, one, other = Share(whole, OF_ANSWERS), Share(whole, OF_A_REPOSITORY), Share(whole, OF_A_REPOSITORY)

    for _ in range(OF_ANSWERS):
        answers.wait()
    with pytest.raises(Unavailable) as full:
        answers.wait()
    assert 0 < (full.value.retry_after or 0) <= 3600

    # What people type never keeps a run waiting.
    for _ in range(200):
        one.wait()
    clock.now += 3600
    for _ in range(OF_A_REPOSITORY):
        one.wait()
    with pytest.raises(Unavailable):
        one.wait()
    # Nor does a repository with many runs keep its neighbours waiting.
    for _ in range(100):
        other.wait()
