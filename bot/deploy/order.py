"""Which of two commits of a service is the newer one: deployments may end in another order than they began in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Protocol

from bot.errors import UserError

Newer = Callable[[str], bool]
"""Tells whether a commit (40 hex digits, or "" where it is not known) is newer than the one that shall be live."""


class Commits(Protocol):
    """What knows how commits lie to each other."""

    def descends(self, commit: str, ancestor: str, /) -> bool: ...


class Repository(Commits, Protocol):
    """What is asked; `bot.clients.github.Repository` is one."""

    def default_branch(self) -> str: ...

    def head(self, branch: str, /) -> str | None: ...

    def services(self, ref: str, /) -> list[str]: ...


def nothing_newer(_: str) -> bool:
    """Take every commit for older: whoever deploys by hand says what shall be live."""
    return False


def newer_than(wanted: str, commits: Commits, head: Callable[[], str | None]) -> Newer:
    """Return what tells whether a commit holds `wanted` and more.

    Nothing is newer than where the branch ends now, which a person may have set back to an earlier commit.

    Args:
        head: returns the commit that the branch ends with.
    """

    @cache
    def newer(commit: str) -> bool:
        if not commit or commit == wanted:
            return False
        return head() != wanted and commits.descends(commit, wanted)

    return newer


def refuse_removed(repository: Repository, slug: str, wanted: str) -> None:
    """Refuse to bring a service live whose folder a later commit of the default branch has removed.

    Raises:
        UserError: says so.
    """
    branch = repository.default_branch()
    if slug in repository.services(branch):
        return
    if repository.descends(repository.head(branch) or "", wanted):
        raise UserError(
            "`services/%(slug)s` was removed from `%(branch)s` after %(commit)s, so it is not brought live.",
            slug=slug,
            branch=branch,
            commit=wanted[:7],
        )
