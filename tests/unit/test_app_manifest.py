"""`app.yml` says what the code needs, no more and no less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.clients.github.auth import PERMISSIONS
from bot.web.events import EVENTS

# What the App may be granted at the most. `workflows` and `administration` are not among it on purpose.
ALLOWED = {
    "actions": "write",
    "checks": "write",
    "contents": "write",
    "deployments": "read",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "app.yml").read_text())
    return loaded


def test_the_app_hears_what_the_code_reads(manifest: dict[str, Any]) -> None:
    assert sorted(manifest["default_events"]) == sorted(EVENTS)


def test_the_app_may_do_what_its_tokens_are_minted_for(manifest: dict[str, Any]) -> None:
    assert manifest["default_permissions"] == PERMISSIONS


def test_the_app_asks_for_no_more_than_was_designed(manifest: dict[str, Any]) -> None:
    assert manifest["default_permissions"] == ALLOWED


def test_the_manifest_is_complete(manifest: dict[str, Any]) -> None:
    # https://probot.github.io/api/latest/types/types.Manifest.html
    assert {"name", "url", "description", "public"} <= manifest.keys()
    assert manifest["public"] is False
