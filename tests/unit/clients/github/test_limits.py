"""What GitHub's answers say of its limits is kept, by the owner of the installation and by what is counted."""

from __future__ import annotations

import time

import pytest

from bot.clients.github import GitHub
from bot.errors import Unavailable
from bot.values.figures import RateLimit
from tests.fakes.app_key import app_key
from tests.fakes.github_http import FakeGitHub
from tests.unit.clients.github.test_client import ISSUE

REPO = "/repos/octo/shop"
TOKEN = {"token": "t", "expires_at": "2099-01-01T00:00:00Z"}
STANDING = {
    "databaseId": None,
    "issue": {"state": "OPEN", "locked": False, "labels": {"nodes": []}},
}


class Kept:
    """Keeps all that it is told."""

    def __init__(self) -> None:
        self.noted: list[RateLimit] = []

    def note(self, limit: RateLimit) -> None:
        self.noted.append(limit)


def headers(remaining: int, resource: str) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": "4000000000",
        "X-RateLimit-Resource": resource,
    }


def limit(remaining: int, resource: str = "core") -> RateLimit:
    return RateLimit(account="octo", resource=resource, remaining=remaining, limit=5000, resets_at=4e9)


def test_rest_and_graphql_are_told_apart(fake: FakeGitHub) -> None:
    kept = Kept()
    repository = GitHub(fake.api_url, 1, app_key(), limits=kept).repository("octo/shop", 5)
    fake.on("POST", "/app/installations/5/access_tokens", 201, TOKEN, **headers(4999, "core"))
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE, **headers(700, "core"))
    fake.on_graphql({"data": {"repository": STANDING}}, 200, **headers(60, "graphql"))

    repository.issue(1)
    repository.standing(1, None)

    # The App's own requests count against no installation.
    assert kept.noted == [limit(700), limit(60, "graphql")]


def test_a_limit_that_is_used_up_is_kept(fake: FakeGitHub) -> None:
    kept = Kept()
    repository = GitHub(fake.api_url, 1, app_key(), limits=kept).repository("octo/shop", 5)
    fake.on("POST", "/app/installations/5/access_tokens", 201, TOKEN)
    refusal = {"message": "API rate limit exceeded for installation"}
    fake.on("GET", f"{REPO}/issues/1", 403, refusal, **headers(0, "core"))

    with pytest.raises(Unavailable):
        repository.issue(1)

    (noted,) = kept.noted
    assert (noted.remaining, noted.left(time.time()), noted.left(5e9)) == (0, 0, 5000)


def test_a_server_that_tells_no_limits_is_used_all_the_same(fake: FakeGitHub) -> None:
    kept = Kept()
    repository = GitHub(fake.api_url, 1, app_key(), limits=kept).repository("octo/shop", 5)
    fake.on("POST", "/app/installations/5/access_tokens", 201, TOKEN)
    fake.on("GET", f"{REPO}/issues/1", 200, ISSUE)

    repository.issue(1)

    assert kept.noted == []
