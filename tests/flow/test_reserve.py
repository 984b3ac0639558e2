"""What GitHub takes in an hour nears its end: runs say on their issues until when they wait, before GitHub refuses."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.flow.house import House
from tests.flow.people import repository
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_people import building
from tests.flow.test_run import BODY

WAITS = "GitHub takes no more requests for now; I go on after "
RESERVE = 100


@pytest.fixture(autouse=True)
def told_at_once(house: House) -> Iterator[None]:
    """Have people hear of a wait at once."""
    house.tell_waits(1.0)
    yield
    house.tell_waits()


def limit(scene: Scene, left: int, seconds: float) -> str:
    """Have GitHub take so many more requests of the repository's owner before a reset; return the owner."""
    owner = scene.name.partition("/")[0]
    scene.house.hub.parts.rate_limit.limit(owner, left, seconds)
    return owner


def test_a_run_says_until_when_it_waits_and_goes_on_then(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(owner="near")
    issue = building(scene)
    owner = limit(scene, RESERVE + 3, 12)
    reset = time.time() + 12
    scene.release_builds()
    scene.shown(issue, WAITS)
    assert time.time() < reset
    assert re.search(rf"\*\*: {WAITS}\d\d:\d\d UTC\n", scene.status(issue))
    assert scene.finished(issue).stage == "done"
    assert time.time() > reset - 1
    assert WAITS not in scene.status(issue)
    assert not scene.house.hub.parts.rate_limit.refused[owner]


def test_many_runs_of_one_owner_say_it_once_each_and_hold_up_no_other(make_scene: Callable[..., Scene]) -> None:
    scene, other = make_scene(owner="many", name="many/shop"), make_scene(owner="free", name="free/shop")
    # What the bot does where it first hears of a repository is done before.
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    assert scene.finished(scene.open(BODY)).stage == "done"
    scene.answers_given()
    asked = len(scene.house.hub.requests)
    owner = limit(scene, RESERVE + 10, 600)
    issues = [scene.open(f"{BODY} {number}") for number in range(20)]
    for issue in issues:
        scene.shown(issue, WAITS)
    other.answers(spec(), suite(), strategies("str.upper"), files())
    assert other.finished(other.open(BODY)).stage == "done"

    assert not scene.house.hub.parts.rate_limit.refused[owner]
    with scene.house.hub.parts.state.lock:
        assert [len(repository(scene).issues[issue].comments) for issue in issues] == [1] * 20
    comments = rf"/{repository(scene).id}/issues/(\d+/comments|comments/\d+)$"
    written = Counter(
        f"{request.method} {request.path}"
        for request in scene.house.hub.requests[asked:]
        if request.method != "GET" and re.search(comments, request.path)
    )
    # Made, and edited at most once.
    assert sorted(set(written.values())) == [1]
    for issue in issues:
        run = scene.house.runs.active(scene.name, issue)
        assert run is not None
        scene.house.runs.stop(run)
    for issue in issues:
        scene.ends(issue)
