"""What threads want at the same moment is done once for all of them, and each is told what came of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from bot.runs.durable.together import Together
from tests.unit.runs.durable.working import until

_SECONDS = 30


class _Act:
    """Doubles numbers; each time it waits until it may, and it fails at what is negative."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.may = threading.Semaphore(0)

    def __call__(self, numbers: Sequence[int]) -> dict[int, int]:
        self.asked.append(list(numbers))
        assert self.may.acquire(timeout=_SECONDS)
        if min(numbers) < 0:
            raise ValueError(numbers)
        return {number: number * 2 for number in numbers if number != 7}


def _begin(
    pool: ThreadPoolExecutor, act: _Act, together: Together[int, int], first: int, others: Sequence[int]
) -> list[Future[int | None]]:
    """Have one be at it, and others come meanwhile."""
    futures = [pool.submit(together, first)]
    until(lambda: act.asked == [[first]])
    futures += [pool.submit(together, other) for other in others]
    until(lambda: len(together._waiting) == len(others))
    return futures


def test_whoever_comes_while_one_is_at_it_is_done_together_with_the_others() -> None:
    act = _Act()
    together = Together(act)
    with ThreadPoolExecutor(200) as pool:
        futures = _begin(pool, act, together, 0, range(1, 101))
        # What is done already began before the others came.
        assert wait(futures, timeout=0.1).done == set()
        act.may.release(3)
        results = [future.result(_SECONDS) for future in futures]
    assert results == [None if number == 7 else number * 2 for number in range(101)]
    assert [len(asked) for asked in act.asked] == [1, 64, 36]
    assert sorted(number for asked in act.asked for number in asked) == list(range(101))


def test_each_is_told_of_a_fault_and_the_next_ones_are_not() -> None:
    act = _Act()
    together = Together(act)
    with ThreadPoolExecutor(10) as pool:
        futures = _begin(pool, act, together, 0, [-1, 2, 3])
        act.may.release(2)
        assert futures[0].result(_SECONDS) == 0
        for future in futures[1:]:
            with pytest.raises(ValueError, match="-1"):
                future.result(_SECONDS)
        act.may.release()
        assert together(4) == 8
