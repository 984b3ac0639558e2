"""The bot's GitHub client on the embedded GitHub, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.clients.github import GitHub, Repository
from tests.contract.conftest import REPOSITORY, World
from tests.fakes.pace import no_pace


@pytest.fixture
def github(world: World) -> Iterator[GitHub]:
    client = GitHub(world.hub.api_url, world.app.app_id, world.app.private_key_pem, no_pace)
    yield client
    client.close()


@pytest.fixture
def repository(world: World, github: GitHub) -> Repository:
    return github.repository(REPOSITORY, world.app.installation_id)
