"""Who waits for GitHub, for how long, and who asks."""

from __future__ import annotations

import pytest

from bot.runs.durable.gates import Backoff, Gates, LocalGates


class Clock:
    """Seconds that pass as a test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gates(clock: Clock) -> Gates:
    return Gates(lambda _: None, Backoff(first=2, longest=900), LocalGates(clock))


def fail(gates: Gates, run: str, place: str = "octo", named: float | None = None) -> None:
    gates.failed(place, run, passes=True, named=named)


def test_the_first_one_to_come_tries_for_all(gates: Gates, clock: Clock) -> None:
    for run in ("a", "b", "c"):
        fail(gates, run)
    assert all(0 < gates.left("octo", run) <= 2 for run in ("a", "b", "c"))
    clock.now += 2
    assert gates.left("octo", "b") == 0
    assert gates.left("octo", "a") > 2
    assert gates.left("octo", "c") > 2
    gates.passed("octo")
    assert [gates.left("octo", run) for run in ("a", "b", "c")] == [0, 0, 0]


def test_it_asks_less_and_less_often_and_at_least_every_quarter_of_an_hour(gates: Gates, clock: Clock) -> None:
    waits = []
    fail(gates, "a")
    for _ in range(20):
        waits.append(gates.left("octo", "a"))
        clock.now += waits[-1]
        assert gates.left("octo", "a") == 0
        fail(gates, "a")
    for number, wait in enumerate(waits):
        whole = min(900, 2 * 2**number)
        assert whole / 2 <= wait <= whole
    # Five days of it are a few hundred requests.
    assert 5 * 24 * 3600 / 450 < 1000


def test_an_hour_of_failures_is_few_requests_and_then_all_go_on(gates: Gates, clock: Clock) -> None:
    runs = ["a", "b", "c"]
    for run in runs:
        fail(gates, run)
    began, tries = clock.now, 0
    while clock.now < began + 3600:
        left = {run: gates.left("octo", run) for run in runs}
        if trying := [run for run, seconds in left.items() if seconds == 0]:
            (run,) = trying
            fail(gates, run)
            tries += 1
        else:
            clock.now += min(left.values())
    # The waits are half of 2, 4, 8, ... seconds at the least, and never more than a quarter of an hour.
    assert 10 <= tries <= 16
    assert min(gates.left("octo", run) for run in runs) <= 900
    gates.passed("octo")
    assert [gates.left("octo", run) for run in runs] == [0, 0, 0]


def test_what_github_names_is_never_cut_short(gates: Gates) -> None:
    fail(gates, "a", named=3600)
    assert gates.left("octo", "a") >= 3600
    fail(gates, "b", named=7200)
    assert gates.left("octo", "a") >= 7200


def test_many_that_fail_at_once_are_one_failure(gates: Gates) -> None:
    for number in range(200):
        fail(gates, f"run-{number}")
    assert gates.left("octo", "run-0") <= 2


def test_places_have_nothing_to_do_with_each_other(gates: Gates) -> None:
    fail(gates, "a")
    fail(gates, "b", place="acme")
    gates.passed("octo")
    assert gates.left("octo", "a") == 0
    assert gates.left("acme", "b") > 0


def test_one_that_never_comes_back_is_replaced(gates: Gates, clock: Clock) -> None:
    fail(gates, "a")
    fail(gates, "b")
    clock.now += 2
    assert gates.left("octo", "a") == 0
    assert gates.left("octo", "b") > 0
    gates.leave("octo", "a")
    assert gates.left("octo", "b") == 0
    fail(gates, "c")
    clock.now += 200
    assert gates.left("octo", "c") == 0


def test_after_a_restart_one_tries_at_once(gates: Gates) -> None:
    gates.join("octo", "a")
    gates.join("octo", "b")
    assert gates.left("octo", "a") == 0
    assert gates.left("octo", "b") > 0
