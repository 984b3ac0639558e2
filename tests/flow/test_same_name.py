"""Two issues want the same name for their services: the second gets another one before any code is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.clients.github import GitHub
from bot.hub.act import WorkflowOrder
from bot.values.github import DeploymentStatus
from tests.fakes.model import Later
from tests.flow.people import close_pull, repository
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_people import building
from tests.flow.test_run import BODY


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    scene = make_scene()
    scene.deploys = announce_all
    return scene


def announce_all(order: WorkflowOrder) -> tuple[str, str]:
    """Be the deploy workflow where there are several services."""
    remote = GitHub.with_token(order.api_url, order.token).repository(order.repository)
    for slug in remote.services(order.head_sha):
        status = DeploymentStatus(state="success", url=f"http://{slug}.localhost:8080/", description="deployed")
        remote.set_deployment(f"microservice-{slug}", order.head_sha, status)
    return "success", "deployed"


def services(scene: Scene) -> list[str]:
    """Return the folders of services on the default branch."""
    with scene.house.hub.parts.state.lock:
        return sorted(entry.path.partition("/")[2] for entry in repository(scene).git.entries("main", "services") or [])


def slug_of(scene: Scene, issue: int) -> str:
    progress = scene.house.runs.latest(scene.key, issue)
    assert progress is not None
    return progress.slug


def test_the_second_one_is_told_from_the_first_while_that_is_built(scene: Scene) -> None:
    first = building(scene)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    second = scene.open(BODY, title="Shout it in upper case")
    scene.shown(second, "Issue 1 has the name `upper-case`, so that this service is called `upper-case-2`.")
    assert (slug_of(scene, first), slug_of(scene, second)) == ("upper-case", "upper-case-2")
    scene.release_builds()
    assert [scene.finished(issue).stage for issue in (first, second)] == ["done", "done"]
    assert services(scene) == ["upper-case", "upper-case-2"]
    assert "- Issue 1 has the name `upper-case`, so that" in scene.status(second)


def test_a_word_of_the_title_tells_them_apart(scene: Scene) -> None:
    building(scene)
    scene.answers(spec(title="Upper case with accents"), suite(), strategies("str.upper"), files())
    second = scene.open(BODY)
    scene.shown(second, "so that this service is called `upper-case-accents`.")
    scene.release_builds()
    assert scene.finished(second).stage == "done"
    scene.ends(1)


def test_two_that_are_specified_in_the_same_moment(scene: Scene) -> None:
    """Neither has a name yet when the other one looks which are taken."""
    stages = [[Later(words), Later(words)] for words in (spec(), suite(), strategies("str.upper"))]
    scene.answers(*(answer for both in stages for answer in both), files(), files())
    issues = [scene.open(BODY), scene.open(BODY)]
    for number, both in enumerate(stages, 1):
        scene.until(lambda number=number: len(scene.model.requests) == 2 * number)  # type: ignore[misc]
        for answer in both:
            answer.ready.set()
    assert [scene.finished(issue).stage for issue in issues] == ["done", "done"]
    assert sorted(slug_of(scene, issue) for issue in issues) == services(scene) == ["upper-case", "upper-case-2"]


def test_a_pull_request_that_waits_for_people_keeps_its_name(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual\n")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    first = scene.open(BODY)
    assert scene.next_comment(first)
    assert scene.finished(first).stage == "waiting"
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    second = scene.open(BODY)
    assert scene.next_comment(second)
    assert scene.finished(second).stage == "waiting"
    assert slug_of(scene, second) == "upper-case-2"
    # What nobody wants any more is free again.
    with scene.house.hub.parts.state.lock:
        close_pull(scene, repository(scene).issues[first])
    assert scene.next_comment(first)
    scene.ends(first)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    third = scene.open(BODY)
    assert scene.next_comment(third)
    assert scene.finished(third).stage == "waiting"
    assert slug_of(scene, third) == "upper-case"


def test_the_names_of_open_pull_requests_outlast_the_loss_of_the_database(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene("merge: manual\n")
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    first = scene.open(BODY)
    assert scene.next_comment(first)
    assert scene.finished(first).stage == "waiting"
    with scene.house.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM slugs WHERE repo = :repo"), {"repo": scene.key})
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    second = scene.open(BODY)
    assert scene.next_comment(second)
    assert scene.finished(second).stage == "waiting"
    assert slug_of(scene, second) == "upper-case-2"


def test_an_issue_keeps_its_own_name(scene: Scene) -> None:
    issue = building(scene)
    scene.say(issue, "/stop")
    assert scene.next_comment(issue)
    scene.ends(issue)
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    scene.say(issue, "/retry")
    assert scene.next_comment(issue)
    scene.reached(issue, "build")
    scene.release_builds()
    scene.shows(issue, "### ✅ Upper case is live")
    scene.ends(issue)
    assert services(scene) == ["upper-case"]
