"""A green pull request that GitHub does not merge at once: what the bot does, what it says, and how it goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.values.progress import StrategyOutcome
from tests.flow.people import add_ruleset, allow, protect, pull_of, push, repository
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY

CASES = json.loads((Path(__file__).parents[1] / "data/merge_refusals.json").read_text())["messages"]
REVIEW_MISSING, NO_SQUASH, QUEUE = CASES
TRY = "`/preview` lets you try it first."


def started(scene: Scene) -> int:
    """Open an issue of which the first build is green."""
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    return scene.open(BODY)


def done(scene: Scene, issue: int) -> None:
    """Wait for the end of a run, which has merged and deployed."""
    progress = scene.finished(issue)
    assert progress.stage == "done", progress.note
    assert progress.strategies[0].outcome is StrategyOutcome.MERGED
    assert pull_of(scene, 2).merged_at is not None


def test_a_missing_review_is_waited_for(scene: Scene) -> None:
    protect(scene, approvals=1, enforce_admins=True)
    issue = started(scene)
    head = scene_head(scene)
    assert scene.next_comment(issue) == (
        "🟢 #2 is green. I merge it by myself when this is there:\n\n"
        f"- an approving review of {head[:7]} by somebody with write access; I have asked @octo. {TRY}\n\n"
        f"GitHub says: {REVIEW_MISSING}"
    )
    assert scene.reached(issue, "waiting").note == "#2 is green and waits for an approving review"
    assert scene.status(issue).startswith("### ⏸️ Upper case\n\n#2 is green and waits for an approving review")
    scene.review(2, "COMMENT", "I look at it tomorrow.")
    assert "@gptdeploy" in scene.next_comment(2)
    scene.review(2, "APPROVE")
    done(scene, issue)


def scene_head(scene: Scene) -> str:
    """Return the head of #2, once there is a build of it."""
    issue = max(repository(scene).issues)
    scene.reached(1, "waiting")
    return pull_of(scene, max(issue, 2)).head_sha


def test_an_allowed_method_is_taken(scene: Scene) -> None:
    allow(scene, methods=("rebase",))
    issue = started(scene)
    done(scene, issue)


def test_a_merge_method_that_nobody_allows(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.1)
    allow(scene, methods=())
    issue = started(scene)
    assert scene.next_comment(issue) == (
        "🟢 #2 is green. I merge it by myself when this is there:\n\n"
        "- a merge method that the repository and its rules allow\n\n"
        f"GitHub says: {NO_SQUASH}"
    )
    allow(scene, methods=("squash",))
    done(scene, issue)


def test_the_queue_is_used(scene: Scene) -> None:
    add_ruleset(scene, merge_queue=True)
    issue = started(scene)
    done(scene, issue)


def test_the_queue_takes_it_when_the_review_is_there(scene: Scene) -> None:
    add_ruleset(scene, merge_queue=True, approvals=1)
    issue = started(scene)
    text = scene.next_comment(issue)
    assert "- an approving review of" in text
    assert "queue\n" not in text
    scene.review(2, "APPROVE")
    done(scene, issue)


def test_auto_merge_is_ordered_where_it_is_on(scene: Scene) -> None:
    allow(scene, auto_merge=True)
    protect(scene, approvals=1, enforce_admins=True)
    issue = started(scene)
    assert scene.next_comment(issue).startswith("🟢 #2 is green.")
    ordered = pull_of(scene, 2).auto_merge
    assert ordered is not None
    assert ordered.by.login == "gptdeploy[bot]"
    scene.review(2, "APPROVE")
    done(scene, issue)
    assert "GPT-Deploy-Issue: 1" in repository(scene).git.log("main", 1)[0].message


def test_a_branch_that_is_behind_is_updated_and_built_again(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.1)
    protect(scene, checks=("build",), strict=True, enforce_admins=True)
    scene.hold_builds()
    issue = started(scene)
    scene.reached(issue, "build")
    protect(scene)
    push(scene, "main", "NEWS.md", "new")
    protect(scene, checks=("build",), strict=True, enforce_admins=True)
    scene.release_builds()
    done(scene, issue)
    assert [len(commit.parents) for commit in repository(scene).git.log(scene.builds[-1].head_sha, 1)] == [2]
    assert len(scene.builds) == 2


@pytest.mark.parametrize("as_ruleset", [False, True])
def test_a_required_check_is_waited_for(make_scene: Callable[..., Scene], as_ruleset: bool) -> None:
    scene = make_scene(poll=0.1)
    (add_ruleset if as_ruleset else protect)(scene, checks=("lint",), enforce_admins=True)
    issue = started(scene)
    violations = "Repository rule violations found " if as_ruleset else ""
    assert scene.next_comment(issue) == (
        "🟢 #2 is green. I merge it by myself when this is there:\n\n"
        "- the required checks, green: `lint`\n\n"
        f'GitHub says: {violations}Required status check "lint" is expected.'
    )
    (add_ruleset if as_ruleset else protect)(scene)
    done(scene, issue)


def test_conflicts_are_waited_for(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(poll=0.1)
    scene.hold_builds()
    issue = started(scene)
    scene.reached(issue, "build")
    push(scene, "main", "services/upper-case/executor.py", "mine = 1\n")
    scene.release_builds()
    branch = pull_of(scene, 2).head_ref
    assert scene.next_comment(issue) == (
        "🟢 #2 is green. I merge it by myself when this is there:\n\n"
        f"- a branch without conflicts: merge `main` into `{branch}` and push\n\n"
        "GitHub says: Pull Request is not mergeable."
    )
    push(scene, "main", "services/upper-case/executor.py", None)
    done(scene, issue)


def test_what_is_told_once_is_not_told_again(scene: Scene) -> None:
    protect(scene, approvals=2, enforce_admins=True)
    scene.house.hub.add_collaborator(scene.name, "mona", "write")
    issue = started(scene)
    scene.next_comment(issue)
    scene.review(2, "APPROVE")
    scene.review(2, "APPROVE", author="mona")
    done(scene, issue)


def test_retry_keeps_what_is_green(scene: Scene) -> None:
    protect(scene, approvals=1, enforce_admins=True)
    issue = started(scene)
    scene.next_comment(issue)
    scene.say(issue, "/retry")
    assert scene.next_comment(issue) == (
        "#2 is green, so I begin nothing anew. `/deploy` merges it as soon as GitHub lets me, "
        "`/revise TEXT` changes it. If you do not want it, close it; then `/retry` tries fresh strategies."
    )
    scene.say(2, "/retry")
    assert scene.next_comment(2).startswith("On it: I go on fixing this branch")
    assert scene.next_comment(issue).startswith("🟢 #2 is green.")
    scene.say(issue, "/deploy")
    assert scene.next_comment(issue).startswith("On it: I deploy what is merged for this issue.")
    assert scene.next_comment(issue).startswith("🟢 #2 is green.")
    scene.review(2, "APPROVE")
    done(scene, issue)
    assert len(scene.builds) == 1


def test_review_waits_for_an_approval_of_the_very_head(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review\nreviewers: [mona, nobody]")
    scene.house.hub.add_collaborator(scene.name, "mona", "write")
    scene.house.hub.add_collaborator(scene.name, "reader", "read")
    issue = started(scene)
    head = scene_head(scene)
    assert scene.next_comment(issue) == (
        "🟢 #2 is green. I merge it by myself when this is there:\n\n"
        f"- an approving review of {head[:7]} by somebody with write access; I have asked @mona. {TRY}"
    )
    assert [user.login for user in pull_of(scene, 2).requested] == ["mona"]
    scene.review(2, "APPROVE", author="reader")
    scene.say(2, "/deploy")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(issue).startswith("🟢 #2 is green.")
    scene.review(2, "APPROVE", author="mona")
    done(scene, issue)


def test_an_approval_of_an_earlier_commit_does_not_count(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review")
    scene.house.hub.add_collaborator(scene.name, "mona", "write")
    protect(scene, approvals=2, enforce_admins=True)
    issue = started(scene)
    assert scene.next_comment(issue).startswith("🟢 #2 is green.")
    scene.review(2, "APPROVE", author="mona")
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper()"))
    scene.review(2, "REQUEST_CHANGES", "Strip spaces, please.")
    assert scene.next_comment(2).endswith("- ✅ Spaces are stripped.")
    text = scene.next_comment(issue)
    assert f"an approving review of {pull_of(scene, 2).head_sha[:7]} by" in text
    scene.answers("Point 1: not done: str.upper knows every alphabet.")
    scene.review(2, "COMMENT", "@gptdeploy why no table?")
    assert scene.next_comment(2).startswith("**Nothing has changed**")
    scene.review(2, "APPROVE")
    done(scene, issue)
    assert len(scene.builds) == 2


def test_review_asks_nobody_who_has_no_access(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY, author="visitor")
    assert scene.next_comment(issue).startswith("@visitor, thank you for the idea.")
    scene.say(issue, "/approve")
    assert scene.next_comment(issue).startswith("On it: ")
    assert "asked" not in scene.next_comment(issue)
    scene.review(2, "APPROVE")
    done(scene, issue)


def test_a_pull_request_that_is_closed_ends_the_wait(scene: Scene) -> None:
    protect(scene, approvals=1, enforce_admins=True)
    issue = started(scene)
    scene.next_comment(issue)
    hub = scene.house.hub
    with hub.parts.state.lock:
        hub.parts.pulls.set_state(repository(scene), pull_of(scene, 2), hub.caller("octo"), "closed")
    assert scene.next_comment(issue) == ("⏹️ I have stopped: #2 was closed. What is pushed stays where it is.")
    assert scene.finished(issue).stage == "stopped"
