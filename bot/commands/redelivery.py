"""Ask GitHub to deliver again what it could not deliver."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from bot.values.news import HookDelivery

log = logging.getLogger(__name__)

KEPT_SECONDS = 3 * 24 * 3600.0
"""GitHub delivers nothing again that is older:
https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks"""
OVERLAP = 3600.0
"""Seconds that two looks have in common."""
PAGES = 10
_MOST_AT_ONCE = 100
"""Deliveries that one look asks for again."""
_TRIES = 5

_Tried = tuple[int, int]
"""How often a delivery was asked for again, and the number of the look that may do it next."""


class Hook(Protocol):
    """What GitHub was to tell the App; `bot.clients.github` has one."""

    def deliveries(self, since: float, pages: int, /) -> list[HookDelivery]: ...

    def redeliver(self, delivery: int, /) -> None: ...


class Redelivery:
    """Asks for what failed, each delivery a few times, and less and less often."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self._looked_at = 0.0
        self._looks = 0
        self._tried: dict[str, _Tried] = {}

    def look(self, now: float) -> Iterator[str]:
        """Look once; yield the GUID of what is asked for again, before it is.

        Args:
            now: in seconds since the epoch.
        """
        self._looks += 1
        deliveries = self._hook.deliveries(max(now - KEPT_SECONDS, self._looked_at - OVERLAP), PAGES)
        self._looked_at = now
        self._tried = still_listed(self._tried, deliveries)
        for delivery in undelivered(deliveries)[:_MOST_AT_ONCE]:
            tries, next_look = self._tried.get(delivery.guid, (0, 0))
            # What fails for good is not asked for for ever.
            if tries < _TRIES and self._looks >= next_look:
                self._tried[delivery.guid] = tries + 1, self._looks + 2**tries
                log.info("delivery %s is asked for again", delivery.guid)
                yield delivery.guid
                self._hook.redeliver(delivery.id)


def still_listed(tried: Mapping[str, _Tried], deliveries: Iterable[HookDelivery]) -> dict[str, _Tried]:
    """Return what is worth knowing of deliveries that were asked for again.

    What GitHub lists no more it does not list again, because each look begins later than the one before.
    """
    listed = {delivery.guid for delivery in deliveries}
    return {guid: tries for guid, tries in tried.items() if guid in listed}


def undelivered(deliveries: Iterable[HookDelivery]) -> list[HookDelivery]:
    """Return the newest attempt of each delivery of which none was taken and none is under way, the oldest first.

    Args:
        deliveries: the newest first.
    """
    newest: dict[str, HookDelivery] = {}
    done = set()
    for delivery in deliveries:
        newest.setdefault(delivery.guid, delivery)
        if delivery.ok or delivery.pending:
            done.add(delivery.guid)
    return [delivery for guid, delivery in reversed(newest.items()) if guid not in done]
