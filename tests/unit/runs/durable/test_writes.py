"""Several workers write to GitHub at the pace of one."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.clients.github import Pace
from bot.clients.github.pacing import BURST, OF_A_REPOSITORY, OF_HELD, OF_RUNS, PER_HOUR, Share, Shared
from bot.errors import Unavailable
from bot.runs.durable.database import open_engine
from bot.runs.durable.writes import ServerWrites
from tests.unit.runs.durable.working import FORK


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.fixture
def pace(url: str) -> Callable[[int], Pace]:
    """Makes another worker's pace of an installation."""
    return lambda installation: Pace(
        shared=Shared(ServerWrites(open_engine(url, patient=True)), installation),
    )


def written(url: str, share: str, count: int, ago: float) -> None:
    """Have so many writes be of some seconds ago."""
    engine = open_engine(url, patient=True)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO written (installation, share, at) SELECT 1, :share,"
                " extract(epoch FROM clock_timestamp()) - :ago FROM generate_series(1, :count)"
            ),
            {"share": share, "ago": ago, "count": count},
        )


def test_all_workers_together_write_no_faster_than_one(pace: Callable[[int], Pace]) -> None:
    seconds = 6.0
    done: multiprocessing.Queue[float] = FORK.Queue()

    def write() -> None:
        own, until = pace(1), time.monotonic() + seconds
        while time.monotonic() < until:
            own.wait()
            done.put(time.time())

    began = time.time()
    workers = [FORK.Process(target=write) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    at = sorted(done.get() for _ in range(done.qsize()))
    # No more than the bucket had, and one a second; and nearly as many.
    for number, moment in enumerate(at):
        assert number < BURST + (moment - began) + 0.5
    assert len(at) >= BURST + seconds - 3


def test_installations_do_not_wait_for_each_other(pace: Callable[[int], Pace]) -> None:
    one, other = pace(1), pace(2)
    for _ in range(BURST):
        one.wait()
    began = time.monotonic()
    for _ in range(BURST):
        other.wait()
    # One that waited for the other would take a second for each.
    assert time.monotonic() - began < BURST / 2


def test_an_hour_takes_what_github_allows_of_all_together(url: str, pace: Callable[[int], Pace]) -> None:
    written(url, "", PER_HOUR, 1800)
    with pytest.raises(Unavailable) as full:
        pace(1).wait()
    assert 1700 < (full.value.retry_after or 0) <= 1800
    pace(2).wait()


def test_a_repository_leaves_the_rest_to_its_neighbours_whichever_worker_writes(
    url: str, pace: Callable[[int], Pace]
) -> None:
    written(url, "octo/one", OF_A_REPOSITORY, 600)
    with pytest.raises(Unavailable) as full:
        Share(pace(1), OF_A_REPOSITORY, name="octo/one").wait()
    assert 2900 < (full.value.retry_after or 0) <= 3000
    Share(pace(1), OF_A_REPOSITORY, name="octo/two").wait()
    written(url, "octo/two", OF_A_REPOSITORY - 1, 600)
    with pytest.raises(Unavailable):
        Share(pace(1), OF_A_REPOSITORY, name="octo/two").wait()


def test_what_is_an_hour_ago_counts_no_more(url: str, pace: Callable[[int], Pace]) -> None:
    written(url, "", PER_HOUR, 3601)
    written(url, "octo/one", OF_A_REPOSITORY, 3601)
    Share(pace(1), OF_A_REPOSITORY, name="octo/one").wait()
    engine = open_engine(url, patient=True)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM written")).scalar() == 2


def test_word_of_a_wait_goes_beyond_what_runs_may_use(url: str, pace: Callable[[int], Pace]) -> None:
    written(url, "", OF_RUNS, ago=60)
    written(url, "octo/one", OF_A_REPOSITORY, ago=60)
    share = Share(pace(1), OF_A_REPOSITORY, name="octo/one")
    with pytest.raises(Unavailable):
        share.wait_aside(lambda: True)
    assert share.wait_aside(lambda: True, within=lambda: OF_HELD)
