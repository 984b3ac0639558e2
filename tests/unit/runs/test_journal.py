"""What people are told of strategies that are at work at the same time, and what of the time counts."""

from __future__ import annotations

from typing import cast

import pytest

from bot.runs.acts import Asked
from bot.runs.durable.flow import Flow
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.sentence import verbatim
from bot.values.progress import Progress, Stage, StrategyOutcome, StrategyRecord
from bot.values.seats import Work


class Clock:
    """A flow whose time a test sets, and that keeps what is published."""

    def __init__(self) -> None:
        self.time = 0.0
        self.published: list[Progress] = []

    def now(self) -> float:
        return self.time

    def enter(self, work: Work) -> None:
        """A run takes its seat where it waits next."""

    leave = enter

    def publish(self, progress: Progress) -> None:
        self.published.append(progress)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(clock: Clock) -> Journal:
    records = tuple(StrategyRecord(name=name, outcome=StrategyOutcome.BUILDING) for name in ("first", "second"))
    progress = Progress(run_id="r", repo="o/r", issue=1, started_at=0, strategies=records)
    return Journal(cast(Flow, clock), cast(IssueSteps, None), progress, verbatim("a test"))


def test_time_in_which_a_run_waits_for_people_is_idle(journal: Journal, clock: Clock) -> None:
    with journal.idle():
        clock.time = 10
    clock.time = 15
    with pytest.raises(Asked), journal.idle():
        clock.time = 20
        raise Asked
    clock.time = 30
    assert journal.idle_seconds == 15


def test_only_time_in_which_all_lanes_wait_for_people_is_idle(journal: Journal, clock: Clock) -> None:
    first, second = journal.of_strategy(0), journal.of_strategy(1)
    journal.changed_lanes(2)
    journal.together()
    with first.idle():
        clock.time = 10
        with second.idle():
            clock.time = 13
        clock.time = 20
    assert journal.idle_seconds == 3
    # One that has ended keeps nobody from being idle.
    journal.changed_lanes(-1)
    with first.idle():
        clock.time = 24
    assert journal.idle_seconds == second.idle_seconds == 7
    journal.alone()
    with journal.idle():
        clock.time = 25
    assert journal.idle_seconds == 8


def test_a_run_waits_for_people_when_all_its_strategies_do(journal: Journal, clock: Clock) -> None:
    first, second = journal.of_strategy(0), journal.of_strategy(1)
    first.note(Stage.WAITING, verbatim("the build of it is red"))
    assert (clock.published[-1].stage, clock.published[-1].note) == (Stage.BUILD, "first: the build of it is red")
    assert [record.waits for record in clock.published[-1].strategies] == [True, False]
    second.note(Stage.FIX, verbatim("second, again"))
    assert (clock.published[-1].stage, clock.published[-1].note) == (Stage.FIX, "second: again")
    second.note(Stage.WAITING, verbatim("second"))
    assert (clock.published[-1].stage, clock.published[-1].note) == (Stage.WAITING, "second")
    journal.interrupted()
    assert [(record.outcome, record.note, record.waits) for record in journal.progress.strategies] == [
        (StrategyOutcome.STOPPED, "", False)
    ] * 2
