"""Which service of a repository was made for an issue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from bot.values.naming import DESCRIPTION, service_folder


class Repository(Protocol):
    """What is read; `bot.clients.github.Repository` is one."""

    def default_branch(self) -> str: ...

    def services(self, ref: str, /) -> list[str]: ...

    def folder(self, path: str, ref: str, /) -> dict[str, str]: ...


def merged_slug(repository: Repository, issue: int) -> str | None:
    """Return the slug of the service on the default branch that was made for an issue, or None."""
    ref = repository.default_branch()
    for slug in repository.services(ref):
        if issue_number(repository.folder(service_folder(slug), ref)) == issue:
            return slug
    return None


def issue_number(files: Mapping[str, str]) -> int | None:
    """Return the issue a service folder was made for, or None where its service.json does not say."""
    try:
        manifest = json.loads(files.get(DESCRIPTION, ""))
    except json.JSONDecodeError:
        return None
    return manifest.get("issue") if isinstance(manifest, dict) else None
