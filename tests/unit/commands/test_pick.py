"""`/pick`: which strategy is meant, and who merges it."""

from __future__ import annotations

import pytest

from bot.commands.answer import carry_out
from bot.values.github import WorkflowRun
from bot.values.naming import run_id
from bot.values.progress import Progress, StrategyRecord
from bot.values.run import RunKind
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import REPO, FakeRepository, asked, comment, pull

GREEN = WorkflowRun(id=1, status="completed", conclusion="success", head_sha="a" * 40, attempt=1, url="u")
ON_IT = "On it: I merge **a table** (#18), deploy it and close the others."


@pytest.fixture
def repository() -> FakeRepository:
    repository = FakeRepository()
    repository.built = GREEN
    repository.pulls[18] = pull(18)
    return repository


@pytest.fixture
def runs() -> FakeRuns:
    """A run with two strategies at work at the same time."""
    runs = FakeRuns()
    run = runs.start(asked(RunKind.NEW, delivery="first")).run_id
    records = (StrategyRecord(name="pillow", pull=12), StrategyRecord(name="a table", pull=18))
    runs.published[run] = Progress(run_id=run, repo=REPO, issue=3, started_at=0, strategies=records, side_by_side=True)
    return runs


@pytest.mark.parametrize(
    ("body", "number"), [("/pick 2", 3), ("/pick #18", 3), ("/pick strategy=2", 12), ("/pick", 18)]
)
def test_a_run_with_several_at_work_is_told(runs: FakeRuns, repository: FakeRepository, body: str, number: int) -> None:
    assert carry_out(comment(body, number), repository, runs).startswith(ON_IT)
    assert runs.revisions == [asked(RunKind.PICK, 18)]
    assert len(runs.started) == 1


def test_without_such_a_run_one_of_its_own_merges(runs: FakeRuns, repository: FakeRepository) -> None:
    runs.end(run_id(REPO, 3, "first"), runs.published[run_id(REPO, 3, "first")].stage)
    # What came after it had one strategy only, and does not count.
    later = runs.start(asked(RunKind.RETRY_PULL, 12, "later")).run_id
    runs.published[later] = runs.published[later].model_copy(
        update={"strategies": (StrategyRecord(name="pillow", pull=12),)}
    )
    runs.end(later, runs.published[later].stage)
    assert carry_out(comment("/pick 2"), repository, runs).startswith(ON_IT)
    assert runs.started[-1] == asked(RunKind.PICK, 18)
    # Carried out again after a crash.
    assert carry_out(comment("/pick 2"), repository, runs).startswith(ON_IT)
    assert len(runs.started) == 3


def test_what_was_worked_on_last_is_meant(runs: FakeRuns, repository: FakeRepository) -> None:
    first = run_id(REPO, 3, "first")
    runs.end(first, runs.published[first].stage)
    # Its pull request is not one of the two before.
    later = runs.start(asked(RunKind.RETRY, delivery="later")).run_id
    alone = (StrategyRecord(name="a chart", pull=20),)
    runs.published[later] = runs.published[later].model_copy(update={"strategies": alone})
    runs.end(later, runs.published[later].stage)
    repository.pulls[20] = pull(20)
    assert carry_out(comment("/pick 2"), repository, runs).startswith("There is no strategy 2: the last run had 1.")
    assert carry_out(comment("/pick"), repository, runs).startswith("On it: I merge **a chart** (#20), deploy it")
    assert runs.started[-1] == asked(RunKind.PICK, 20)


@pytest.mark.parametrize(
    ("body", "number", "reply"),
    [
        ("/pick", 3, "Several strategies are green: type `/pick 1` (**pillow**, #12) or `/pick 2` (**a table**, #18)."),
        ("/pick 3", 3, "There is no strategy 3: the last run had 2."),
        ("/pick #99", 3, "There is no strategy ＃99: the last run had 2."),
        ("/pick second", 3, "There is no strategy second: the last run had 2."),
        ("/pick 2 please", 3, "After `/pick` I understand only `strategy=...`, so I have done nothing."),
        ("/pick 2", 15, ""),
    ],
)
def test_what_cannot_be_picked_is_said(
    runs: FakeRuns, repository: FakeRepository, body: str, number: int, reply: str
) -> None:
    said = carry_out(comment(body, number), repository, runs)
    assert said in (reply, f"{reply} I have done nothing.")
    assert not runs.revisions


def test_a_pull_request_that_is_no_strategy_merges_no_other(runs: FakeRuns, repository: FakeRepository) -> None:
    repository.pulls[20] = pull(20)
    runs.published[run_id(REPO, 3, "first")] = runs.published[run_id(REPO, 3, "first")].model_copy(
        update={"strategies": (StrategyRecord(name="pillow", pull=12), StrategyRecord(name="a table"))}
    )
    assert carry_out(comment("/pick", 20), repository, runs) == (
        "#20 is none of the strategies that `/pick` chooses from. `/deploy` merges it once it is green. "
        "I have done nothing."
    )
    assert not runs.revisions


def test_what_is_closed_or_red_is_not_green(runs: FakeRuns, repository: FakeRepository) -> None:
    repository.pulls[18] = pull(18, state="closed")
    assert carry_out(comment("/pick 2"), repository, runs) == (
        "Strategy 2 (**a table**, #18) is not green, so I do not merge it. Green: 1 (**pillow**, #12). "
        "I have done nothing."
    )
    # The only green one is meant.
    assert carry_out(comment("/pick"), repository, runs).startswith("On it: I merge **pillow** (#12)")
    repository.built = None
    assert carry_out(comment("/pick"), repository, runs) == (
        "No green strategy of #3 waits to be merged; `/status` says how far I am. I have done nothing."
    )
    assert carry_out(comment("/pick 1"), repository, runs) == (
        "Strategy 1 (**pillow**, #12) is not green, so I do not merge it. None is. I have done nothing."
    )


def test_nothing_was_ever_tried(repository: FakeRepository) -> None:
    said = carry_out(comment("/pick 1"), repository, FakeRuns())
    assert said == "There is no strategy 1: no run has had any so far. I have done nothing."


def test_it_needs_write_access(runs: FakeRuns, repository: FakeRepository) -> None:
    said = carry_out(comment("/pick 1", actor="visitor"), repository, runs)
    assert said.startswith("@visitor, `/pick` needs write access to this repository, and you have read access.")
    assert not runs.revisions
