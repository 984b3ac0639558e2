"""One house for all flow tests, one repository for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from bot.clients.github import GitHub
from tests.fakes.model import FakeModel
from tests.flow.house import House
from tests.flow.scene import Scene


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    yield house
    house.close()


@pytest.fixture(scope="package")
def github(house: House) -> GitHub:
    house.hub.create_repository("octo/first", {"README.md": "first\n"})
    return house.install()


@pytest.fixture
def make_scene(house: House, github: GitHub, request: pytest.FixtureRequest) -> Iterator[Callable[..., Scene]]:
    """Make the test's repository; at the end, a comment of the bot that nobody has read fails the test."""
    scenes: list[Scene] = []
    with FakeModel() as model:

        def make(config: str = "", poll: float = 60, bare: bool = False, owner: str = "octo") -> Scene:
            name = f"{owner}/" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-")
            scenes.append(Scene(house, github, name, model, config, poll, bare))
            return scenes[-1]

        yield make
        house.faults.clear()
        for scene in scenes:
            assert not list(scene.unread()), "comments nobody has read"
            assert not model.answers, "the model was asked less than expected"


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene()
