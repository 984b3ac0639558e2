"""What is said to the bot by its name while a run asks is its answer, also where the run reads it first."""

from __future__ import annotations

from typing import Any

import pytest

from bot.commands.answer import Addressee, carry_out
from bot.values.progress import Stage
from bot.values.run import RunKind
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import FakeRepository, asked, comment

TAKEN = "I take this as your answer."
CALLED = Addressee(name="gptdeploy")


def at_work(runs: FakeRuns, **changes: Any) -> str:
    run = runs.start(asked(RunKind.NEW)).run_id
    runs.published[run] = runs.published[run].model_copy(update=changes)
    return run


@pytest.mark.parametrize(
    "changes", [{"stage": Stage.CLARIFY}, {"stage": Stage.SPECIFY, "answers": (98, 99)}, {"answers": (99,)}]
)
@pytest.mark.parametrize("body", ["@gptdeploy use UTC", "/revise use UTC"])
def test_an_answer_is_one_whoever_reads_it_first(
    runs: FakeRuns, repository: FakeRepository, body: str, changes: dict[str, Any]
) -> None:
    run = at_work(runs, **changes)
    assert carry_out(comment(body), repository, runs, CALLED) == TAKEN
    # The author answers, too, without write access.
    assert carry_out(comment(body, actor="visitor"), repository, runs, CALLED) == TAKEN
    runs.end(run, Stage.DONE if changes.get("answers") else Stage.CLARIFY)
    assert carry_out(comment(body), repository, runs, CALLED) == TAKEN
    assert [request.kind for request in runs.started] == [RunKind.NEW] and not runs.revisions


def test_what_no_run_takes_as_an_answer_asks_for_a_change(runs: FakeRuns, repository: FakeRepository) -> None:
    at_work(runs, stage=Stage.SPECIFY, answers=(98,))
    said = comment("@gptdeploy use UTC", delivery="later")
    assert carry_out(said, repository, runs, CALLED).startswith("I am already at work on #3 (stage: specify)")


def test_strangers_do_not_answer(runs: FakeRuns, repository: FakeRepository) -> None:
    at_work(runs, stage=Stage.CLARIFY)
    refused = carry_out(comment("@gptdeploy use UTC", actor="stranger"), repository, runs, CALLED)
    assert "needs write access" in refused
