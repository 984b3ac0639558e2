"""`POST /webhook`: check size, signature and shape, in this order; store what has to be done; answer 202."""

from __future__ import annotations

import hashlib
import json
import logging
import time

from flask import Blueprint, request
from werkzeug.exceptions import ClientDisconnected

from bot.config import Settings
from bot.errors import TransientError
from bot.runs import Runs
from bot.web.arrival import LIMIT
from bot.web.deliveries import parse, verify
from bot.web.router import route

log = logging.getLogger(__name__)

Answer = tuple[dict[str, str], int, dict[str, str]]

_RETRY_AFTER = {"Retry-After": "30"}
"""Seconds. GitHub itself sends nothing again; the bot asks for what failed when it catches up."""


def webhook(settings: Settings, runs: Runs) -> Blueprint:
    """Return the endpoint that GitHub delivers to."""
    blueprint = Blueprint("webhook", __name__)
    secret = settings.github_webhook_secret.get_secret_value()

    @blueprint.post("/webhook")
    def receive() -> Answer:
        began = time.monotonic()
        outcome, status = _receive(secret, runs, settings)
        log.log(
            logging.INFO if status < 500 else logging.ERROR,
            "%s",
            outcome,
            extra={
                "status": status,
                "event": request.headers.get("X-GitHub-Event", ""),
                "delivery": request.headers.get("X-GitHub-Delivery", ""),
                "milliseconds": round((time.monotonic() - began) * 1000, 1),
            },
        )
        return {"outcome": outcome}, status, _RETRY_AFTER if status == 503 else {}

    return blueprint


def _receive(secret: str, runs: Runs, settings: Settings) -> tuple[str, int]:
    # A body that announces its length is judged by that, without reading. One that does not is read to one byte over
    # the limit, because Werkzeug cuts such a body at its maximum and does not say so.
    request.max_content_length = LIMIT + 1
    try:
        too_large = (request.content_length or 0) > LIMIT
        body = b"" if too_large else request.get_data(cache=False)
    except (ClientDisconnected, OSError):
        # gunicorn raises OSError on a broken chunk and on a connection that ends too early.
        return "refused: the body did not arrive whole", 400
    if too_large or len(body) > LIMIT:
        return f"refused: larger than {LIMIT} bytes", 413
    if not verify(secret, body, request.headers.get("X-Hub-Signature-256")):
        return "refused: the signature in X-Hub-Signature-256 is missing or wrong", 401

    name = request.headers.get("X-GitHub-Event")
    if not name:
        return "refused: X-GitHub-Event is missing", 400
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return "refused: not JSON; set the webhook's content type to application/json", 400
    if not isinstance(payload, dict):
        return "refused: not a JSON object", 400

    # GitHub always names a delivery. From other senders, two deliveries with the same content are one delivery.
    delivery = request.headers.get("X-GitHub-Delivery") or hashlib.sha256(body).hexdigest()
    event = parse(name, delivery, payload)
    if event is None:
        return "ignored", 202
    try:
        return route(event, runs, settings.label, settings.bots, settings.github_app_id), 202
    except TransientError as error:
        log.warning("delivery %s (%s) was not stored: %s", delivery, name, error)
        return "failed: the database cannot be written now; deliver it again later", 503
    except Exception:
        # GitHub must show the delivery as failed, whatever the reason: only then can it be sent again.
        log.exception("delivery %s (%s) could not be stored", delivery, name)
        return "failed: could not be stored; deliver it again later", 503
