"""What a delivery means that is about a repository, its settings, or what the App may do there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.web import events
from bot.web.deliveries import parse
from tests.unit.web.delivered import (
    BASE,
    BOT,
    event,
    payload,
)


def pushed(ref: str, *commits: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a push, which has no action."""
    repository = {**BASE["repository"], "default_branch": "trunk"}
    return {**BASE, "repository": repository, "ref": ref, "commits": list(commits), **fields}


SETTINGS = ".github/microservice.yml"


@pytest.mark.parametrize(
    ("delivered", "heard"),
    [
        (pushed("refs/heads/trunk", {"id": "a", "added": [SETTINGS], "modified": [], "removed": []}), True),
        (pushed("refs/heads/trunk", {"modified": ["README.md"]}, {"modified": [SETTINGS]}), True),
        (pushed("refs/heads/trunk", {"removed": [SETTINGS]}, sender=BOT), True),
        (pushed("refs/heads/trunk", {"modified": ["services/x/.github/microservice.yml"]}), False),
        (pushed("refs/heads/trunk"), False),
        (pushed("refs/heads/main", {"modified": [SETTINGS]}), False),
        (pushed("refs/tags/trunk", {"modified": [SETTINGS]}), False),
    ],
)
def test_a_push_counts_where_it_changes_the_settings(delivered: dict[str, Any], heard: bool) -> None:
    assert parse("push", "guid", delivered) == (event(events.SettingsPushed) if heard else None)


@pytest.mark.parametrize(
    ("name", "action", "place"),
    [
        ("installation", "unsuspend", "octo"),
        ("installation", "new_permissions_accepted", "octo"),
        ("installation", "deleted", "octo"),
        ("installation_repositories", "removed", "octo"),
    ],
)
def test_what_the_app_may_do_has_changed(name: str, action: str, place: str) -> None:
    delivered = payload(action, installation={"id": 42, "account": {"login": "octo"}})
    # GitHub names no single repository there.
    del delivered["repository"]
    assert parse(name, "guid", delivered) == events.PlaceChanged(delivery="guid", place=place)


@pytest.mark.parametrize(
    ("name", "action", "where"),
    [("installation", "created", "repositories"), ("installation_repositories", "added", "repositories_added")],
)
def test_the_app_was_installed(name: str, action: str, where: str) -> None:
    there = [{"id": 1, "full_name": "octo/services", "private": True}]
    delivered = payload(action, installation={"id": 42, "account": {"login": "octo"}}, **{where: there})
    del delivered["repository"]
    repositories = ((1, "octo/services"),)
    expected = events.Installed(delivery="guid", place="octo", installation=42, repositories=repositories)
    assert parse(name, "guid", delivered) == expected


OWNER = {"login": "acme", "id": 5}


@pytest.mark.parametrize(
    ("action", "changes", "before"),
    [
        ("unarchived", None, ""),
        ("deleted", None, ""),
        ("renamed", {"repository": {"name": {"from": "shop"}}}, "octo/shop"),
        ("transferred", {"owner": {"from": {"organization": OWNER}}}, "acme/services"),
        ("transferred", {"owner": {"from": {"user": OWNER}}}, "acme/services"),
    ],
)
def test_a_repository_has_changed(action: str, changes: dict[str, Any] | None, before: str) -> None:
    delivered = payload(action, **({"changes": changes} if changes else {}))
    assert parse("repository", "guid", delivered) == event(events.RepositoryChanged, before=before)
