"""Something essential is missing: one comment asks, the author answers, the run goes on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from bot.config import REPO_CONFIG_PATH
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY
from tests.flow.test_settings import push

QUESTIONS = [
    {"missing": "format", "question": "Which alphabet?", "proposal": "Latin."},
    {"missing": "contradiction", "question": "Upper or lower case?", "proposal": "Upper case."},
]


def labels(scene: Scene, issue: int) -> list[str]:
    return [label.name for label in scene.house.hub.repository(scene.name).issues[issue].labels]


def test_ok_takes_the_proposals_and_the_run_goes_on(scene: Scene) -> None:
    scene.answers(spec(questions=QUESTIONS), spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    comment = scene.next_comment(issue)
    assert "1. Which alphabet?\n   *My proposal*: Latin." in comment
    assert "2. Upper or lower case?" in comment
    scene.shows(issue, "### ⏳ Reading the issue\n\n**Clarify**: waiting for the author's answer")
    assert labels(scene, issue) == ["microservice", "needs-info"]

    scene.say(issue, "/status")
    assert scene.next_comment(issue)
    scene.say(issue, "I know better", author="visitor")
    time.sleep(0.5)
    assert len(scene.model.requests) == 1

    scene.say(issue, "OK!")
    assert scene.finished(issue).stage == "done"
    assert labels(scene, issue) == ["microservice"]
    assert "Upper or lower case? Upper case." in scene.model.prompt(1)
    assert "questions: only if" in scene.model.prompt(0)
    assert "questions" not in scene.model.prompt(1)


def test_people_are_asked_and_told_in_the_language_of_the_issue(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual")
    question = {"missing": "format", "question": "Groß oder klein?", "proposal": "Groß."}
    scene.answers(spec(language="de", questions=[question]), spec(language="de"), suite(), strategies("str.upper"))
    scene.answers(files())
    issue = scene.open(BODY)

    asked = scene.next_comment(issue)
    assert asked.startswith("### Bevor ich anfange\n\nEines fehlt, das ich nicht erraten kann. Antworte in einem")
    assert "1. Groß oder klein?\n   *Mein Vorschlag*: Groß." in asked
    scene.say(issue, "ok")
    assert scene.next_comment(issue) == (
        "🟢 #2 ist grün. Mit `/preview` lässt er sich ausprobieren, `/deploy` führt ihn zusammen und liefert ihn aus."
    )
    body = scene.house.hub.repository(scene.name).issues[2].body
    assert "**Ansatz**: Use str.upper." in body
    assert re.search(r"<sub>Der Build von [0-9a-f]{40} ist grün\.</sub>\n\n- \[x\] `test_hello_gives_hello`", body)
    assert "Write in German what people read" in scene.model.prompt(2)


def test_an_answer_in_ones_own_words_reaches_the_model(scene: Scene) -> None:
    scene.answers(spec(questions=QUESTIONS), spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.next_comment(issue)
    scene.say(issue, "Greek, and upper case.")
    assert scene.finished(issue).stage == "done"
    assert "Answered: Greek, and upper case." in scene.model.prompt(1)


def test_an_edited_issue_is_an_answer_too(scene: Scene) -> None:
    scene.answers(spec(questions=QUESTIONS), spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    scene.next_comment(issue)
    hub = scene.house.hub
    with hub.parts.state.lock:
        repository = hub.repository(scene.name)
        found = repository.issues[issue]
        hub.parts.issues.edit(
            repository, found, hub.caller("octo"), found.title, found.body.replace("text", "Greek text")
        )
    assert scene.finished(issue).stage == "done"
    assert "Convert Greek text to upper case" in scene.model.prompt(1)


def test_people_are_told_how_a_service_gets_to_a_host_and_go_on_once_they_have_named_it(scene: Scene) -> None:
    """The model would call it otherwise by then: it has the name for which the host was named."""
    scene.answers(spec(hosts=["api.example.com"]), spec("shouting", hosts=["api.example.com"]))
    scene.answers(suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert (
        "1. It has to reach `api.example.com` while it works, and the settings do not let it. To allow that, put "
        f"`egress: {{upper-case: [api.example.com]}}` into `{REPO_CONFIG_PATH}` on the default branch, then answer "
        "here.\n   *My proposal*: It works without the network."
    ) in scene.next_comment(issue)
    assert "While it runs, the service reaches nothing on the network; people allow" in scene.model.prompt(0)

    push(scene, scene.name, {REPO_CONFIG_PATH: "egress: {upper-case: [api.example.com]}\n"})
    scene.say(issue, "It may.")
    progress = scene.finished(issue)
    assert (progress.stage, progress.slug, progress.assumptions) == (
        "done",
        "upper-case",
        ("Any alphabet is welcome.",),
    )
    for number in range(1, 5):
        assert "reaches nothing on the network but api.example.com: by HTTPS" in scene.model.prompt(number)


def test_never_assumes_instead(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("clarify: never")
    scene.answers(spec(questions=QUESTIONS), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    progress = scene.finished(issue)
    assert progress.stage == "done"
    assert "Which alphabet? Latin." in progress.assumptions


def test_what_is_out_of_scope_is_said(scene: Scene) -> None:
    scene.answers(spec(out_of_scope=["It remembers no texts."]), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "done"
    assert "**Not part of it**" in scene.status(issue)
    assert "- It remembers no texts." in scene.status(issue)
