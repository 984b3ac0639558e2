"""Deliveries about whole places: an installation, a repository, its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.config import REPO_CONFIG_PATH
from bot.web.events import Installed, PlaceChanged, RepositoryChanged, SettingsPushed
from bot.web.payloads import InstallationPayload, InstalledPayload, PushPayload, RepositoryPayload


def settings_pushed(delivery: str, payload: Mapping[str, Any]) -> SettingsPushed | None:
    data = PushPayload.model_validate(payload)
    if data.ref != f"refs/heads/{data.repository.default_branch}":
        return None
    paths = (path for commit in data.commits for path in (*commit.added, *commit.modified, *commit.removed))
    return SettingsPushed(**data.delivered(delivery)) if REPO_CONFIG_PATH in paths else None


def installation_changed(delivery: str, payload: Mapping[str, Any]) -> PlaceChanged:
    data = InstallationPayload.model_validate(payload)
    return PlaceChanged(delivery=delivery, place=data.installation.account.login)


def installed(delivery: str, payload: Mapping[str, Any]) -> Installed:
    data = InstalledPayload.model_validate(payload)
    there = (*data.repositories, *data.repositories_added)
    return Installed(
        delivery=delivery,
        place=data.installation.account.login,
        installation=data.installation.id,
        repositories=tuple((repository.id, repository.full_name) for repository in there),
    )


def repository_changed(delivery: str, payload: Mapping[str, Any]) -> RepositoryChanged:
    data = RepositoryPayload.model_validate(payload)
    return RepositoryChanged(**data.delivered(delivery), before=data.before)
