"""Webhooks where GitHub cannot reach the bot, as on a laptop: it posts them to a channel of a relay on the internet,
and the bot takes them from there.

The relay is smee.io, or another one that speaks as it does (https://github.com/probot/smee.io): what is posted to the
channel comes out as a server-sent event, a JSON object of the headers and the `body`. Who sent it tells the signature
alone, as for deliveries that come by themselves: the relay is trusted with nothing but to pass on.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx
from httpx_sse import ServerSentEvent, SSEError, connect_sse

from bot.errors import UserError

log = logging.getLogger(__name__)

PUBLIC_RELAY = "https://smee.io"
_ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|.)")
_PASSED_ON = (
    "content-type",
    "user-agent",
    "x-github-delivery",
    "x-github-event",
    "x-github-hook-id",
    "x-hub-signature-256",
)
_SILENCE_SECONDS = 90.0
"""A relay says something every 30 seconds, if only that it is there."""
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds to wait before the channel is opened again, and before a delivery is handed on again that the bot could not
store."""


@dataclass(frozen=True)
class Relayed:
    """A delivery as GitHub has sent it: the headers that count, by names in lower case, and the body."""

    headers: dict[str, str]
    body: bytes


def new_channel(relay: str = PUBLIC_RELAY) -> str:
    """Return the address of a new channel, which nobody else knows.

    Raises:
        UserError: the relay makes none.
    """
    asked = f"{relay.rstrip('/')}/new"
    try:
        answer = httpx.head(asked, timeout=_CONNECT_SECONDS)
    except httpx.HTTPError as error:
        raise UserError(f"{asked} does not answer ({type(error).__name__}).") from error
    # Behind a proxy of its own it may take itself for plain HTTP.
    made = urlsplit(urljoin(asked, answer.headers.get("location", "")))._replace(scheme=urlsplit(asked).scheme)
    if not answer.is_redirect or made.netloc != urlsplit(asked).netloc or len(made.path) < 2:
        raise UserError(f"{asked} answers {answer.status_code}, and leads to no new channel.")
    return str(made.geturl())


def follow(channel: str, webhook: str, stopping: threading.Event, pauses: tuple[float, ...] = PAUSES) -> None:
    """Hand on what comes out of a channel until told to stop, and open it again whenever it ends.

    Args:
        webhook: the address that takes deliveries on this machine.
    """
    failed = 0
    while not stopping.is_set():
        try:
            for event in _events(channel):
                failed = 0
                # Others are "ready" and "ping".
                if event.event == "message" and (delivery := read(event.data)) is not None:
                    _hand_on(delivery, webhook, stopping, pauses)
        except (httpx.HTTPError, SSEError) as error:
            # Its address is nobody's to know: whoever has it can listen, too.
            status = f" {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else ""
            log.warning("the channel of %s cannot be read: %s%s", _host(channel), type(error).__name__, status)
        stopping.wait(pauses[min(failed, len(pauses) - 1)])
        failed += 1


def read(data: str) -> Relayed | None:
    """Return the delivery in the data of an event, or None where it is none of GitHub's."""
    try:
        fields = json.loads(data)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    headers = {name: value for name in _PASSED_ON if isinstance(value := fields.get(name), str)}
    if "x-github-event" not in headers or "body" not in fields:
        return None
    # Its bytes are signed: GitHub writes no spaces, and escapes control characters alone, with capital letters. See
    # https://github.com/octokit/webhooks.js (src/to-normalized-json-string.ts).
    compact = json.dumps(fields["body"], ensure_ascii=False, separators=(",", ":"))
    body = _ESCAPE.sub(lambda escape: escape[0][:2] + escape[0][2:].upper(), compact)
    return Relayed(headers, body.encode("utf-8", "backslashreplace"))


def _events(channel: str) -> Iterator[ServerSentEvent]:
    timeout = httpx.Timeout(_CONNECT_SECONDS, read=_SILENCE_SECONDS)
    with httpx.Client(timeout=timeout) as client, connect_sse(client, "GET", channel) as source:
        source.response.raise_for_status()
        log.info("webhooks come through a channel of %s", _host(channel))
        yield from source.iter_sse()


def _hand_on(delivery: Relayed, webhook: str, stopping: threading.Event, pauses: tuple[float, ...]) -> None:
    """Give a delivery to the bot; again where it cannot store it now, because GitHub takes it for delivered."""
    named = f"{delivery.headers['x-github-event']} {delivery.headers.get('x-github-delivery', '')}"
    for pause in (*pauses, 0.0):
        try:
            answer = httpx.post(
                webhook,
                content=delivery.body,
                headers=delivery.headers,
                timeout=_ANSWER_SECONDS,
                # A proxy for what is outside has nothing to do with this machine.
                trust_env=False,
            )
        except httpx.TransportError as error:
            said = type(error).__name__
        else:
            if answer.status_code < 500:
                if answer.is_error:
                    log.warning("the bot has refused %s with %s: %s", named, answer.status_code, answer.text.strip())
                return
            said = str(answer.status_code)
        log.warning("%s could not be handed on: %s", named, said)
        if stopping.wait(pause):
            return
    log.error("%s is lost; what it tells of is found when the bot looks for what it has missed", named)


def _host(channel: str) -> str:
    return urlsplit(channel).netloc
