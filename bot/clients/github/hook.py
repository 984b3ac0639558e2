"""What GitHub was to tell the App, and where the App is installed.

https://docs.github.com/en/rest/apps/webhooks
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.clients.github.auth import Clients
from bot.clients.github.errors import translated
from bot.values.names import Known
from bot.values.news import HookDelivery, Installation

_PAGE = 100
_NEXT = re.compile(r'[?&]cursor=([^&>]+)[^>]*>; rel="next"')


class Hook:
    """The App's own view, by its key. Thread-safe.

    Args:
        jwt: returns a token of the App.
        token: returns a token for all repositories of an installation, to read their names with.
    """

    def __init__(self, clients: Clients, jwt: Callable[[], str], token: Callable[[int], str]) -> None:
        self._clients = clients
        self._jwt = jwt
        self._token = token

    def deliveries(self, since: float, pages: int) -> list[HookDelivery]:
        """Return the attempts to deliver since a moment, the newest first; from so many pages of 100 at the most."""
        found: list[HookDelivery] = []
        cursor: dict[str, str] = {}
        for _ in range(pages):
            headers, page = self._ask("GET", "/app/hook/deliveries", per_page=_PAGE, **cursor)
            found += [_delivery(item) for item in page]
            match = _NEXT.search(headers.get("link", ""))
            if match is None or found[-1].at < since:
                break
            cursor = {"cursor": match[1]}
        return [delivery for delivery in found if delivery.at >= since]

    def redeliver(self, delivery: int) -> None:
        """Have GitHub try once more what it tried with that id."""
        self._ask("POST", f"/app/hook/deliveries/{delivery}/attempts")

    def installations(self) -> list[Installation]:
        """Return where the App is installed and not suspended; at most 100 owners."""
        _, found = self._ask("GET", "/app/installations", per_page=_PAGE)
        return [
            Installation(id=each["id"], since=_seconds(each["created_at"]))
            for each in found
            if not each["suspended_at"]
        ]

    def repositories(self, installation: int, pages: int) -> list[Known]:
        """Return the repositories of an installation that people can change, from so many pages of 100 at the most."""
        found: list[Known] = []
        with translated("list the repositories"):
            token = self._token(installation)
        for number in range(1, pages + 1):
            with translated("list the repositories"), self._clients.lend(lambda: token) as client:
                _, answer = client.requester.requestJsonAndCheck(
                    "GET", "/installation/repositories", parameters={"per_page": _PAGE, "page": number}
                )
            found += [Known(each["id"], each["full_name"]) for each in answer["repositories"] if not each["archived"]]
            if len(answer["repositories"]) < _PAGE:
                break
        return found

    def _ask(self, verb: str, path: str, **parameters: Any) -> tuple[dict[str, Any], Any]:
        with translated("see what was delivered"), self._clients.lend(self._jwt) as client:
            return client.requester.requestJsonAndCheck(verb, path, parameters=parameters)


def _delivery(item: dict[str, Any]) -> HookDelivery:
    code = item["status_code"]
    return HookDelivery(
        id=item["id"],
        guid=item["guid"],
        at=_seconds(item["delivered_at"]),
        pending=item["status"] == "pending",
        ok=200 <= code < 300,
    )


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
