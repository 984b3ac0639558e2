"""Pages about the hub itself, which GitHub does not have: requests, deliveries, avatars, and who one is."""

from __future__ import annotations

import html

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from bot.hub.parts import current_parts
from bot.hub.payloads import stamp
from bot.hub.request_log import counted
from bot.hub.web.page import PEOPLE

BLUEPRINT = Blueprint("about", __name__, url_prefix="/_hub")
_HUES = (0, 25, 140, 170, 200, 220, 260, 290, 320)


@BLUEPRINT.get("/requests")
def requests() -> Response:
    wanted = request.args.get("actor")
    entries = [item for item in list(current_parts().requests) if wanted in (None, item.actor)]
    return jsonify(
        counts={actor: counted(entries, actor) for actor in sorted({item.actor for item in entries})},
        requests=[{**vars(item), "at": stamp(item.at)} for item in entries],
    )


@BLUEPRINT.get("/deliveries")
def deliveries() -> Response:
    return jsonify(
        [
            {
                "guid": item.guid,
                "event": item.event,
                "action": item.payload.get("action"),
                "status": item.status,
                "error": item.error,
            }
            for item in list(current_parts().deliveries.all)
        ]
    )


@BLUEPRINT.get("/avatars/<login>")
def avatar(login: str) -> Response:
    hue = _HUES[sum(login.encode()) % len(_HUES)]
    letter = html.escape(login[:1].upper())
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" '
        f'fill="hsl({hue} 55% 45%)"/><text x="20" y="27" font-family="sans-serif" font-size="20" fill="#fff" '
        f'text-anchor="middle">{letter}</text></svg>'
    )
    return Response(drawing, mimetype="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


@BLUEPRINT.post("/as")
def act_as() -> AnyResponse:
    login, back = request.form.get("login", ""), request.form.get("back", "/")
    if login not in PEOPLE or not back.startswith("/") or back.startswith("//"):
        raise BadRequest
    answer = redirect(back, 303)
    answer.set_cookie("as", login, httponly=True, samesite="Strict")
    return answer
