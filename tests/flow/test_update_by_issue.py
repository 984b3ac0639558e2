"""An issue that names a live service changes it, as `/update` does."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.flow.live import NOTHING, ON_IT, SUFFIX, deliver, live, main
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import Scene

__all__ = ["live"]


@pytest.mark.parametrize(
    "body",
    [
        "service: upper-case\n\nAn optional suffix, please.",
        "### Description\n\nAn optional suffix, please.\n\n### Service to change\n\nupper-case\n\n"
        "### Test scenarios\n\n_No response_",
    ],
)
def test_a_new_issue_that_names_a_service_changes_it(live: tuple[Scene, int], body: str) -> None:
    scene, first = live
    scene.answers(*SUFFIX)
    issue = scene.open(body, title="A suffix")
    assert scene.finished(issue).stage == "done"
    assert scene.status(issue).startswith("### ✅ Upper case is updated")
    assert "Point 1: A suffix\n\nAn optional suffix, please.\n" in scene.model.prompt()
    described = json.loads(main(scene, "service.json"))
    assert (described["issue"], described["updates"]) == (first, [issue])
    assert scene.house.hub.repository(scene.name).issues[issue].state == "closed"
    # From now on the service answers to both issues.
    scene.answers(NOTHING, fix("Point 1: done: Spaces are stripped.", "input.text.strip().upper() + input.suffix"))
    scene.say(issue, "/update strip spaces")
    assert scene.next_comment(issue) == ON_IT
    scene.reached(issue, "build")
    scene.shows(issue, "### ✅ Upper case is updated")
    assert json.loads(main(scene, "service.json"))["updates"] == [issue]


def test_an_issue_that_names_a_service_waits_for_approval_like_any_other(live: tuple[Scene, int]) -> None:
    scene, _ = live
    issue = scene.open("service: upper-case\n\nAn optional suffix, please.", author="visitor")
    assert scene.finished(issue).stage == "waiting"
    assert "/approve" in scene.next_comment(issue)


def test_a_service_that_is_not_there_is_said(live: tuple[Scene, int]) -> None:
    scene, _ = live
    issue = scene.open("### Description\n\nA suffix.\n\n### Service to change\n\nuper-case\n")
    assert scene.next_comment(issue) == (
        "There is no service `uper-case` to change in this repository. Did you mean `upper-case`? Edit the issue: name "
        "one that `/list` shows, or leave the field empty for a new one. Then type `/retry`."
    )
    scene.finished(issue)


def aim(service: str, unclear: bool = False) -> str:
    """Return which service is meant, as a model answers it."""
    return json.dumps({"service": service, "unclear": unclear})


WISH = "The upper case service should take an optional suffix."


def test_an_issue_that_means_a_service_in_plain_words_changes_it(live: tuple[Scene, int]) -> None:
    scene, _ = live
    scene.answers(aim("upper-case"), *SUFFIX)
    issue = scene.open(WISH, title="A suffix")
    assert scene.finished(issue).stage == "done"
    assert scene.status(issue).startswith("### ✅ Upper case is updated")
    assert json.loads(main(scene, "service.json"))["updates"] == [issue]
    assert "The services that it may mean: upper-case." in scene.model.prompt(-4)
    assert f"Point 1: A suffix\n\n{WISH}\n" in scene.model.prompt()


def test_an_issue_that_only_names_a_service_gets_its_own(live: tuple[Scene, int]) -> None:
    scene, _ = live
    scene.answers(aim(""), spec("lines"), suite(), strategies("str.upper"), files())
    issue = scene.open("Like upper-case, but for lines.\n\n## Tests\n\n- hello gives HELLO\n", title="Lines")
    progress = scene.finished(issue)
    assert (progress.stage, progress.slug) == ("done", "lines")


@pytest.mark.parametrize(
    ("reply", "answers", "slug"),
    [
        ("ok", (aim("upper-case"), *SUFFIX), "upper-case"),
        ("A new one", (aim(""), spec("lines"), suite(), strategies("str.upper"), files()), "lines"),
    ],
    ids=["change", "new"],
)
def test_what_can_be_meant_either_way_is_asked(
    live: tuple[Scene, int], reply: str, answers: tuple[str, ...], slug: str
) -> None:
    scene, _ = live
    scene.answers(aim("upper-case", unclear=True), spec())
    issue = scene.open("Upper case with a suffix.\n\n## Tests\n\n- hello gives HELLO\n", title="A suffix")
    question = scene.next_comment(issue)
    assert question.endswith(
        "1. Shall I change `upper-case`, which is there already, or build a new service?\n"
        "   *My proposal*: Change `upper-case`."
    )
    scene.answers(*answers)
    scene.say(issue, reply)
    progress = scene.finished(issue)
    assert (progress.stage, progress.slug) == ("done", slug)


def test_where_nothing_is_asked_the_status_says_what_was_assumed(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("clarify: never")
    deliver(scene)
    scene.answers(aim("", unclear=True), spec("lines"), suite(), strategies("str.upper"), files())
    issue = scene.open("Upper case with a suffix.\n\n## Tests\n\n- hello gives HELLO\n", title="A suffix")
    assert scene.finished(issue).slug == "lines"
    assert "- This is a new service; `upper-case` stays as it is." in scene.status(issue)


def test_a_live_service_gets_no_second_one(live: tuple[Scene, int]) -> None:
    scene, issue = live
    nothing = (
        "`upper-case` is merged for #1, so I build nothing anew: it would be a second service beside it. "
        "`/update TEXT` changes it, `/deploy` deploys it again. For a fresh start remove it first: "
        "`/delete files=yes`, and merge that."
    )
    scene.say(issue, "/retry with segno")
    assert scene.next_comment(issue) == nothing
    hub = scene.house.hub
    with hub.parts.state.lock:
        repository = hub.repository(scene.name)
        hub.parts.issues.remove_label(repository, repository.issues[issue], hub.caller("octo"), "microservice")
        hub.parts.issues.add_labels(repository, repository.issues[issue], hub.caller("octo"), ["microservice"])
    assert scene.next_comment(issue) == "⏹️ I have stopped: #1 is closed. What is pushed stays where it is."
    assert scene.finished(issue).stage == "stopped"
