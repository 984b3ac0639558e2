"""What people have made is never lost: neither a branch that holds a commit of theirs, nor its pull request."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.hub.state import Issue
from tests.fakes.model import Later
from tests.flow.people import (
    allow,
    amend,
    close,
    close_pull,
    protect,
    pull_of,
    push,
    repository,
    unlabel,
    until_built,
)
from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
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
    assert closed.startswith("**str.upper** is given up after 1 commit: still red after 1 fix")
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


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (close, "#1 was closed"),
        (unlabel, "the label `microservice` was taken off #1"),
        (close_pull, "#2 was closed"),
    ],
    ids=["closed", "unlabelled", "pull closed"],
)
def test_what_is_ended_between_green_and_merge_is_not_merged(
    scene: Scene, act: Callable[[Scene, Issue], None], why: str
) -> None:
    issue = building(scene)
    # Nobody tells the bot.
    scene.house.lost = {(scene.name, "issues"), (scene.name, "pull_request")}
    with scene.house.hub.parts.state.lock:
        act(scene, repository(scene).issues[issue])
    scene.release_builds()
    assert scene.next_comment(issue) == f"⏹️ I have stopped: {why}. What is pushed stays where it is."
    assert scene.finished(issue).stage == "stopped"
    assert pull_of(scene, 2).merged_at is None


def test_a_closed_pull_request_gets_no_fix(scene: Scene) -> None:
    answer = Later(fix("Wrong.", "input.text.upper()"))
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), answer)
    scene.build_logs(RED)
    issue = scene.open(BODY)
    scene.until_asked(5)
    scene.house.lost = {(scene.name, "pull_request")}
    with scene.house.hub.parts.state.lock:
        close_pull(scene, repository(scene).issues[issue])
    answer.ready.set()
    assert scene.next_comment(issue).startswith("⏹️ I have stopped: #2 was closed.")
    assert scene.finished(issue).stage == "stopped"
    assert len(repository(scene).git.log(f"main..{pull_of(scene, 2).head_ref}")) == 1


@pytest.mark.parametrize("stop", [False, True], ids=["closed", "stopped"])
def test_what_github_would_merge_by_itself_is_called_off(scene: Scene, stop: bool) -> None:
    protect(scene, approvals=1, enforce_admins=True)
    allow(scene, auto_merge=True)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.next_comment(issue).startswith("🟢 #2 is green.")
    assert pull_of(scene, 2).auto_merge is not None
    if stop:
        scene.say(issue, "/stop")
        assert scene.next_comment(issue)
    else:
        with scene.house.hub.parts.state.lock:
            close(scene, repository(scene).issues[issue])
        assert scene.next_comment(issue).startswith("⏹️ I have stopped: #1 was closed.")
    assert scene.finished(issue).stage == "stopped"
    assert pull_of(scene, 2).auto_merge is None


@pytest.mark.parametrize(
    ("act", "why"),
    [(close, "#1 is closed"), (unlabel, "the label `microservice` was taken off #1")],
    ids=["closed", "unlabelled"],
)
def test_what_is_withdrawn_at_once_is_not_begun(scene: Scene, act: Callable[[Scene, Issue], None], why: str) -> None:
    scene.house.lost = {(scene.name, "issues")}
    issue = scene.open(BODY)
    hub = scene.house.hub
    hub.parts.deliveries.drain()
    labelled = [d for d in hub.deliveries if d.event == "issues" and d.payload["action"] == "labeled"][-1]
    with hub.parts.state.lock:
        act(scene, repository(scene).issues[issue])
    hub.parts.deliveries.drain()
    scene.house.lost = set()
    assert hub.parts.state.app is not None
    hub.parts.deliveries.send(hub.parts.state.app, labelled.event, labelled.payload)
    assert scene.next_comment(issue) == f"⏹️ I have stopped: {why}. What is pushed stays where it is."
    assert scene.finished(issue).stage == "stopped"
    assert not scene.model.requests
