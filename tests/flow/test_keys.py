"""A key in a comment or in a review is told to its author, once, and taken out of what the bot keeps and does."""

from __future__ import annotations

from tests.flow.replies import fix
from tests.flow.reviewing import GREEN, on
from tests.flow.scene import Scene
from tests.flow.test_foreign_text import KEY
from tests.flow.test_revise import green

__all__ = ["green"]

WHAT_TO_DO = (
    "Whoever can read it can read its earlier versions too: delete it, and revoke the key where it is from. I go by "
    "`***` in its place. A made-up key for a test has EXAMPLE in it."
)


def leaked(author: str, *places: str) -> str:
    return f"⚠️ @{author}, what you have written here holds **what looks like a key**: {', '.join(places)}. {WHAT_TO_DO}"


def test_who_leaves_a_key_is_told_and_the_rest_is_heard(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers(fix("Point 1: done: Done.\nPoint 2: done: Done, too.", "str(input.text).strip().upper()"))
    scene.review(2, "REQUEST_CHANGES", f"Log in with\n{KEY}", on(4, f"Use {KEY} here."))
    assert scene.next_comment(2) == leaked("rev", "a GitHub Token in line 2", "a GitHub Token in line 1")
    assert scene.next_comment(issue) == GREEN
    assert scene.next_comment(2).startswith("**Changed as asked**")
    scene.answered(2, 1)
    assert "Log in with\n***" in scene.model.prompt() and KEY not in scene.model.prompt()

    # Where nothing is said to the bot, too; elsewhere it is none of its business.
    scene.say(issue, f"By the way: {KEY}", author="visitor")
    assert scene.next_comment(issue) == leaked("visitor", "a GitHub Token in line 1")
    other = scene.house.hub.open_issue(scene.name, "Other", "Nothing to build.", [], "octo").number
    scene.say(other, KEY)
    scene.say(issue, f"/status {KEY}")
    told = [scene.next_comment(issue) for _ in range(2)]
    assert leaked("octo", "a GitHub Token in line 1") in told
    assert any(text.startswith("`/status` must stand alone on its line") for text in told)
    assert not list(scene.house.hub.repository(scene.name).issues[other].comments[1:])
