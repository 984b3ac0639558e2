"""What one worker finds out of GitHub, all of them know."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bot.clients.github import GitHub
from bot.errors import Hindrance, Unavailable
from bot.runs.durable.database import open_engine
from bot.runs.durable.gates import Backoff, Gates
from bot.runs.durable.server_gates import ServerGates, ServerRefusals
from tests.fakes.app_key import app_key
from tests.fakes.github_http import fake_github
from tests.unit.clients.github.test_client import ISSUE, token


@pytest.fixture
def kind() -> str:
    return "postgresql"


@pytest.fixture
def rung() -> list[str]:
    return []


@pytest.fixture
def make(url: str, rung: list[str]) -> Callable[[], Gates]:
    """Make another worker's gates."""
    return lambda: Gates(rung.append, Backoff(first=2, longest=900), ServerGates(open_engine(url, patient=True)))


def test_one_run_of_all_workers_tries_and_wakes_the_others(make: Callable[[], Gates], rung: list[str]) -> None:
    first, second = make(), make()
    first.failed("octo", "a", passes=True, named=None)
    second.failed("octo", "b", passes=True, named=None)
    second.join("octo", "c")
    assert 0 < first.left("octo", "a") <= 2 and 0 < second.left("octo", "b") <= 2
    assert second.left("acme", "b") == 0
    time.sleep(2)
    assert second.left("octo", "b") == 0
    # It tries for both workers.
    assert first.left("octo", "a") > 10 and second.left("octo", "c") > 10
    second.failed("octo", "b", passes=True, named=600)
    assert first.left("octo", "a") > 599
    first.leave("octo", "a")
    assert sorted(rung) == ["b", "c"]
    rung.clear()
    second.passed("octo")
    assert sorted(rung) == ["b", "c"]
    assert first.left("octo", "c") == second.left("octo", "b") == 0


def test_a_worker_does_not_run_into_the_limit_that_another_one_was_told_of(url: str) -> None:
    with fake_github() as fake:
        fake.on("POST", "/app/installations/5/access_tokens", 201, token(60))
        fake.on("GET", "/repos/octo/shop/issues/1", 403, {"message": "You have exceeded a rate limit"}, retry_after="3")
        fake.on("GET", "/repos/octo/shop/issues/1", 200, ISSUE)
        fake.on("GET", "/repos/acme/shop/issues/1", 200, ISSUE)
        first, second = (
            GitHub(fake.api_url, 1, app_key(), refusals=ServerRefusals(open_engine(url, patient=True)))
            for _ in range(2)
        )
        with pytest.raises(Unavailable):
            first.repository("octo/shop", 5).issue(1)
        asked = len(fake.requests)
        with pytest.raises(Unavailable) as refused:
            second.repository("octo/shop", 5).issue(1)
        assert len(fake.requests) == asked
        error = refused.value
        assert (error.hindrance, error.place) == (Hindrance.LIMIT, "octo") and 0 < (error.retry_after or 0) <= 3
        # Another owner has a limit of its own, and this one's ends.
        assert second.repository("acme/shop", 5).issue(1).number == 1
        time.sleep(3.1)
        assert second.repository("octo/shop", 5).issue(1).number == 1
        for github in (first, second):
            github.close()
