"""The button "Re-run": who may press it, and what comes of it."""

from __future__ import annotations

import pytest

from bot.commands.rerunning import rerun
from bot.values.command import Reply, RerunRequest
from bot.values.progress import Stage
from bot.values.run import RunKind
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import REPO, FakeRepository


def pressed(number: int = 12, actor: str = "octo", by_bot: bool = False) -> RerunRequest:
    return RerunRequest(repo=REPO, installation=42, number=number, actor=actor, by_bot=by_bot, delivery=f"guid-{actor}")


@pytest.mark.parametrize(("actor", "by_bot"), [("octo", False), ("writer", False), ("a-bot", True)])
def test_who_may_write_has_it_built_again(repository: FakeRepository, runs: FakeRuns, actor: str, by_bot: bool) -> None:
    said = [rerun(pressed(actor=actor, by_bot=by_bot), repository, runs) for _ in range(2)]
    assert said[0] == said[1]
    assert said[0].marker == f"rerun:guid-{actor}"
    assert said[0].text.startswith("On it: I build this branch again, and go on from there. The status comment on #3")
    (started,) = runs.started
    assert (started.kind, started.issue, started.pull, started.rebuild) == (RunKind.RETRY_PULL, 3, 12, True)


@pytest.mark.parametrize(("actor", "access"), [("visitor", "read"), ("stranger", "no")])
def test_who_may_not_write_is_told_so_once(repository: FakeRepository, runs: FakeRuns, actor: str, access: str) -> None:
    assert rerun(pressed(actor=actor), repository, runs) == Reply(
        marker=f"refused-rerun:{actor}",
        text=f"@{actor}, to build again needs write access to this repository, and you have {access} access.\n"
        "A maintainer can press the button, or type `/retry`.\n",
    )
    assert runs.started == []


@pytest.mark.parametrize("number", [15, 16])
def test_pull_requests_of_others_are_left_alone(repository: FakeRepository, runs: FakeRuns, number: int) -> None:
    assert rerun(pressed(number), repository, runs) == Reply()
    assert runs.started == []


def test_what_is_merged_stays(repository: FakeRepository, runs: FakeRuns) -> None:
    assert rerun(pressed(14), repository, runs).text.startswith("This pull request is merged. `/update TEXT` on #3")
    assert runs.started == []


def test_a_run_at_work_goes_on_unless_it_only_waits(repository: FakeRepository, runs: FakeRuns) -> None:
    rerun(pressed(actor="octo"), repository, runs)
    assert "On it" not in rerun(pressed(actor="writer"), repository, runs).text
    (run,) = runs.published
    runs.published[run] = runs.published[run].model_copy(update={"stage": Stage.WAITING})
    assert rerun(pressed(actor="writer"), repository, runs).text.startswith("On it: ")
    assert runs.stopped == [run]
