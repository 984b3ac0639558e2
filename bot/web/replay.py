"""`gptdeploy receive`: a delivery once more, as GitHub would send it."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid

import httpx

from bot.config import Settings
from bot.errors import UserError
from bot.runs import Runs
from bot.web.deliveries import parse
from bot.web.own_address import webhook_address
from bot.web.router import route

_SECONDS = 30.0


def send(settings: Settings, name: str, body: bytes) -> str:
    """Send a delivery, signed, to the web process of this machine; return what it says.

    Raises:
        UserError: it does not run, something else answers in its place, or it refuses the delivery.
    """
    url = webhook_address(settings.bind)
    secret = settings.github_webhook_secret.get_secret_value().encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": name,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=_SECONDS, trust_env=False)
    except httpx.TransportError as error:
        raise UserError(f"Nothing answers at {url}: start `gptdeploy serve`, or give `--directly`.") from error
    try:
        outcome = str(answer.json()["outcome"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"Something else than the bot answers at {url}: see what `GPTDEPLOY_BIND` says.") from error
    if not answer.is_success:
        raise UserError(f"The bot has refused it with {answer.status_code}: {outcome}.")
    return outcome


def take(settings: Settings, runs: Runs, name: str, body: bytes) -> str:
    """Store what a delivery asks for without the web process; return what is said of it.

    Raises:
        UserError: it is no JSON object.
    """
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise UserError("A delivery is a JSON object.")
    event = parse(name, str(uuid.uuid4()), payload)
    if event is None:
        return "ignored"
    return route(event, runs, settings.label, settings.bots, settings.github_app_id)
