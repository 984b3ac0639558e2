"""What people do to a pull request or its issue while the bot is at work: it stands back, goes on, or stops, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.hub.state import Issue
from bot.values.progress import StrategyOutcome
from tests.fakes.model import Later
from tests.flow.people import (
    close,
    close_pull,
    delete,
    delete_branch,
    lock,
    merge,
    pull_of,
    push,
    repository,
    unlabel,
    until_built,
)
from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY, RED

EXECUTOR = "services/upper-case/executor.py"
BY_HAND = (
    "from interface import Input, Output\n\n\ndef execute(input: Input) -> Output:\n    return Output(result='X')\n"
)


def building(scene: Scene) -> int:
    """Open an issue of which the first build does not end until it is released."""
    scene.hold_builds()
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.reached(issue, "build")
    until_built(scene)
    scene.shown(issue, "| #2 |")
    return issue


def stood_back(scene: Scene, head: str, then: str = "merge it when it is green") -> None:
    assert scene.next_comment(2) == (
        f"Somebody has pushed {head[:7]} to this branch, so I stand back and push nothing. I wait for its build, and "
        f"{then}. If it is red: push again, or type `/retry` here, and I make fixes on top of it."
    )


def test_a_persons_commit_is_built_and_merged(scene: Scene) -> None:
    issue = building(scene)
    branch = pull_of(scene, 2).head_ref
    first = push(scene, branch, EXECUTOR, BY_HAND)
    stood_back(scene, first)
    second = push(scene, branch, "NOTES.md", "Mine.")
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    assert scene.builds[-1].head_sha == second
    assert repository(scene).git.show("main", EXECUTOR) == BY_HAND.encode()
    # Nobody's commits are thrown away.
    assert repository(scene).git.head(branch) == second
    assert repository(scene).issues[issue].state == "closed"


def test_a_persons_commit_that_is_red_waits_for_the_next_one(scene: Scene) -> None:
    issue = building(scene)
    branch = pull_of(scene, 2).head_ref
    scene.build_logs(RED, RED)
    head = push(scene, branch, EXECUTOR, BY_HAND)
    stood_back(scene, head)
    scene.release_builds()
    scene.shows(issue, f"### ⏸️ Upper case\n\nthe build of {head[:7]} on #2 is red; push again, or type `/retry` there")
    push(scene, branch, EXECUTOR, BY_HAND + "\n")
    assert scene.finished(issue).stage == "done"


def test_retry_fixes_on_top_of_a_persons_commit(scene: Scene) -> None:
    issue = building(scene)
    branch = pull_of(scene, 2).head_ref
    scene.build_logs(RED, RED)
    head = push(scene, branch, EXECUTOR, BY_HAND)
    stood_back(scene, head)
    scene.release_builds()
    scene.shows(issue, "### ⏸️ Upper case\n\nthe build of")
    scene.answers(fix("X is no upper case.", "input.text.upper()"))
    scene.say(2, "/retry")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.finished(issue).stage == "done"
    assert "return Output(result='X')" in scene.model.prompt()
    assert repository(scene).git.log(scene.builds[-1].head_sha, 2)[1].sha == head


def test_a_push_while_a_fix_is_written(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    answer = Later(fix("Wrong.", "input.text.upper()"))
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text"), answer)
    scene.build_logs(RED)
    issue = scene.open(BODY)
    scene.until_asked(5)
    head = push(scene, pull_of(scene, 2).head_ref, EXECUTOR, BY_HAND)
    answer.ready.set()
    stood_back(scene, head, "say so when it is green; `/deploy` merges it then")
    assert scene.next_comment(issue) == "🟢 #2 is green. `/preview` lets you try it, `/deploy` merges and deploys it."
    assert scene.finished(issue).stage == "waiting"


@pytest.mark.parametrize("method", ["squash", "merge", "rebase"])
def test_a_persons_merge_is_as_good_as_its_own(scene: Scene, method: str) -> None:
    issue = building(scene)
    merge(scene, 2, method)
    scene.release_builds()
    progress = scene.finished(issue)
    assert progress.stage == "done"
    assert progress.strategies[0].outcome is StrategyOutcome.MERGED
    assert scene.status(issue).startswith("### ✅ Upper case is live")
    assert repository(scene).issues[issue].state == "closed"


def test_a_persons_merge_after_the_run_has_ended(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(issue)
    merge(scene, 2)
    assert scene.reached(issue, "done").deployment is not None
    scene.finished(issue)
    assert scene.status(issue).startswith("### ✅ Upper case is live")
    assert "| 🟣 | str.upper | #2 |" in scene.status(issue)
    assert repository(scene).issues[issue].state == "closed"


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (close_pull, "#2 was closed"),
        (delete_branch, "the branch of #2 was deleted"),
        (close, "#1 was closed"),
        (lock, "#1 was locked"),
        (unlabel, "the label `microservice` was taken off #1"),
    ],
)
def test_what_ends_a_run_is_said_once(scene: Scene, act: Callable[[Scene, Issue], None], why: str) -> None:
    issue = building(scene)
    with scene.house.hub.parts.state.lock:
        act(scene, repository(scene).issues[issue])
    assert scene.next_comment(issue) == f"⏹️ I have stopped: {why}. What is pushed stays where it is."
    assert scene.finished(issue).stage == "stopped"
    assert scene.status(issue).startswith(f"### ⏹️ Upper case\n\nStopped: {why}; `/retry` starts afresh.")
    scene.release_builds()


def test_a_deleted_issue_ends_the_run_on_its_pull_request(scene: Scene) -> None:
    issue = building(scene)
    with scene.house.hub.parts.state.lock:
        delete(scene, repository(scene).issues[issue])
    assert scene.next_comment(2) == (
        "⏹️ I have stopped: #1 was deleted, or moved to another repository. What is pushed stays where it is."
    )
    assert scene.finished(issue).stage == "stopped"
    scene.release_builds()


def test_a_transferred_issue_ends_the_run_on_its_pull_request(scene: Scene) -> None:
    issue = building(scene)
    hub = scene.house.hub
    elsewhere = hub.create_repository(f"{scene.name}-2", {"README.md": "Elsewhere\n"})
    with hub.parts.state.lock:
        moved = hub.parts.issues.transfer(
            repository(scene), repository(scene).issues[issue], hub.caller("octo"), elsewhere
        )
    assert scene.next_comment(2) == (
        "⏹️ I have stopped: #1 was deleted, or moved to another repository. What is pushed stays where it is."
    )
    assert scene.finished(issue).stage == "stopped"
    scene.release_builds()
    # What the bot has said before went with it; nothing is said there any more.
    assert [comment.body.startswith("### ⏳ Upper case") for comment in moved.comments] == [True]


def test_a_deleted_issue_ends_the_run_before_github_tells_of_it(scene: Scene) -> None:
    written = Later(files())
    scene.hold_builds()
    scene.answers(spec(), suite(), strategies("str.upper"), written)
    issue = scene.open(BODY)
    scene.reached(issue, "implement")
    with scene.house.hub.parts.state.lock:
        del repository(scene).issues[issue]
        repository(scene).deleted.add(issue)
    written.ready.set()
    until_built(scene)
    assert scene.next_comment(2) == (
        "⏹️ I have stopped: #1 was deleted, or moved to another repository. What is pushed stays where it is."
    )
    assert scene.finished(issue).stage == "stopped"
    scene.release_builds()


def test_an_issue_that_is_closed_while_the_model_thinks(scene: Scene) -> None:
    specification = Later(spec())
    scene.answers(specification)
    issue = scene.open(BODY)
    scene.until_asked()
    with scene.house.hub.parts.state.lock:
        close(scene, repository(scene).issues[issue])
        scene.house.hub.parts.state.lock.notify_all()
    scene.house.hub.parts.deliveries.drain()
    specification.ready.set()
    assert scene.next_comment(issue).startswith("⏹️ I have stopped: #1 was closed.")
    assert scene.finished(issue).stage == "stopped"
    assert len(scene.model.requests) == 1


def test_a_build_that_a_person_cancels_is_no_push(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.1)
    issue = building(scene)
    (run,) = repository(scene).workflow_runs
    with scene.house.hub.parts.state.lock:
        scene.house.hub.parts.scheduler.cancel(repository(scene), run, run.latest)
    scene.release_builds()
    comment = scene.next_comment(issue)
    assert comment.startswith("[The workflow run](")
    assert comment.endswith(") was cancelled. `/retry` on the pull request goes on.")
    assert [commit.author for commit in repository(scene).git.log(f"main..{pull_of(scene, 2).head_ref}")] == [BOT]
