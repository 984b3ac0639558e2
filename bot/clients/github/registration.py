"""The App as it is registered, and what was granted to it.

https://docs.github.com/en/rest/apps/apps, https://docs.github.com/en/rest/apps/webhooks
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.clients.github.auth import Clients
from bot.clients.github.errors import Rejected, translated
from bot.values.inspection import Granted, Hook, Registration


class Registered:
    """The App's own view of itself, by its key. Thread-safe.

    Args:
        jwt: returns a token of the App.
    """

    def __init__(self, clients: Clients, jwt: Callable[[], str]) -> None:
        self._clients = clients
        self._jwt = jwt

    def registration(self) -> Registration:
        """Return what the App asks for."""
        app = self._read("see who the App is", "/app")
        return Registration(
            slug=app["slug"],
            # An enterprise has a slug in the place of a login.
            owner=app["owner"].get("login") or app["owner"].get("slug", ""),
            url=app["html_url"],
            permissions=app["permissions"],
            events=tuple(app["events"]),
        )

    def hook(self) -> Hook:
        """Return where the App's webhooks go; the address is "" where they go nowhere."""
        hook = self._read("see where webhooks go", "/app/hook/config")
        return Hook(url=hook.get("url") or "", content_type=hook.get("content_type") or "")

    def granted(self, full_name: str) -> Granted | None:
        """Return the installation on a repository, or None where there is none, or no such repository."""
        try:
            found = self._read("find the installation", f"/repos/{full_name}/installation")
        except Rejected as error:
            if error.status == 404:
                return None
            raise
        return Granted(
            url=found["html_url"],
            permissions=found["permissions"],
            events=tuple(found["events"]),
            suspended=bool(found["suspended_at"]),
        )

    def _read(self, doing: str, path: str) -> Any:
        with translated(doing), self._clients.lend(self._jwt) as client:
            return client.requester.requestJsonAndCheck("GET", path)[1]
