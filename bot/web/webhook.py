"""`POST /webhook`: check size, signature and shape, in this order; store what has to be done; answer 202.

It stands in front of Flask, which has nothing to do with it: most deliveries do not concern the bot, and Flask alone
takes as long as all that is done about one of them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request

from bot.config import Settings
from bot.errors import TransientError
from bot.logs import about
from bot.runs import Runs
from bot.web.arrival import LIMIT, Arrival
from bot.web.deliveries import concerns, parse
from bot.web.events import Delivered, Event
from bot.web.metrics import Deliveries
from bot.web.page import PLAIN
from bot.web.router import route
from bot.web.signature import verify

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

PATH = "/webhook"
_RETRY_AFTER = {"Retry-After": "30"}
"""Seconds. GitHub itself sends nothing again; the bot asks for what failed when it catches up."""
_AT_ONCE = 256 * 1024
"""Bytes of a body, the larger ones of which are left to the threads: a fifth of a millisecond to check."""
_HEADERS = (b"x-github-event", b"x-github-delivery", b"x-hub-signature-256")
_NO_JSON = "refused: not JSON; set the webhook's content type to application/json"


class Outcome(NamedTuple):
    """What came of a delivery, in a few words, the status of the answer, and the issue that it is about, or ""."""

    text: str
    status: int
    issue: str = ""


_IGNORED = Outcome("ignored", 202)


class Webhook:
    """The endpoint that GitHub delivers to, and behind it everything else.

    Args:
        behind: answers the other requests.
        counted: counts what is answered.
    """

    def __init__(self, behind: WSGIApplication, settings: Settings, runs: Runs, counted: Deliveries) -> None:
        self._behind = behind
        self._counted = counted
        self._settings = settings
        self._secret = settings.github_webhook_secret.get_secret_value()
        self._runs = runs

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._behind(environ, start_response)
        began = time.monotonic()
        request = Request(environ)
        name, delivery = (request.headers.get(f"X-GitHub-{header}", "") for header in ("Event", "Delivery"))
        with about(delivery=delivery):
            outcome = self._receive(request)
        self._tell(outcome, name, delivery, began)
        status, headers, body = _answer(outcome)
        start_response(status, headers)
        return [body]

    def at_once(self, arrival: Arrival) -> bytes | None:
        """Return the whole answer to a delivery of GitHub's that does not concern the bot; None to all else."""
        began = time.monotonic()
        if arrival.path != PATH.encode() or (posted := arrival.posted(_AT_ONCE)) is None:
            return None
        headers, body = posted
        name, delivery, signature = (headers.get(key, b"").decode("latin-1") for key in _HEADERS)
        if not _is_nothing(name, body) or not verify(self._secret, body, signature):
            return None
        self._tell(_IGNORED, name, delivery, began)
        connection = ("Connection", "keep-alive" if arrival.keeps else "close")
        return _as_bytes(_IGNORED, ("Date", formatdate(usegmt=True)), connection)

    def _tell(self, outcome: Outcome, name: str, delivery: str, began: float) -> None:
        """Count a delivery that is answered, and log it."""
        seconds = time.monotonic() - began
        self._counted.answered(name, outcome.status, seconds)
        log.log(
            logging.INFO if outcome.status < 500 else logging.ERROR,
            "%s",
            outcome.text,
            extra={
                "status": outcome.status,
                "event": name,
                "delivery": delivery,
                **({"issue": outcome.issue} if outcome.issue else {}),
                "milliseconds": round(seconds * 1000, 1),
            },
        )

    def _receive(self, request: Request) -> Outcome:
        # A body that announces its length is judged by that, without reading. One that does not is read to one byte
        # over the limit, because Werkzeug cuts such a body at its maximum and does not say so.
        request.max_content_length = LIMIT + 1
        try:
            too_large = (request.content_length or 0) > LIMIT
            body = b"" if too_large else request.get_data(cache=False)
        except (ClientDisconnected, OSError):
            # gunicorn raises OSError on a broken chunk and on a connection that ends too early.
            return Outcome("refused: the body did not arrive whole", 400)
        if too_large or len(body) > LIMIT:
            return Outcome(f"refused: larger than {LIMIT} bytes", 413)
        if not verify(self._secret, body, request.headers.get("X-Hub-Signature-256")):
            return Outcome("refused: the signature in X-Hub-Signature-256 is missing or wrong", 401)

        name = request.headers.get("X-GitHub-Event")
        if not name:
            return Outcome("refused: X-GitHub-Event is missing", 400)
        if _is_nothing(name, body):
            return _IGNORED
        # GitHub always names a delivery. From other senders, two deliveries with the same content are one delivery.
        delivery = request.headers.get("X-GitHub-Delivery") or hashlib.sha256(body).hexdigest()
        return self._take(name, delivery, body)

    def _take(self, name: str, delivery: str, body: bytes) -> Outcome:
        """Store what a delivery asks for that was verified and may concern the bot."""
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return Outcome(_NO_JSON, 400)
        if not isinstance(payload, dict):
            return Outcome("refused: not a JSON object", 400)
        event = parse(name, delivery, payload)
        if event is None:
            return _IGNORED
        settings, issue = self._settings, _issue(event)
        with about(issue=issue):
            try:
                done = route(event, self._runs, settings.label, settings.bots, settings.github_app_id)
            except TransientError as error:
                log.warning("delivery %s (%s) was not stored: %s", delivery, name, error)
                return Outcome("failed: the database cannot be written now; deliver it again later", 503, issue)
            except Exception:
                # GitHub must show the delivery as failed, whatever the reason: only then can it be sent again.
                log.exception("delivery %s (%s) could not be stored", delivery, name)
                return Outcome("failed: could not be stored; deliver it again later", 503, issue)
        return Outcome(done, 202, issue)


def _is_nothing(name: str, body: bytes) -> bool:
    """Return whether a delivery does not concern the bot, as far as that can be told without parsing it."""
    return bool(name) and not concerns(name, body) and body.lstrip().startswith(b"{")


def _answer(outcome: Outcome) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return the status, the headers and the body of an answer."""
    body = json.dumps({"outcome": outcome.text}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **PLAIN}
    if outcome.status == 503:
        headers |= _RETRY_AFTER
    return f"{outcome.status} {HTTPStatus(outcome.status).phrase}", list(headers.items()), body


def _as_bytes(outcome: Outcome, *more: tuple[str, str]) -> bytes:
    """Return an answer as HTTP, with more headers."""
    status, headers, body = _answer(outcome)
    lines = (f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in (*headers, *more)), "", "")
    return "\r\n".join(lines).encode("latin-1") + body


def _issue(event: Event) -> str:
    """Return the issue or pull request that an event is about, e.g. "octo/services#7", or ""."""
    numbers = (getattr(event, name, None) for name in ("issue", "number", "pull"))
    number = next((number for number in numbers if number is not None), None)
    return f"{event.repo}#{number}" if isinstance(event, Delivered) and number is not None else ""
