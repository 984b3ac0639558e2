"""REST: what the App was told and what came of it, and where it is installed.

https://docs.github.com/en/rest/apps/webhooks
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from bot.hub.access import ApiError
from bot.hub.api.endpoints import identify, identify_app, respond
from bot.hub.parts import current_parts
from bot.hub.payloads import Json, installation_json, repository_json, stamp
from bot.hub.state import App
from bot.hub.webhooks import Delivery

BLUEPRINT = Blueprint("hook", __name__, url_prefix="/api/v3")


@BLUEPRINT.get("/app/hook/config")
def get_config() -> Response:
    app = identify_app(current_parts())
    return respond({"url": app.webhook_url, "content_type": "json", "insecure_ssl": "0", "secret": "********"})


@BLUEPRINT.get("/app/hook/deliveries")
def list_deliveries() -> Response:
    """Answer with the newest deliveries; header Link has the cursor of the ones before."""
    parts = current_parts()
    app = identify_app(parts)
    size = min(request.args.get("per_page", 30, type=int), 100)
    before = request.args.get("cursor", 0, type=int)
    found = [each for each in reversed(parts.deliveries.all) if not before or each.id < before]
    shown = found[:size]
    links = {}
    if len(shown) < len(found):
        links["Link"] = f'<{parts.state.web}{request.path}?per_page={size}&cursor={shown[-1].id}>; rel="next"'
    return respond([_delivery_json(app, delivery) for delivery in shown], links)


@BLUEPRINT.post("/app/hook/deliveries/<int:number>/attempts")
def redeliver(number: int) -> Response:
    parts = current_parts()
    if parts.deliveries.send_again(identify_app(parts), number) is None:
        raise ApiError(404, "Not Found")
    return respond((202, {}))


@BLUEPRINT.get("/app/installations")
def list_installations() -> Response:
    parts = current_parts()
    app = identify_app(parts)
    return respond([installation_json(parts.state, app)] if app.installed else [])


@BLUEPRINT.get("/installation/repositories")
def list_repositories() -> Response:
    parts = current_parts()
    caller = identify(parts)
    if caller is None or caller.app is None:
        raise ApiError(403, "You must authenticate with an installation access token in order to list repositories")
    with parts.state.lock:
        found = [repo for repo in parts.state.repositories.values() if caller.sees(repo)]
        size, number = min(request.args.get("per_page", 30, type=int), 100), request.args.get("page", 1, type=int)
        shown = found[(number - 1) * size : number * size]
        answer = [repository_json(parts.state, repo) for repo in shown]
    return respond({"total_count": len(found), "repositories": answer})


def _delivery_json(app: App, delivery: Delivery) -> Json:
    status = delivery.status
    words = "pending" if status is None and not delivery.error else "OK" if status and status < 300 else "failed"
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": stamp(delivery.at),
        "redelivery": delivery.again,
        "duration": 0.1,
        "status": words,
        "status_code": status or 0,
        "event": delivery.event,
        "action": delivery.payload.get("action"),
        "installation_id": app.installation_id,
        "repository_id": (delivery.payload.get("repository") or {}).get("id"),
    }
