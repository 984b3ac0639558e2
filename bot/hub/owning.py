"""What the owner of a repository, and of the App's installation, does with it as a whole. Every change is announced.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.hub.payloads import Json, user_json
from bot.hub.state import Repository, State
from bot.hub.webhooks import Announcer


class Owning:
    """The verbs of an owner. Called with the state's lock held."""

    def __init__(self, state: State, announcer: Announcer) -> None:
        self._state = state
        self._announcer = announcer

    def archive(self, repo: Repository, *, archived: bool) -> None:
        """Make a repository read-only, or let people change it again."""
        repo.archived = archived
        self._announcer.announce("repository", repo, repo.owner, "archived" if archived else "unarchived")

    def move(self, repo: Repository, full_name: str) -> None:
        """Give a repository another name, or another owner; its old name leads to it until another one takes that.

        https://docs.github.com/en/repositories/creating-and-managing-repositories/renaming-a-repository
        """
        before, owner = repo.full_name, repo.owner
        login, _, name = full_name.partition("/")
        del self._state.repositories[before.lower()]
        repo.owner, repo.name = self._state.user(login), name
        self._state.repositories[full_name.lower()] = repo
        self._state.moved[before.lower()] = repo
        self._state.moved.pop(full_name.lower(), None)
        if repo.owner == owner:
            changes: Json = {"repository": {"name": {"from": before.partition("/")[2]}}}
            self._announcer.announce("repository", repo, owner, "renamed", changes=changes)
        else:
            changes = {"owner": {"from": {"user": user_json(self._state, owner)}}}
            self._announcer.announce("repository", repo, owner, "transferred", changes=changes)

    def delete(self, repo: Repository) -> None:
        """Delete a repository; the App is told of it last."""
        self._announcer.announce("repository", repo, repo.owner, "deleted")
        del self._state.repositories[repo.full_name.lower()]

    def suspend(self, *, suspended: bool) -> None:
        """Refuse the App everything, or nothing any more."""
        self._change("suspend" if suspended else "unsuspend", suspended=suspended)

    def grant(self, permissions: Mapping[str, str]) -> None:
        """Grant the App these permissions and no others."""
        self._change("new_permissions_accepted", permissions=dict(permissions))

    def install(self) -> None:
        """Install the App on all repositories that it is not kept from."""
        self._change("created", installed=True)

    def include(self, repo: Repository) -> None:
        """Install the App on a repository that it was kept from."""
        app = self._state.app
        if app is None:
            raise ValueError("there is no App")
        app.left_out.discard(repo.id)
        self._announcer.announce_repositories(app.owner, added=[repo])

    def uninstall(self) -> None:
        """Take the App from all repositories; its tokens are good for nothing any more."""
        self._change("deleted", installed=False)

    def _change(self, action: str, **changes: Any) -> None:
        app = self._state.app
        if app is None:
            raise ValueError("there is no App")
        self._state.app = changed = replace(app, **changes)
        there = [repo for repo in self._state.repositories.values() if repo.id not in changed.left_out]
        self._announcer.announce_installation(changed.owner, action, there)
