"""One house for all flow tests, one repository for each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bot.clients.github import GitHub
from tests.fakes.model import FakeModel
from tests.fakes.postgres import Server
from tests.flow.house import House
from tests.flow.scene import Scene
from tests.word.front import Word

ON_BOTH = ("test_commands", "test_missed", "test_reserve")
"""Modules whose tests go through all that the database does for a run: they run on a server as well."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have some modules run with a house on each kind of database, one house after the other."""
    if "house" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("database", ["", "postgresql"], ids=["sqlite", None], indirect=True, scope="package")


@pytest.fixture(scope="package")
def database(request: pytest.FixtureRequest) -> str:
    """The address of the database where it is a server; "" for a file."""
    if not getattr(request, "param", ""):
        return ""
    server: Server = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, github_word: Word, database: str) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"), github_word, database=database)
    yield house
    house.close()


@pytest.fixture(scope="package")
def github(house: House) -> GitHub:
    house.hub.create_repository("octo/first", {"README.md": "first\n"})
    return house.install()


@pytest.fixture
def make_scene(
    house: House, github: GitHub, request: pytest.FixtureRequest, word: Word
) -> Iterator[Callable[..., Scene]]:
    """Make the test's repository; at the end, a comment of the bot that nobody has read fails the test.

    No run of a test goes on while the next one is under way.
    """
    scenes: list[Scene] = []
    with ExitStack() as leaving, FakeModel() as model:

        def make(
            config: str = "",
            poll: float = 60,
            bare: bool = False,
            owner: str = "octo",
            name: str = "",
            label: bool = True,
        ) -> Scene:
            name = name or f"{owner}/" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-")
            scenes.append(Scene(house, github, name, model, config, poll, bare, label))
            leaving.callback(scenes[-1].leave)
            return scenes[-1]

        yield make
        house.faults.clear()
        for scene in scenes:
            scene.answers_given()
            assert not list(scene.unread()), "comments nobody has read"
            assert not model.answers, "the model was asked less than expected"


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene()
