"""Where the model has no answer of use, each point is told so, and what is green or live stays as it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fakes.model import Answer, Failure
from tests.flow.live import ON_IT, SUFFIX, live, main
from tests.flow.people import pull_of, push, repository
from tests.flow.reader import BOT
from tests.flow.replies import change, files, fix, spec, strategies, suite
from tests.flow.reviewing import GREEN, on, suggested
from tests.flow.scene import Scene
from tests.flow.test_revise import FOLDER, green
from tests.flow.test_run import BODY

__all__ = ["green", "live"]

UNUSABLE = (
    "⚠️ I could not do what was asked for. The model `fake` gave no usable answer in 4 tries (revise), the last time "
    "because: There is no answer to point 1. Write a line `Point N: done: what you changed` for each, with "
    "`not done: why not` or `answer: the answer` where that is what there is to say. "
    "Ask once more, in other words or in smaller steps: `/revise TEXT`."
)
NOTHING = "**Nothing has changed** on this branch:"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (["Sure!"] * 4, UNUSABLE),
        (["Specification: another alphabet", *["Which?"] * 3], "gave no usable answer in 3 tries (respecify)"),
        (["Specification: a suffix", change(), change(), *["Sure!"] * 4], "no usable answer in 4 tries (revise)"),
        ([Failure(500)] * 9, "The model gave no answer: `fake` is failing (HTTP 500). Ask once more"),
    ],
)
def test_a_green_pull_request_waits_as_before(green: tuple[Scene, int], answers: list[Answer], why: str) -> None:
    scene, issue = green
    scene.answers(*answers)
    scene.say(2, "/revise be better")
    assert scene.next_comment(2).startswith("On it: ")
    said = scene.next_comment(2)
    assert said.startswith(f"{NOTHING}\n\n⚠️ I could not do what was asked for. ") and why in said
    assert "/retry" not in said
    assert scene.finished(issue).stage == "waiting"
    assert "#2 stays as it is" in scene.status(issue)
    assert scene.house.hub.repository(scene.name).issues[2].state == "open"
    assert len(scene.builds) == 1

    scene.model.answers = [fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper()")]
    scene.say(2, "/revise strip spaces")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(issue) == GREEN
    assert scene.next_comment(2).startswith("**Changed as asked**")


def test_each_point_of_a_review_is_told_and_what_was_suggested_is_done(green: tuple[Scene, int]) -> None:
    scene, issue = green
    scene.answers(*["Sure!"] * 4)
    upper = on(5, f"And say why.\n{suggested('input.text.upper().strip()')}")
    scene.review(2, "REQUEST_CHANGES", "Be better.", on(4, "Name it."), upper)
    assert scene.next_comment(issue) == GREEN
    head = scene.builds[-1].head_sha[:7]
    why = UNUSABLE.replace("point 1", "point 1, 2, 3")
    assert scene.next_comment(2) == why
    named, taken = scene.answered(2, 2)
    assert named[1] == (BOT, why)
    assert taken[1] == (BOT, f"✅ Taken as suggested, to the letter.\n\nIn {head}.\n\n{why}")


def test_a_run_that_waits_for_an_approval_goes_on_waiting(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: review")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert "approving review" in scene.next_comment(issue)
    scene.answers(*["Sure!"] * 4)
    scene.review(2, "COMMENT", "", on(5, "Be better."))
    assert scene.answered(2, 1)[0][1] == (BOT, UNUSABLE)
    scene.reached(issue, "waiting")
    scene.review(2, "APPROVE")
    assert scene.finished(issue).stage == "done"
    assert len(scene.builds) == 1


def test_it_is_said_in_the_language_of_the_issue(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    scene.answers(spec(language="de"), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.finished(issue)
    scene.next_comment(issue)
    scene.answers(*["Sure!"] * 4)
    scene.review(2, "COMMENT", "", on(5, "Bitte besser."))
    ((_, (_, told)),) = scene.answered(2, 1)
    assert told.startswith("⚠️ Ich konnte das Gewünschte nicht tun. Das Modell `fake` gab in 4 Versuchen keine")


def test_people_who_wrote_the_interface_are_told_to_change_it(green: tuple[Scene, int]) -> None:
    scene, issue = green
    path = f"{FOLDER}/interface.py"
    own = repository(scene).git.show(pull_of(scene, 2).head_ref, path)
    assert own is not None
    push(scene, pull_of(scene, 2).head_ref, path, f"# Mine.\n{own.decode()}")
    assert scene.next_comment(2).startswith("Somebody has pushed ")
    assert scene.next_comment(issue) == GREEN
    scene.finished(issue)
    scene.answers("Specification: a suffix", SUFFIX[0])
    scene.say(2, "/revise a suffix")
    assert scene.next_comment(2).startswith("On it: ")
    assert scene.next_comment(2) == (
        f"{NOTHING}\n\n- 💬 `interface.py` is not as I wrote it, so I change neither it nor the specification. "
        "Change the fields there, then ask for the rest once more."
    )
    assert scene.finished(issue).stage == "waiting"


def test_what_is_live_stays_as_it_is(live: tuple[Scene, int]) -> None:
    scene, issue = live
    before = main(scene, "executor.py")
    scene.answers(*["Which?"] * 3)
    scene.say(issue, "/update be better")
    assert scene.next_comment(issue) == ON_IT
    said = scene.next_comment(issue)
    assert said.startswith("**Nothing has changed** in `upper-case`:\n\n⚠️ I could not do what was asked for. ")
    assert said.endswith("Ask once more, in other words or in smaller steps: `/update TEXT`.")
    assert scene.finished(issue).stage == "waiting"
    assert main(scene, "executor.py") == before
