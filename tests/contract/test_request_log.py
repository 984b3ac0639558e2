"""What the bot asks is counted, and takes as long as a GitHub that is far away."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused

LATENCY = 0.2


@pytest.fixture
def latency() -> float:
    return LATENCY


def test_every_request_is_logged_and_counted(world: World) -> None:
    github = world.as_bot_with_key()
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    github.rest.issues.get(OWNER, NAME, 1)
    github.rest.reactions.create_for_issue(OWNER, NAME, 1, data={"content": "eyes"})
    github.rest.issues.create_comment(OWNER, NAME, 1, data={"body": "hi"})
    refused(lambda: world.with_token("ghp_nobody").rest.repos.get(OWNER, NAME))

    logged = [(item.method, item.path.removeprefix("/api/v3"), item.actor, item.status) for item in world.hub.requests]

    assert logged == [
        ("POST", f"/app/installations/{world.app.installation_id}/access_tokens", "gptdeploy", 201),
        ("GET", f"/repos/{REPOSITORY}/issues/1", "gptdeploy[bot]", 200),
        ("POST", f"/repos/{REPOSITORY}/issues/1/reactions", "gptdeploy[bot]", 201),
        ("POST", f"/repos/{REPOSITORY}/issues/1/comments", "gptdeploy[bot]", 201),
        ("GET", f"/repos/{REPOSITORY}", "", 401),
    ]
    assert world.hub.counted("gptdeploy[bot]") == {"read": 1, "write": 2, "content": 1}
    assert world.hub.counted("gptdeploy") == {"read": 0, "write": 1, "content": 0}
    assert world.hub.counted("gptdeploy[bot]", "gptdeploy", since=1) == {"read": 1, "write": 2, "content": 1}


def test_latency_is_for_the_app_alone(world: World) -> None:
    bot, visitor = world.as_bot(), world.as_person("visitor")

    def seconds(ask: Callable[[], object]) -> float:
        began = time.monotonic()
        ask()
        return time.monotonic() - began

    assert seconds(lambda: bot.rest.repos.get(OWNER, NAME)) >= LATENCY
    assert seconds(lambda: world.as_app().rest.apps.get_authenticated()) >= LATENCY
    assert seconds(lambda: bot.graphql("{ viewer { login } }")) >= LATENCY
    assert min(seconds(lambda: visitor.rest.repos.get(OWNER, NAME)) for _ in range(3)) < LATENCY
