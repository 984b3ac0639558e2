"""Everything the embedded GitHub knows, and the lock that guards it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from bot.hub.state.accounts import App, User
from bot.hub.state.repositories import Repository


class State:
    """Plain values in memory: whoever reads or changes them holds `lock`. Waiters are woken at every change.

    `web` is the address of the embedded GitHub, without a slash at its end; `moved` has the repositories by the names
    that they had before.
    """

    def __init__(self, web: str) -> None:
        self.web = web
        self.lock = threading.Condition(threading.RLock())
        self.users: dict[str, User] = {}
        self.suspended: set[str] = set()
        self.repositories: dict[str, Repository] = {}
        self.moved: dict[str, Repository] = {}
        self.app: App | None = None
        self._ids = itertools.count(1_000_001)

    @property
    def api(self) -> str:
        """Root of the REST API."""
        return f"{self.web}/api/v3"

    def new_id(self) -> int:
        return next(self._ids)

    def user(self, login: str, kind: str = "User") -> User:
        """Return the account called `login`, making it the first time."""
        if login not in self.users:
            self.users[login] = User(self.new_id(), login, kind)
        return self.users[login]

    def repository(self, full_name: str) -> Repository | None:
        return self.repositories.get(full_name.lower())

    def found(self, full_name: str) -> Repository | None:
        """Return a repository by its name, or by one that it had before and no other has now."""
        return self.repository(full_name) or self.moved.get(full_name.lower())

    def html_url(self, repo: Repository) -> str:
        """Return where people see a repository."""
        return f"{self.web}/{repo.full_name}"

    def api_url(self, repo: Repository) -> str:
        """Return where the REST API has a repository."""
        return f"{self.api}/repos/{repo.full_name}"

    def wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until `condition` holds, at most `timeout` seconds; return whether it does."""
        with self.lock:
            return self.lock.wait_for(condition, timeout)
