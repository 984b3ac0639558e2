"""What people do to a pull request after the run has left it to them, or has ended because they closed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.hub.state import Issue
from tests.flow.people import close_pull, delete_branch, merge, pull_of, push, repository
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.reviewing import EXECUTOR, GREEN
from tests.flow.scene import Scene
from tests.flow.test_people import BY_HAND, building
from tests.flow.test_revise import green
from tests.flow.test_run import BODY, RED

__all__ = ["green"]


def act(scene: Scene, by: Callable[[Scene, Issue], None]) -> None:
    with scene.house.hub.parts.state.lock:
        by(scene, repository(scene).issues[1])


def reopen(scene: Scene, author: str = "octo") -> None:
    hub = scene.house.hub
    with hub.parts.state.lock:
        hub.parts.pulls.set_state(repository(scene), pull_of(scene, 2), hub.caller(author), "open")


def stopped(scene: Scene, issue: int, why: str = "#2 was closed") -> None:
    assert scene.next_comment(issue) == f"⏹️ I have stopped: {why}. What is pushed stays where it is."
    assert scene.finished(issue).stage == "stopped"
    assert scene.status(issue).startswith(f"### ⏹️ Upper case\n\nStopped: {why}; `/retry` starts afresh.")
    assert " | str.upper | #2 |" in scene.status(issue)


def close_and_reopen(scene: Scene, issue: int, author: str = "octo") -> None:
    """Close #2, and open it again once its run has stopped."""
    act(scene, close_pull)
    stopped(scene, issue)
    reopen(scene, author)


@pytest.mark.parametrize(
    ("by", "why"), [(close_pull, "#2 was closed"), (delete_branch, "the branch of #2 was deleted")]
)
def test_what_waits_for_a_person_is_closed(
    green: tuple[Scene, int], by: Callable[[Scene, Issue], None], why: str
) -> None:
    scene, issue = green
    act(scene, by)
    stopped(scene, issue, why)


def test_what_is_opened_again_waits_as_before_and_is_merged_by_a_person(green: tuple[Scene, int]) -> None:
    scene, issue = green
    close_and_reopen(scene, issue)
    assert scene.next_comment(issue) == GREEN
    scene.shows(issue, "### ⏸️ Upper case\n\n#2 is green; `/deploy` merges it")
    scene.finished(issue)
    merge(scene, 2)
    assert scene.reached(issue, "done").deployment is not None
    scene.finished(issue)
    assert scene.status(issue).startswith("### ✅ Upper case is live")


def test_work_that_was_stopped_goes_on_where_its_pull_request_is_opened_again(scene: Scene) -> None:
    issue = building(scene)
    close_and_reopen(scene, issue)
    scene.shows(issue, "### ⏳ Upper case\n\n**Build**: again on #2")
    scene.release_builds()
    assert scene.reached(issue, "done")
    scene.finished(issue)


def test_who_may_not_write_opens_it_in_vain(green: tuple[Scene, int]) -> None:
    scene, issue = green
    close_and_reopen(scene, issue, "visitor")
    scene.shows(issue, "### ⏸️ Upper case\n\n#2 is open again; `/retry` on it goes on")
    scene.finished(issue)


def stood_back(scene: Scene, then: str) -> None:
    said = scene.next_comment(2)
    assert said.startswith("Somebody has pushed ") and f"I wait for its build, and {then}" in said


def test_a_push_is_answered_and_its_build_waited_for(green: tuple[Scene, int]) -> None:
    scene, issue = green
    head = push(scene, pull_of(scene, 2).head_ref, EXECUTOR, BY_HAND)
    stood_back(scene, "say so when it is green; `/deploy` merges it then. If it is red: push again")
    assert scene.next_comment(issue) == GREEN
    scene.finished(issue)
    assert scene.builds[-1].head_sha == head
    scene.say(2, "/deploy")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.reached(issue, "done")
    scene.finished(issue)


def test_a_push_that_is_red_is_fixed_on_demand(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.build_logs(RED)
    push(scene, pull_of(scene, 2).head_ref, EXECUTOR, BY_HAND)
    stood_back(scene, "say so when it is green")
    scene.shown(issue, "is red; push again, or type `/retry` there")
    scene.answers(fix("Upper case was lost.", "input.text.upper()"))
    scene.say(2, "/retry")
    assert scene.next_comment(2).startswith("On it: I go on fixing this branch")
    assert scene.next_comment(issue) == GREEN


def test_a_persons_merge_that_nobody_has_approved(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert "an approving review" in scene.next_comment(issue)
    close_and_reopen(scene, issue)
    assert "an approving review" in scene.next_comment(issue)
    merge(scene, 2)
    assert scene.reached(issue, "done")
    scene.finished(issue)
