"""An issue that names a live service changes it, as `/update` does."""

from __future__ import annotations

import json

import pytest

from tests.flow.live import NOTHING, ON_IT, SUFFIX, live, main
from tests.flow.replies import fix
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
