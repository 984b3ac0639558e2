"""Commands on a plan that the run at work has shown: which an approval can mean, and who else takes its place."""

from __future__ import annotations

import pytest

from bot.commands.answer import carry_out
from bot.values.progress import PlanMark, Stage
from bot.values.run import RunKind
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import FakeRepository, asked, comment

# Comments of these tests have the id 99.
MARK = PlanMark(number=2, comment=50)


def shown(runs: FakeRuns, mark: PlanMark | None = MARK, stage: Stage = Stage.PLAN) -> str:
    """Have a run be at work that has shown a plan; return its id."""
    run = runs.start(asked(RunKind.NEW, delivery="first")).run_id
    runs.published[run] = runs.published[run].model_copy(update={"plan": mark, "stage": stage})
    return run


@pytest.mark.parametrize("mark", [MARK, MARK.model_copy(update={"comment": 0})])
def test_the_run_at_work_hears_of_the_approval(runs: FakeRuns, repository: FakeRepository, mark: PlanMark) -> None:
    shown(runs, mark)
    said = carry_out(comment("/approve"), repository, runs)
    assert said == "Plan 2 is approved, and I start. The status comment above shows how far I am."
    (request,) = runs.revisions
    assert (request.kind, request.comment, request.delivery) == (RunKind.APPROVE, 99, "guid")
    assert len(runs.started) == 1


@pytest.mark.parametrize(
    ("mark", "stage", "said"),
    [
        (
            MARK,
            Stage.REVISE,
            "Plan 2 is being changed as somebody asked, so there is nothing to approve yet. Look at what comes of it, "
            "then type `/approve`.",
        ),
        (
            MARK.model_copy(update={"comment": 100}),
            Stage.PLAN,
            "This `/approve` came before plan 2 was here, so it does not count for it. Look at plan 2, then type "
            "`/approve` once more.",
        ),
        (
            MARK.model_copy(update={"approval": "other"}),
            Stage.BUILD,
            "Plan 2 is approved already (stage: build), so I have done nothing.",
        ),
        (
            None,
            Stage.SPECIFY,
            "I am already at work on #3 (stage: specify), so I have started nothing new.\n"
            "Wait for it to end, or type `/stop` first.",
        ),
    ],
)
def test_what_cannot_be_approved(
    runs: FakeRuns, repository: FakeRepository, mark: PlanMark | None, stage: Stage, said: str
) -> None:
    shown(runs, mark, stage)
    assert carry_out(comment("/approve"), repository, runs) == said
    assert not runs.revisions


def test_carried_out_again_after_a_crash_it_says_the_same(runs: FakeRuns, repository: FakeRepository) -> None:
    shown(runs, MARK.model_copy(update={"approval": "guid"}), Stage.TESTS)
    said = carry_out(comment("/approve"), repository, runs)
    assert said == "Plan 2 is approved, and I start. The status comment above shows how far I am."


@pytest.mark.parametrize("stage", [Stage.PLAN, Stage.REVISE])
def test_the_run_at_work_changes_its_plan(runs: FakeRuns, repository: FakeRepository, stage: Stage) -> None:
    shown(runs, stage=stage)
    said = carry_out(comment("/revise a border"), repository, runs)
    assert said == "I change the plan as you say, and post what comes of it; that needs an approval of its own."
    (request,) = runs.revisions
    assert (request.kind, request.pull, request.points[0].text) == (RunKind.REVISE, None, "a border")


@pytest.mark.parametrize(
    ("body", "number", "kind"), [("/retry", 3, RunKind.RETRY), ("/retry", 12, None), ("/deploy", 3, None)]
)
def test_only_who_begins_anew_takes_the_place_of_the_plan(
    runs: FakeRuns, repository: FakeRepository, body: str, number: int, kind: RunKind | None
) -> None:
    run = shown(runs)
    said = carry_out(comment(body, number), repository, runs)
    if kind is None:
        assert said == (
            "I am already at work on #3 (stage: plan), so I have started nothing new.\n"
            "Its plan waits: `/approve` starts the work, `/revise TEXT` changes the plan, `/stop` drops it."
        )
    else:
        assert said.startswith("On it: ")
        assert (runs.stopped, runs.started[-1].kind) == ([run], kind)
