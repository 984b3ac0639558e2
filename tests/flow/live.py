"""A service that is live, and what a model says to an update of it by an optional field."""

from __future__ import annotations

import re

import pytest

from bot.hub.state import Pull
from tests.fakes.fields import draft
from tests.flow.replies import change, files, fix, scenario, spec, strategies, suite
from tests.flow.scene import Scene
from tests.flow.test_run import BODY

FOLDER = "services/upper-case"
ON_IT = (
    "On it: I change the live service as you say, by a pull request of its own. The status comment above shows how far "
    "I am."
)
SUFFIX_TEST = """def test_hi_with_suffix_gives_hi(call):
    status, answer = call({"text": "hi", "suffix": "!"})
    assert status == 200
    assert answer["result"] == "HI!"
"""
SUFFIX = (
    change(
        scenario("hi with suffix ! gives HI!"),
        inputs=(draft("suffix", required=False, default='""'),),
    ),
    suite().removesuffix("```\n") + f"\n\n{SUFFIX_TEST}```\n",
    fix("Point 1: done: `suffix` is put at the end.", "input.text.upper() + input.suffix"),
)
"""What a model says to an update by an optional field: the specification, the tests, the code."""
NOTHING = change()


def deliver(scene: Scene) -> int:
    """Bring a service live; return its issue."""
    scene.answers(spec(), suite(), strategies("str.upper"), files())
    issue = scene.open(BODY)
    assert scene.finished(issue).stage == "done"
    return issue


@pytest.fixture
def live(scene: Scene) -> tuple[Scene, int]:
    """A repository with a service that is live, and its issue."""
    return scene, deliver(scene)


def pull(scene: Scene, number: int) -> Pull:
    found = scene.house.hub.repository(scene.name).issues[number]
    assert isinstance(found, Pull)
    return found


def main(scene: Scene, name: str) -> str:
    """Return a file of the service as it is on the default branch."""
    content = scene.house.hub.repository(scene.name).git.show("main", f"{FOLDER}/{name}")
    assert content is not None
    return content.decode()


def title_and_body(scene: Scene, number: int) -> tuple[str, str]:
    found = pull(scene, number)
    return found.title, re.sub(r"<!--.*?-->\n?", "", found.body)
