"""GitHub takes no more requests of an owner, or is slow for a repository: its runs wait and say so, others do not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes.faults import rate_limit, secondary_rate_limit
from tests.flow.house import House
from tests.flow.replies import files, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_people import building
from tests.flow.test_run import BODY

LIMITS: dict[str, Callable[[], dict[str, Any]]] = {
    "primary": lambda: rate_limit(600),
    "secondary": lambda: secondary_rate_limit(600),
}
SLOW_SECONDS = 2.0


@pytest.fixture(autouse=True)
def _mended(house: House) -> Iterator[None]:
    yield
    house.faults.clear()


@pytest.mark.parametrize("kind", LIMITS)
def test_a_limited_owner_holds_up_nobody_else(make_scene: Callable[..., Scene], kind: str) -> None:
    scene, other = make_scene(name=f"limited-{kind}/shop"), make_scene(name=f"big/free-{kind}")
    limited = building(scene)
    fault = scene.fails_for_all(**LIMITS[kind]())
    scene.release_builds()
    waiting = scene.noted(limited, "GitHub takes no more requests for now; I go on after ")
    assert waiting.stage == "build"
    other.answers(spec(), suite(), strategies("str.upper"), files())
    began = time.monotonic()
    issue = other.open(BODY)
    assert other.finished(issue).stage == "done"
    assert time.monotonic() - began < 20
    # It asks again when GitHub has said, and not before.
    assert fault.happened == 1
    run = scene.house.runs.active(scene.name, limited)
    assert run is not None
    scene.house.runs.stop(run)
    scene.ends(limited)


def test_a_slow_repository_holds_up_nobody_else(make_scene: Callable[..., Scene]) -> None:
    slow, quick = make_scene(name="octo/slow"), make_scene(name="octo/quick")
    fault = slow.fails_for_all(late=SLOW_SECONDS)
    issues = [slow.open(f"{BODY} {number}") for number in range(12)]
    slow.until(lambda: fault.happened >= 2)
    quick.answers(spec(), suite(), strategies("str.upper"), files())
    began = time.monotonic()
    issue = quick.open(BODY)
    assert quick.finished(issue).stage == "done"
    assert time.monotonic() - began < 20
    for number in issues:
        if run := slow.house.runs.active(slow.name, number):
            slow.house.runs.stop(run)
    slow.house.faults.clear()
    for number in issues:
        slow.ends(number)
