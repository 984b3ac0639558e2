"""What people have made is never lost: neither a branch that holds a commit of theirs, nor its pull request."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.flow.people import amend, protect, pull_of, push, repository, until_built
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import BOT, Scene
from tests.flow.test_people import BY_HAND, EXECUTOR, building, stood_back
from tests.flow.test_run import BODY, RED

LEFT = (
    "⏹️ I do nothing more here: another pull request for #1 is merged, or about to be.\n\n"
    "This branch holds commits of somebody else, so it stays, and its pull request stays open. Close it if nothing of "
    "it is needed; `/update TEXT` on #1 says what of it the live service shall get."
)


def by_hand(scene: Scene, branch: str) -> str:
    return push(scene, branch, EXECUTOR, BY_HAND)


@pytest.mark.parametrize("change", [by_hand, amend])
def test_a_persons_commit_outlives_a_retry_on_the_issue(scene: Scene, change: Callable[[Scene, str], str]) -> None:
    issue = building(scene)
    branch = pull_of(scene, 2).head_ref
    head = change(scene, branch)
    stood_back(scene, head)
    scene.build_logs(RED, RED)
    scene.release_builds()
    scene.shows(issue, f"### ⏸️ Upper case\n\nthe build of {head[:7]} on #2 is red")

    scene.answers(spec(), suite(), strategies("upper again"), files())
    scene.say(issue, "/retry")
    assert scene.next_comment(issue) == (
        "On it: I read the issue again and try fresh strategies. #2 holds commits of somebody else, so I leave it as "
        "it is; `/retry` there goes on on top of them. The status comment above shows how far I am."
    )
    assert scene.finished(issue).stage == "done"
    assert scene.next_comment(2) == LEFT
    assert pull_of(scene, 2).state == "open"
    assert repository(scene).git.branches("gptdeploy/") == {branch: head}


def test_what_is_given_up_with_a_persons_commit_stays_open(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("fixes: 1")
    issue = building(scene)
    branch = pull_of(scene, 2).head_ref
    head = push(scene, branch, EXECUTOR, BY_HAND)
    stood_back(scene, head)
    scene.build_logs(RED, RED, RED)
    scene.release_builds()
    scene.shows(issue, "### ⏸️ Upper case\n\nthe build of")
    scene.answers(fix("X is no upper case.", "input.text"))
    scene.say(2, "/retry")
    assert scene.next_comment(2).startswith("On it: ")
    closed = scene.next_comment(2)
    assert closed.startswith("**str.upper** is given up after 1 commit: still red after 1 fixes")
    assert closed.endswith(
        "It holds commits of somebody else, so I do not close it.\n"
        "The branch stays: push what you think is missing, and `/retry` here makes more fixes on top of it."
    )
    assert scene.next_comment(issue).startswith("### No strategy got green")
    assert pull_of(scene, 2).state == "open"


def test_a_persons_commit_is_not_taken_for_the_newest_of_the_base(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=1)
    scene.hold_builds()
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    until_built(scene)
    push(scene, "main", "NEWS.md", "new")
    protect(scene, checks=("build",), strict=True, enforce_admins=True)
    # GitHub says that it brings the branch up to date, and takes its time.
    fault = scene.fails("PUT", "/pulls/2/update-branch", status=202, answer={"message": "Updating."})
    scene.release_builds()
    scene.until(lambda: fault.happened == 1)
    head = push(scene, pull_of(scene, 2).head_ref, EXECUTOR, BY_HAND)
    stood_back(scene, head)
    assert scene.finished(issue).stage == "done"
    assert [c.author for c in repository(scene).git.log(f"main..{pull_of(scene, 2).head_ref}")][:2] == [BOT, "octo"]
