"""How the bot is to hear of what happens on GitHub: by webhooks, through a relay's channel, or by asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.config import POLL_SECONDS, takes_no_webhooks
from bot.errors import UserError

_AGAIN_SECONDS = 60.0
"""After which a relay that has failed is asked again."""


@dataclass(frozen=True)
class Hearing:
    """How the bot hears.

    Attributes:
        webhook: where GitHub sends webhooks; it sends none where they are not active.
        channel: that address belongs to a relay.
        fault: why there is no channel, where one was wanted.
    """

    webhook: str
    active: bool = True
    channel: bool = False
    fault: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """What makes the bot hear that way."""
        if not self.active:
            return {"GPTDEPLOY_POLL": "true"}
        return {"WEBHOOK_PROXY_URL": self.webhook} if self.channel else {}

    @property
    def seconds(self) -> int:
        """How often the bot asks where it gets no webhooks."""
        return int(POLL_SECONDS)


class Channels:
    """Makes a channel when it is needed, once. Thread-safe.

    Args:
        relay: where.
    """

    def __init__(self, relay: str) -> None:
        self._relay = relay
        self._lock = threading.Lock()
        self._made = ""
        self._fault, self._failed_at = "", float("-inf")

    def hearing(self, environ: Mapping[str, str], site: str, public: str, *, polls: bool) -> Hearing:
        """Return how the bot shall hear.

        Args:
            site: where people see this GitHub.
            public: the bot's address for GitHub and for people.
            polls: a person has asked for no webhooks at all.
        """
        own = f"{public}/webhook"
        if polls or takes_no_webhooks(environ):
            return Hearing(own, active=False)
        if given := environ.get("WEBHOOK_PROXY_URL"):
            return Hearing(given, channel=True)
        if not is_here(public) or is_here(site):
            return Hearing(own)
        made = self._channel()
        return Hearing(made, channel=True) if made else Hearing(own, active=False, fault=self._fault)

    def _channel(self) -> str:
        with self._lock:
            if not self._made and time.monotonic() - self._failed_at > _AGAIN_SECONDS:
                # Imported here: a web process of which nothing is to be set up any more does without an HTTP client.
                from bot.web.channel import PUBLIC_RELAY, new_channel

                try:
                    self._made = new_channel(self._relay or PUBLIC_RELAY)
                except UserError as error:
                    self._fault, self._failed_at = str(error), time.monotonic()
            return self._made


def is_here(address: str) -> bool:
    """Return whether an address is one that only this machine can reach."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
