"""Reviews of a pull request that a run is still at work on: they come before its next fix and before the merge."""

from __future__ import annotations

from collections.abc import Callable

from tests.flow.reader import BOT
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.reviewing import answer, on, suggested
from tests.flow.scene import Scene
from tests.flow.test_run import BODY, RED


def building(scene: Scene, *red: str) -> int:
    """Return an issue whose first build does not end before it is released.

    Args:
        red: its log, where it is to be red.
    """
    scene.answers(spec(), suite(), strategies("str.upper"), files("input.text") if red else files())
    scene.hold_builds()
    scene.build_logs(*red)
    issue = scene.open(BODY)
    scene.reached(issue, "build")
    return issue


def answered(make_scene: Callable[..., Scene], outcome: str) -> tuple[Scene, int]:
    """Return an issue whose pull request waits for an approval, and whose reviewer's question was answered."""
    scene = make_scene("merge: review")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert "approving review" in scene.next_comment(issue)
    scene.answers(f"Point 1: {outcome}: `upper` knows every alphabet.")
    scene.review(2, "COMMENT", "", on(5, "Why not a table?"))
    assert scene.answered(2, 1)[0][1] == (BOT, "💬 `upper` knows every alphabet.")
    return scene, issue


def test_what_is_asked_for_while_a_build_runs_comes_before_the_merge(scene: Scene) -> None:
    issue = building(scene)
    scene.review(2, "COMMENT", "", on(5, suggested("input.text.strip().upper()")))
    scene.answers(fix("Point 1: done: It says so.\nPoint 2: done: It says more.", "str(input.text).strip().upper()"))
    scene.review(2, "REQUEST_CHANGES", "Take any text.", author="octo")
    scene.say(2, "/revise say it")
    assert scene.next_comment(2) == (
        f"I am at work on #{issue} (stage: build): I change #2 as you say before it is merged, and reply there."
    )
    scene.queued(issue, 3)
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 2
    (talk,) = scene.conversations(2)
    assert talk[1] == answer(scene, "Taken as suggested, to the letter.")
    assert scene.next_comment(2) == (
        f"**Changed as asked**, in {scene.builds[-1].head_sha[:7]}:\n\n- ✅ It says so.\n- ✅ It says more."
    )


def test_what_is_asked_for_comes_before_the_next_fix(scene: Scene) -> None:
    issue = building(scene, RED)
    scene.review(2, "COMMENT", "", on(5, suggested("input.text.upper()")))
    scene.queued(issue, 1)
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 2
    assert len(scene.answered(2, 1)) == 1


def test_a_review_that_is_dismissed_before_its_turn_changes_nothing(scene: Scene) -> None:
    issue = building(scene)
    review = scene.review(2, "REQUEST_CHANGES", "Lower case!", on(5, suggested("input.text.lower()")))
    scene.queued(issue, 1)
    scene.call("PUT", f"/pulls/2/reviews/{review}/dismissals", {"message": "I was wrong."}, "octo")
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 1
    assert len(scene.conversations(2)[0]) == 1


def edit(scene: Scene, body: str) -> None:
    comment = scene.call("GET", "/pulls/2/comments", {})[0]
    scene.call("PATCH", f"/pulls/comments/{comment['id']}", {"body": body})


def test_a_comment_that_is_edited_before_its_turn_is_read_as_it_is_then(scene: Scene) -> None:
    issue = building(scene)
    scene.review(2, "COMMENT", "", on(5, "Lower case!"))
    scene.queued(issue, 1)
    edit(scene, f"Strip it.\n{suggested('input.text.strip().upper()')}")
    scene.answers("Point 1: done: Nothing else was needed.")
    scene.release_builds()
    assert scene.finished(issue).stage == "done"
    ((_, said),) = scene.conversations(2)
    assert said == answer(scene, "Taken as suggested, to the letter. Nothing else was needed.")
    assert "Strip it." in scene.model.prompt() and "Lower case!" not in scene.model.prompt()


def test_a_comment_that_is_edited_after_its_answer_asks_for_nothing_new(make_scene: Callable[..., Scene]) -> None:
    scene, issue = answered(make_scene, "answer")
    edit(scene, "Take a table!")
    scene.review(2, "APPROVE")
    assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 1 and len(scene.conversations(2)[0]) == 2


def test_a_question_while_a_build_runs_holds_the_merge(scene: Scene) -> None:
    issue = building(scene)
    scene.answers("Point 1: not done: `upper` knows every alphabet.")
    scene.review(2, "COMMENT", "", on(5, "Why not a table?"))
    scene.queued(issue, 1)
    scene.release_builds()
    assert scene.finished(issue).stage == "waiting"
    assert "#2 stays as it is" in scene.status(issue)
    assert len(scene.conversations(2)[0]) == 2


def test_a_run_that_waits_for_an_approval_answers_and_goes_on_waiting(make_scene: Callable[..., Scene]) -> None:
    scene, issue = answered(make_scene, "not done")
    scene.reached(issue, "waiting")
    scene.say(2, "Aha.")
    assert scene.next_comment(2).startswith("I leave talk to people.")
    scene.review(2, "APPROVE")
    assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 1


def test_what_was_asked_for_is_dropped_with_the_work_that_is_stopped(scene: Scene) -> None:
    issue = building(scene)
    scene.review(2, "COMMENT", "", on(5, suggested("input.text.lower()")))
    scene.queued(issue, 1)
    scene.say(2, "/stop")
    assert scene.next_comment(2).startswith("Stopped")
    scene.queued(issue, 0)
    scene.release_builds()
    assert scene.finished(issue).stage == "stopped"
    assert len(scene.conversations(2)[0]) == 1
