"""A repository without the label: the bot makes it, and an issue that lost it on the way begins all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.clients.github import GitHub
from bot.commands.missed import Missed
from bot.hub.state import Label
from tests.flow.house import House
from tests.flow.people import repository
from tests.flow.reader import BOT
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_missed import delivered, forgets
from tests.flow.test_run import BODY


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene(label=False)


@pytest.fixture
def alone(scene: Scene, house: House) -> Iterator[Scene]:
    """The App is installed on this test's repository alone."""
    state = house.hub.parts.state
    assert state.app is not None
    with state.lock:
        others = {repo.id for repo in state.repositories.values() if repo.full_name != scene.name}
        state.app.left_out.update(others)
    yield scene
    with state.lock:
        state.app.left_out.difference_update(others)


def labels(scene: Scene) -> list[str]:
    with scene.house.hub.parts.state.lock:
        return [label.name for label in repository(scene).labels]


def labels_of(scene: Scene, issue: int) -> list[str]:
    with scene.house.hub.parts.state.lock:
        return [label.name for label in repository(scene).issues[issue].labels]


def made(scene: Scene) -> int:
    """Return how often the bot has asked for a label to be made."""
    path = f"/repositories/{repository(scene).id}/labels"
    requests = scene.house.hub.requests
    return sum(one.method == "POST" and one.path.endswith(path) and one.actor == BOT for one in requests)


def looked(scene: Scene) -> int:
    """Return how often the bot has looked for the label."""
    path = f"/repositories/{repository(scene).id}/labels/microservice"
    return sum(one.path.endswith(path) for one in scene.house.hub.requests)


def install(scene: Scene) -> None:
    parts = scene.house.hub.parts
    with parts.state.lock:
        parts.owning.install()
    parts.deliveries.drain()


def test_the_label_is_made_where_the_app_is_installed(alone: Scene) -> None:
    install(alone)
    alone.until(lambda: labels(alone) == ["microservice"])
    (label,) = repository(alone).labels
    assert label.color == "1d76db"
    assert label.description == "Describes a service that gptdeploy builds, tests and deploys."
    install(alone)
    alone.say(alone.house.hub.open_issue(alone.name, "A bug", "It fails.", []).number, "Really.")
    alone.until(lambda: looked(alone) == 3)
    assert made(alone) == 1


def test_the_label_is_made_in_a_repository_that_is_added(scene: Scene) -> None:
    parts = scene.house.hub.parts
    with parts.state.lock:
        assert parts.state.app is not None
        parts.state.app.left_out.add(repository(scene).id)
        parts.owning.include(repository(scene))
    scene.until(lambda: labels(scene) == ["microservice"])


def test_the_first_thing_that_is_heard_of_a_repository_makes_the_label(scene: Scene) -> None:
    issue = scene.house.hub.open_issue(scene.name, "A bug", "It fails.", []).number
    scene.say(issue, "It really does.")
    scene.until(lambda: labels(scene) == ["microservice"])


def test_a_label_of_that_name_stays_as_it_is(alone: Scene) -> None:
    repository(alone).labels.append(Label(1, "Microservice", "000000", "Ours."))
    install(alone)
    alone.until(lambda: looked(alone) == 1)
    assert [(label.name, label.color) for label in repository(alone).labels] == [("Microservice", "000000")]
    assert made(alone) == 0


@pytest.mark.parametrize(
    "words", ["Resource not accessible by integration", "Repository was archived so is read-only."]
)
def test_where_the_label_cannot_be_made_nothing_is_said(alone: Scene, words: str) -> None:
    fault = alone.fails("POST", "/labels$", status=403, answer={"message": words})
    install(alone)
    alone.until(lambda: fault.happened > 0)
    assert labels(alone) == []
    # When there is something to do, it gets it.
    alone.answers(spec(), suite(), strategies("str.upper"), files())
    assert alone.finished(alone.open(BODY)).stage == "done"


def test_an_issue_by_the_form_begins_without_the_label(scene: Scene) -> None:
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "done"
    assert (labels(scene), labels_of(scene, issue)) == (["microservice"], ["microservice"])
    # What the bot itself has set the label on begins once.
    delivered(scene)
    assert len(scene.house.runs.history(scene.key, issue)) == 1


def test_a_strangers_issue_by_the_form_waits_for_an_approval(scene: Scene) -> None:
    issue = scene.open(BODY, author="visitor")
    assert "`/approve`" in scene.next_comment(issue)
    assert scene.finished(issue).stage == "waiting"
    assert labels_of(scene, issue) == ["microservice"]
    assert scene.model.requests == []
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    delivered(scene)
    scene.say(issue, "/approve")
    assert "approved, and I begin" in scene.next_comment(issue)
    assert scene.finished(issue).stage == "done"


@pytest.mark.parametrize("command", ["/approve", "/retry"])
def test_a_command_begins_an_issue_by_the_form(scene: Scene, command: str) -> None:
    forgets(scene, "issues")
    issue = scene.open(BODY)
    delivered(scene)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.say(issue, command)
    assert "I begin" in scene.next_comment(issue) or command == "/retry"
    forgets(scene)
    assert scene.finished(issue).stage == "done"
    assert labels_of(scene, issue) == ["microservice"]


@pytest.fixture
def missed(alone: Scene, github: GitHub) -> Missed:
    with alone.house.hub.parts.state.lock:
        del alone.house.hub.parts.deliveries.all[:]
    return Missed(github, alone.house.runs, "microservice", grace=-1)


def test_an_issue_by_the_form_that_nobody_told_of_begins(alone: Scene, missed: Missed) -> None:
    forgets(alone, "issues")
    issue = alone.open(BODY)
    # Somebody makes the label later, by hand.
    repository(alone).labels.append(Label(1, "microservice"))
    alone.answers(spec(), suite(), strategies("str.upper"), files())
    missed.look()
    forgets(alone)
    assert alone.finished(issue).stage == "done"
    assert labels_of(alone, issue) == ["microservice"]
    for _ in range(3):
        missed.look()
    assert len(alone.house.runs.history(alone.key, issue)) == 1


def test_the_first_look_makes_the_label(alone: Scene, missed: Missed) -> None:
    missed.look()
    alone.until(lambda: labels(alone) == ["microservice"])


def test_what_the_label_was_taken_off_again_does_not_begin(alone: Scene, missed: Missed) -> None:
    forgets(alone, "issues")
    hub = alone.house.hub
    repository(alone).labels.append(Label(1, "microservice"))
    issue = alone.open(BODY)
    with hub.parts.state.lock:
        stored = repository(alone)
        hub.parts.issues.remove_label(stored, stored.issues[issue], hub.caller("octo"), "microservice")
    for _ in range(2):
        missed.look()
    assert alone.house.runs.latest(alone.key, issue) is None
    forgets(alone)
