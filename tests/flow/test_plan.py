"""`plan: approve`: a plan is shown before any code, and waits for an approval of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from bot.hub.state import Issue
from bot.runs.durable import flow
from bot.values.run import RunKind, RunRequest
from tests.flow.people import close, delete, edit, lock, repository, unlabel
from tests.flow.planning import APPROVED, PLAN, WAITS, invites_nobody, scene, timeless, waiting
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY

__all__ = ["scene"]


def test_nothing_is_written_before_the_plan_is_approved(scene: Scene) -> None:
    scene.answers(spec(), strategies("str.upper", "a table"))
    issue = scene.open(BODY)
    assert timeless(scene.next_comment(issue)) == PLAN
    scene.shows(issue, f"### ⏳ Upper case\n\n**Plan**: {WAITS}")
    status = scene.status(issue)
    assert "**Next**: tests, then the first strategy's code, once the plan is approved.\n" in status
    assert "| ⚪ | str.upper |  |  |  |  | planned |" in status
    assert "  approval :active, " in status
    assert len(scene.model.requests) == 2
    assert repository(scene).git.branches().keys() == {"main"}
    scene.say(issue, "Looks good to me.")
    scene.say(issue, "/status")
    assert scene.next_comment(issue).startswith(f"At work on #{issue}, stage **plan**: {WAITS}")
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED
    assert scene.finished(issue).stage == "done"
    assert scene.status(issue).startswith("### ✅ Upper case is live")


@pytest.mark.parametrize(("said", "name"), [("/approve", "approve"), ("/revise a suffix", "revise")])
def test_write_access_is_needed(scene: Scene, said: str, name: str) -> None:
    issue = waiting(scene)
    scene.say(issue, said, author="visitor")
    assert scene.next_comment(issue) == (
        f"@visitor, `/{name}` needs write access to this repository, and you have read access.\n"
        "Ask a maintainer to type it."
    )
    scene.say(issue, "/revise")
    assert scene.next_comment(issue) == "Say what shall change, for example `/revise make the border optional`."
    assert scene.reached(issue, "plan").plan is not None


def test_the_idea_of_an_outsider_and_its_plan_are_approved_one_after_the_other(scene: Scene) -> None:
    scene.answers(spec(), strategies("str.upper", "a table"))
    issue = scene.open(BODY, author="visitor")
    assert scene.next_comment(issue) == (
        "@visitor, thank you for the idea. Building it costs tokens and build minutes, so someone with write access "
        "has to agree: `/approve` starts it with a plan, which then needs an approval of its own."
    )
    scene.finished(issue)
    scene.say(issue, "/approve", author="rev")
    first = [timeless(scene.next_comment(issue)) for _ in range(2)]
    assert sorted(first) == sorted(
        [
            PLAN,
            "On it: the idea is approved, and I begin. The status comment above shows how far I am.",
        ]
    )
    scene.reached(issue, "plan")
    scene.answers(suite(), files())
    scene.say(issue, "/approve", author="rev")
    assert scene.next_comment(issue) == APPROVED
    assert scene.finished(issue).stage == "done"


def test_an_approval_counts_for_the_plan_it_saw(scene: Scene) -> None:
    issue = waiting(scene)
    old = RunRequest(
        repo=scene.name, installation=1, issue=issue, actor="rev", kind=RunKind.APPROVE, delivery="late", comment=1
    )
    assert scene.house.runs.approve(old)
    assert scene.next_comment(issue) == (
        "@rev, your `/approve` came before plan 1 was here, so it does not count for it. Look at plan 1, then type "
        "`/approve` once more."
    )
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED
    assert scene.finished(issue).stage == "done"


def test_a_second_approval_changes_nothing(scene: Scene) -> None:
    issue = waiting(scene)
    scene.hold_builds()
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED
    scene.reached(issue, "build")
    scene.say(issue, "/approve", author="rev")
    assert scene.next_comment(issue) == "Plan 1 is approved already (stage: build), so I have done nothing."
    scene.release_builds()
    assert scene.finished(issue).stage == "done"


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (close, "#1 was closed"),
        (lock, "#1 was locked"),
        (unlabel, "the label `microservice` was taken off #1"),
        (delete, ""),
    ],
)
def test_what_ends_the_wait(scene: Scene, act: Callable[[Scene, Issue], None], why: str) -> None:
    issue = waiting(scene)
    with scene.house.hub.parts.state.lock:
        act(scene, repository(scene).issues[issue])
    if why:
        assert scene.next_comment(issue) == f"⏹️ I have stopped: {why}. What is pushed stays where it is."
        invites_nobody(scene, issue)
    assert scene.finished(issue).stage == "stopped"


def test_stop_drops_the_plan(scene: Scene) -> None:
    issue = waiting(scene)
    scene.say(issue, "/stop")
    assert scene.next_comment(issue)
    invites_nobody(scene, issue)
    assert scene.finished(issue).stage == "stopped"
    assert scene.status(issue).startswith("### ⏹️ Upper case")
    scene.say(issue, "/revise a suffix")
    assert scene.next_comment(issue).startswith("There is no open pull request to change.")


def test_other_commands_leave_the_plan(scene: Scene) -> None:
    issue = waiting(scene)
    scene.say(issue, "/deploy")
    assert scene.next_comment(issue) == (
        f"I am already at work on #{issue} (stage: plan), so I have started nothing new.\n"
        "Its plan waits: `/approve` starts the work, `/revise TEXT` changes the plan, `/stop` drops it."
    )
    scene.say(issue, "/update a suffix")
    assert scene.next_comment(issue) == (
        "Plan 1 is not approved yet: `/revise TEXT` changes it. I have started nothing new."
    )
    assert scene.reached(issue, "plan")


def test_what_is_waited_for_people_costs_no_minutes(
    make_scene: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = make_scene("plan: approve\nmax_minutes: 30")
    issue = waiting(scene)
    # Only a run that waits already says this.
    edit(scene, issue, "octo", BODY.replace("text", "Greek text"))
    assert scene.next_comment(issue).startswith("The issue has changed, and plan 1 has not.")
    monkeypatch.setattr(flow, "time", SimpleNamespace(time=lambda: time.time() + 3600))
    scene.answers(suite(), files())
    scene.say(issue, "/approve")
    assert scene.next_comment(issue) == APPROVED
    assert scene.finished(issue).stage == "done"


def test_a_budget_is_shown_and_holds(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("plan: approve\nmax_tokens: 300\nbudget_usd: 2")
    scene.answers(spec(), strategies("str.upper"))
    issue = scene.open(BODY)
    assert "At the most there are 10 fixes; the run stops at 2.00 USD, 300 tokens. This plan" in scene.next_comment(
        issue
    )
    scene.reached(issue, "plan")
    scene.answers(suite())
    scene.say(issue, "/approve")
    comments = "\n".join(scene.next_comment(issue) for _ in range(2))
    assert "The budget of this run is spent: 330 of 300 tokens." in comments
    assert scene.finished(issue).stage == "waiting"


def test_runs_of_the_repository_tell_what_the_next_one_takes(scene: Scene) -> None:
    first = waiting(scene)
    scene.answers(suite(), files())
    scene.say(first, "/approve")
    assert scene.next_comment(first) == APPROVED
    assert scene.finished(first).stage == "done"
    scene.answers(spec(slug="shout"), strategies("str.upper"))
    second = scene.open(BODY.replace("Convert text to upper case", "Shout a text"), title="Shout")
    plan = scene.next_comment(second)
    assert "**Estimate**: 2 to 14 minutes, 200 to 17,800 tokens" in timeless(plan)
    assert "\nOnly 1 run of this repository tells, so it also follows from measurements elsewhere" in plan
    scene.reached(second, "plan")
    scene.say(second, "/stop")
    assert scene.next_comment(second)
    scene.finished(second)
