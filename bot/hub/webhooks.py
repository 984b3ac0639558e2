"""Tell the App what happens: signed deliveries, sent in order by a thread of their own.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import logging
import queue
import re
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import urllib3

from bot.hub.payloads import Json, installation_json, repository_json, user_json
from bot.hub.state import App, Repository, State, User, now

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds GitHub waits for an answer."""
ATTEMPTS = 40
RETRY_AFTER = 0.25
"""Seconds. GitHub gives up at once if nobody listens; the hub tries for ten seconds, until a bot has answered once."""


_IDS = itertools.count(1)


@dataclass
class Delivery:
    """One webhook; `status` is what the bot has answered, None while there is no answer (`error` says why).

    Attributes:
        guid: the same for all attempts to deliver the same; `id` is that of one attempt.
        again: a person, or the App, has asked for this attempt.
    """

    event: str
    payload: Json
    guid: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: int | None = None
    error: str = ""
    again: bool = False
    at: datetime = field(default_factory=now)
    id: int = field(default_factory=_IDS.__next__)


@dataclass(frozen=True)
class Announcement:
    """Something that has happened; `payload` is the webhook's."""

    event: str
    action: str | None
    repo: Repository
    sender: User
    payload: Json


class Deliveries:
    """Sends webhooks one after another; `all` keeps them with their outcome.

    Attributes:
        loses: says of a webhook that GitHub forgets it: nothing is sent, and nobody sees that.
    """

    def __init__(self) -> None:
        self.loses: Callable[[Delivery], bool] = lambda _: False
        self.all: list[Delivery] = []
        self._queue: queue.Queue[tuple[App, Delivery] | None] = queue.Queue()
        self._stop = threading.Event()
        self._answered = False
        self._thread = threading.Thread(target=self._work, name="hub-webhooks", daemon=True)
        self._thread.start()

    def send(self, app: App, event: str, payload: Json) -> Delivery:
        delivery = Delivery(event, payload)
        return delivery if self.loses(delivery) or not app.hook_active else self._put(app, delivery)

    def send_again(self, app: App, number: int) -> Delivery | None:
        """Deliver once more what has that id; return the new attempt, or None where there is no such delivery."""
        found = next((delivery for delivery in self.all if delivery.id == number), None)
        return self._put(app, Delivery(found.event, found.payload, found.guid, again=True)) if found else None

    def _put(self, app: App, delivery: Delivery) -> Delivery:
        self.all.append(delivery)
        self._queue.put((app, delivery))
        return delivery

    def drain(self) -> None:
        """Wait until all that was sent so far has been answered or given up."""
        self._queue.join()

    def stop(self) -> None:
        self._stop.set()
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        with urllib3.PoolManager(timeout=TIMEOUT, retries=False) as client:
            while (item := self._queue.get()) is not None:
                if not self._stop.is_set():
                    self._deliver(client, *item)
                self._queue.task_done()
            self._queue.task_done()

    def _deliver(self, client: urllib3.PoolManager, app: App, delivery: Delivery) -> None:
        body = _as_sent(delivery.payload)
        headers = signed_headers(app, delivery, body)
        for _ in range(1 if self._answered else ATTEMPTS):
            try:
                delivery.status = client.request("POST", app.webhook_url, body=body, headers=headers).status
                delivery.error, self._answered = "", True
            except urllib3.exceptions.HTTPError as error:
                delivery.error = repr(error)
                if isinstance(error, urllib3.exceptions.NewConnectionError) and not self._stop.wait(RETRY_AFTER):
                    continue
            break
        if delivery.status is None or delivery.status >= 400:
            log.warning("delivery %s (%s): %s", delivery.guid, delivery.event, delivery.status or delivery.error)


def _as_sent(payload: Json) -> bytes:
    """Return a payload's bytes as GitHub writes them: compact, in UTF-8, control characters with capital letters.

    https://github.com/octokit/webhooks.js/blob/main/src/to-normalized-json-string.ts
    """
    compact = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r"\\(?:u....|.)", lambda found: found[0][:2] + found[0][2:].upper(), compact).encode()


def signed_headers(app: App, delivery: Delivery, body: bytes) -> dict[str, str]:
    """Return a delivery's headers, the signatures of `body` among them."""
    key = app.secret.encode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/hub",
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Hook-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }


class Announcer:
    """Makes an event's payload, sends it to the App and tells the hub's own listeners.

    Called with the state's lock held; listeners must not block.
    """

    def __init__(self, state: State, deliveries: Deliveries) -> None:
        self._state = state
        self._deliveries = deliveries
        self.listeners: list[Callable[[Announcement], None]] = []

    def announce_installation(self, sender: User, action: str, there: Sequence[Repository]) -> None:
        """Tell the App what became of its installation, which has some repositories."""
        # GitHub names them where that is what happens.
        named = {"repositories": list(map(_named, there))} if action in ("created", "deleted") else {}
        self._announce_installation("installation", sender, {"action": action, **named})

    def announce_repositories(self, sender: User, added: Sequence[Repository]) -> None:
        """Tell the App that its installation has more repositories."""
        app = self._state.app
        more = {
            "action": "added",
            "repository_selection": "selected" if app and app.left_out else "all",
            "repositories_added": list(map(_named, added)),
            "repositories_removed": [],
            "requester": None,
        }
        self._announce_installation("installation_repositories", sender, more)

    def _announce_installation(self, event: str, sender: User, body: Json) -> None:
        # An App needs no subscription for that.
        if app := self._state.app:
            payload = {**body, "installation": installation_json(self._state, app)}
            self._deliveries.send(app, event, {**payload, "sender": user_json(self._state, sender)})
        self._state.lock.notify_all()

    def announce(self, event: str, repo: Repository, sender: User, action: str | None = None, **body: Any) -> None:
        payload: Json = {
            **({"action": action} if action else {}),
            **body,
            "repository": repository_json(self._state, repo),
            "sender": user_json(self._state, sender),
        }
        if app := self._state.app:
            payload["installation"] = {"id": app.installation_id, "node_id": f"MDIz{app.installation_id}"}
            if not app.events or event in app.events:
                self._deliveries.send(app, event, payload)
        self._state.lock.notify_all()
        for listener in self.listeners:
            listener(Announcement(event, action, repo, sender, payload))


def _named(repo: Repository) -> Json:
    """Return a repository as the deliveries on installations name it."""
    return {
        "id": repo.id,
        "node_id": f"R_{repo.id}",
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }
