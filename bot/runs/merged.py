"""Which service of a repository is an issue's: made for it, or changed for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from bot.sentence import Sentence, sentence
from bot.values.naming import DESCRIPTION, service_folder


class Repository(Protocol):
    """What is read; `bot.clients.github.Repository` is one."""

    def default_branch(self) -> str: ...

    def services(self, ref: str, /) -> list[str]: ...

    def folder(self, path: str, ref: str, /) -> dict[str, str]: ...


def merged_slug(repository: Repository, issue: int) -> str | None:
    """Return the slug of the service on the default branch that was made for an issue, or that it had changed."""
    return slug_at(repository, issue, repository.default_branch())


def slug_at(repository: Repository, issue: int, ref: str) -> str | None:
    """Return the slug of the service at a branch or commit that was made for an issue, or that it had changed."""
    changed = None
    for slug in repository.services(ref):
        first, *others = issue_numbers(repository.folder(service_folder(slug), ref)) or [None]
        if first == issue:
            return slug
        if issue in others:
            changed = slug
    return changed


def nothing_anew(slug: str, issue: int) -> Sentence:
    """Return why nothing is built anew for an issue whose service is merged, and what to type instead."""
    return sentence(
        "`%(slug)s` is merged for #%(issue)s, so I build nothing anew: it would be a second service beside it. "
        "`/update TEXT` changes it, `/deploy` deploys it again. For a fresh start remove it first: "
        "`/delete files=yes`, and merge that.",
        slug=slug,
        issue=issue,
    )


def issue_numbers(files: Mapping[str, str]) -> list[int | None]:
    """Return the issue a service folder was made for, then those that had it changed; None stands for one that its
    service.json does not tell."""
    try:
        manifest = json.loads(files.get(DESCRIPTION, ""))
    except json.JSONDecodeError:
        return []
    if not isinstance(manifest, dict):
        return []
    updates = manifest.get("updates")
    return [manifest.get("issue"), *(updates if isinstance(updates, list) else ())]
