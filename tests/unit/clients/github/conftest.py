"""A repository on a GitHub that gives the answers a test prescribes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.clients.github import GitHub, Repository
from tests.fakes.github_http import FakeGitHub, fake_github


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@pytest.fixture
def repository(fake: FakeGitHub) -> Iterator[Repository]:
    github = GitHub.with_token(fake.api_url, "secret-token")
    repository = github.repository("octo/shop")
    # As the bot is with an App's tokens, which take more answers to prescribe.
    repository.alone = True
    yield repository
    github.close()
