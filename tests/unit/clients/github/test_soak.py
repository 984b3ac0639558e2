"""A soak: 1,000 issues at the real client's pace, on a clock of the test's own, where days pass in a moment.

What is simulated is when runs write: the run of an issue is a process that works, writes, and waits as the bot does,
first in its thread and then durably. The pace is the client's own, by installation, repository and kind.
"""

from __future__ import annotations

import heapq
import itertools
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import pytest
from greenlet import greenlet

from bot.clients.github import GitHub, Pace
from bot.errors import Unavailable
from tests.fakes.app_key import app_key

ISSUES = 1_000
WRITES = 6
"""What the run of each writes; enough that the limit of an hour is met again and again."""
QUESTIONS = 300
"""What people type in ten hours, and get one answer for."""
BURST, A_MINUTE, AN_HOUR = 10, 80, 500
"""GitHub's limits, and what the bot takes upon itself: a burst, then one a second."""
BUSY, QUIET = 1, 2
"""Two installations: everything happens at once in the one, and now and then something in the other."""


class Soak:
    """Processes side by side, of which one runs at a time: whoever sleeps lets the others go on.

    Attributes:
        now: the time of all of them.
        written: when something was written in an installation, in order.
        waited: how long each write has waited for its turn there.
        answered: how long people have waited for an answer.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.github = GitHub("http://127.0.0.1:9", 1, app_key(), lambda: Pace(lambda: self.now, self.sleep))
        self.written: dict[int, list[float]] = defaultdict(list)
        self.waited: dict[int, list[float]] = defaultdict(list)
        self.answered: list[float] = []
        self.ended = 0
        self._scheduler = greenlet.getcurrent()
        self._number = itertools.count()
        self._events: list[tuple[float, int, greenlet]] = []

    def begin(self, at: float, process: Callable[[], None]) -> None:
        """Have a process begin at a time."""
        heapq.heappush(self._events, (at, next(self._number), greenlet(process, self._scheduler)))

    def run(self) -> None:
        """Run all processes to their ends."""
        while self._events:
            self.now, _, process = heapq.heappop(self._events)
            process.switch()
            self.ended += process.dead

    def sleep(self, seconds: float) -> None:
        """Let time pass for the process that runs."""
        heapq.heappush(self._events, (self.now + seconds, next(self._number), greenlet.getcurrent()))
        self._scheduler.switch()

    def write(self, installation: int, repo: str, *, answers: bool = False) -> float:
        """Write once, as soon as the pace allows it; return how long that took."""
        asked = self.now
        while True:
            try:
                self.github.repository(repo, installation, answers=answers).pace.wait()
            except Unavailable as error:
                assert error.retry_after is not None
                self.sleep(error.retry_after)
                continue
            break
        self.written[installation].append(self.now)
        self.waited[installation].append(self.now - asked)
        return self.now - asked

    def issue(self, installation: int, repo: str, seed: int) -> None:
        """Be the run of an issue: it writes, and works between, on the model's answers and on builds."""
        chance = random.Random(seed)  # noqa: S311 (it only has to differ)
        for _ in range(WRITES):
            self.write(installation, repo)
            self.sleep(chance.choice((0.0, 0.1, chance.uniform(1, 30), chance.uniform(30, 300))))

    def person(self, installation: int, repo: str) -> None:
        """Be somebody who types a command that gets one answer."""
        self.answered.append(self.write(installation, repo, answers=True))


@pytest.fixture(scope="module")
def soak() -> Soak:
    soak, chance = Soak(), random.Random(7)  # noqa: S311 (it only has to differ)
    for number in range(ISSUES):
        quiet = number % 10 == 0
        repo = f"octo/{number % 7}"
        # A day of the quiet one; the others are all there at once.
        at = chance.uniform(0, 86_400) if quiet else chance.uniform(0, 60)
        soak.begin(at, partial(soak.issue, QUIET if quiet else BUSY, repo, number))
    for _ in range(QUESTIONS):
        soak.begin(chance.uniform(0, 36_000), partial(soak.person, BUSY, f"octo/{chance.randrange(7)}"))
    soak.run()
    return soak


def most(times: list[float], seconds: float) -> int:
    """Return the largest number of writes in any span of so many seconds."""
    return max(number + 1 - bisect_left(times, at - seconds + 1e-6) for number, at in enumerate(times))


def test_no_limit_is_exceeded_at_any_moment(soak: Soak) -> None:
    assert soak.ended == ISSUES + QUESTIONS
    assert sum(map(len, soak.written.values())) == ISSUES * WRITES + QUESTIONS
    for times in soak.written.values():
        assert times == sorted(times)
        assert most(times, 60) <= A_MINUTE
        assert most(times, 3600) <= AN_HOUR
        for seconds in (1, 2, 5, 10, 30):
            assert most(times, seconds) <= BURST + seconds


def test_what_may_be_written_is_written(soak: Soak) -> None:
    """The limits are used up while there is work, or keeping them were easy."""
    times = soak.written[BUSY]
    busy = (ISSUES * 9 // 10 * WRITES) // AN_HOUR - 1
    for hour in range(busy):
        assert bisect_left(times, (hour + 1) * 3600.0) - bisect_left(times, hour * 3600.0) >= AN_HOUR * 0.9


def test_a_busy_installation_holds_up_nobody_else(soak: Soak) -> None:
    assert max(soak.waited[QUIET]) <= 20
    assert sum(seconds > 1 for seconds in soak.waited[QUIET]) < len(soak.waited[QUIET]) * 0.05


def test_people_are_answered_before_runs_go_on(soak: Soak) -> None:
    assert len(soak.answered) == QUESTIONS
    assert max(soak.answered) <= 20
