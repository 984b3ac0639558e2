"""Commands in a review's words and in comments on lines are heard as in a comment, beside what the review asks for."""

from __future__ import annotations

import pytest

from bot.values.progress import Stage
from tests.flow.replies import fix
from tests.flow.reviewing import GREEN, answer, on
from tests.flow.scene import Scene
from tests.flow.test_revise import green, subjects

__all__ = ["green"]

MERGES = (
    "On it: I merge this pull request if its build is green, and deploy it. "
    "The status comment on #1 shows how far I am."
)


@pytest.mark.parametrize("words", ["Well done.\n/deploy", "@gptdeploy deploy"])
def test_an_approval_merges_with_a_command(green: tuple[Scene, int], words: str) -> None:
    scene, issue = green
    scene.review(2, "APPROVE", words)
    assert scene.next_comment(2) == MERGES
    assert scene.reached(issue, "done")
    scene.finished(issue)
    assert len(scene.builds) == 1


def test_a_command_on_a_line(green: tuple[Scene, int]) -> None:
    scene, issue = green
    before = scene.finished(issue).run_id
    scene.review(2, "COMMENT", "", on(5, "/status"))
    assert "waiting" in scene.next_comment(2)
    assert scene.finished(issue).run_id == before
    assert len(scene.conversations(2)[0]) == 1


def test_a_request_for_a_change_on_a_line(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers(fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper()"))
    scene.review(2, "COMMENT", "", on(5, "/revise strip spaces"))
    assert scene.next_comment(issue) == GREEN
    assert scene.answered(2, 1) == [[("rev", "/revise strip spaces"), answer(scene, "Spaces are stripped.")]]
    assert "line 5) strip spaces" in scene.model.prompt()


def test_a_command_beside_what_the_review_asks_for_is_answered_once(green: tuple[Scene, int]) -> None:
    scene, issue = green
    said = "Point 1: done: Spaces are stripped.\nPoint 2: done: It takes any text."
    scene.answers(fix(said, "str(input.text).strip().upper()"))
    scene.review(2, "REQUEST_CHANGES", "Strip spaces.\n/deploy\n", on(4, "Take any text."))
    assert scene.next_comment(2) == MERGES
    assert scene.reached(issue, "done")
    head = scene.builds[-1].head_sha
    assert scene.next_comment(2) == f"**Changed as asked**, in {head[:7]}:\n\n- ✅ Spaces are stripped."
    assert scene.answered(2, 1)[0][1] == answer(scene, "It takes any text.")
    scene.finished(issue)
    # The change came before the merge that the command asked for.
    assert len(scene.builds) == 2
    assert "Point 1: Strip spaces.\n\nPoint 2: (on" in scene.model.prompt()


def test_who_may_not_write_is_refused_in_a_review_too(green: tuple[Scene, int]) -> None:
    scene, issue = green
    before = scene.finished(issue).run_id
    scene.review(2, "COMMENT", "/deploy", author="visitor")
    assert scene.next_comment(2) == (
        "@visitor, `/deploy` needs write access to this repository, and you have read access.\n"
        "Ask a maintainer to type it."
    )
    scene.review(2, "COMMENT", "/help", author="visitor")
    assert scene.next_comment(2).startswith("An issue with the label `microservice`")
    scene.review(2, "COMMENT", "/lgtm", author="rev")
    assert scene.next_comment(2).startswith("I leave talk to people.")
    assert scene.finished(issue).run_id == before
    assert scene.finished(issue).stage is Stage.WAITING
    assert subjects(scene) == ["Add upper-case: str.upper"]
