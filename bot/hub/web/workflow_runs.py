"""The hub's web pages on workflow runs, and the pages about the hub itself."""

from __future__ import annotations

import html
import re
from collections import deque
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, jsonify, redirect, request
from markupsafe import Markup
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from bot.hub.access import ApiError
from bot.hub.api.workflow_runs import find_run
from bot.hub.parts import Parts
from bot.hub.payloads.issues import stamp
from bot.hub.request_log import counted
from bot.hub.state.store import now
from bot.hub.web.issues import PEOPLE, Pages

LOG_LINES = 2_000
"""Lines of a job's log that its page shows, the newest ones."""
_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_HUES = (0, 25, 140, 170, 200, 220, 260, 290, 320)


def run_routes(parts: Parts) -> Blueprint:
    """Lists of runs, and one run with its jobs, steps and logs."""
    pages = Pages(parts)
    blueprint = pages.blueprint("runs")

    @blueprint.get("/<owner>/<name>/actions")
    def runs(owner: str, name: str) -> str:
        repo = pages.repository(owner, name)
        return pages.render("runs.html", repo, runs=repo.runs[::-1])

    @blueprint.get("/<owner>/<name>/actions/runs/<int:number>")
    @blueprint.get("/<owner>/<name>/actions/runs/<int:number>/job/<int:job>")
    def run(owner: str, name: str, number: int, job: int | None = None) -> str:
        repo = pages.repository(owner, name)
        try:
            found = find_run(repo, number)
        except ApiError as error:
            raise NotFound from error
        attempt = next((each for each in found.attempts if job in each.jobs), found.latest)
        jobs = attempt.jobs.items()
        shown = [(number, each, log_html(each.log)) for number, each in jobs if job in (None, number)]
        return pages.render("run.html", repo, run=found, attempt=attempt, jobs=shown)

    return blueprint


def hub_routes(parts: Parts) -> Blueprint:
    """What is not GitHub's: the request log, deliveries, avatars, and who one is on the pages."""
    blueprint = Blueprint("hub", __name__, url_prefix="/_hub")

    @blueprint.get("/requests")
    def requests() -> Response:
        wanted = request.args.get("actor")
        logged = [item for item in list(parts.requests) if wanted in (None, item.actor)]
        return jsonify(
            counts={actor: counted(logged, actor) for actor in sorted({item.actor for item in logged})},
            requests=[{**vars(item), "at": stamp(item.at)} for item in logged],
        )

    @blueprint.get("/deliveries")
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
                for item in list(parts.deliveries.all)
            ]
        )

    @blueprint.get("/avatars/<login>")
    def avatar(login: str) -> Response:
        hue = _HUES[sum(login.encode()) % len(_HUES)]
        letter = html.escape(login[:1].upper())
        drawing = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" '
            f'fill="hsl({hue} 55% 45%)"/><text x="20" y="27" font-family="sans-serif" font-size="20" fill="#fff" '
            f'text-anchor="middle">{letter}</text></svg>'
        )
        return Response(drawing, mimetype="image/svg+xml", headers={"Cache-Control": "max-age=3600"})

    @blueprint.post("/as")
    def act_as() -> AnyResponse:
        login, back = request.form.get("login", ""), request.form.get("back", "/")
        if login not in PEOPLE or not back.startswith("/") or back.startswith("//"):
            raise BadRequest
        answer = redirect(back, 303)
        answer.set_cookie("as", login, httponly=True, samesite="Strict")
        return answer

    return blueprint


def log_html(path: Path) -> Markup:
    """Return the end of a job's log as lines of HTML, without times, its groups and errors marked."""
    if not path.is_file():
        return Markup()
    with path.open(encoding="utf-8", errors="replace") as lines:
        newest = deque(lines, maxlen=LOG_LINES)
    out = []
    for line in newest:
        text = _COLOURS.sub("", _STAMP.sub("", line.rstrip("\n")))
        mark = re.match(r"##\[(group|error|warning|endgroup)\]", text)
        if mark and mark[1] == "endgroup":
            continue
        out.append(
            f'<span class="{mark[1] if mark else "line"}">{html.escape(text[mark.end() if mark else 0 :])}</span>'
        )
    return Markup("\n".join(out))  # noqa: S704 (every line was escaped above)


def ago(time: datetime | None) -> str:
    """Say how long ago a time was."""
    if time is None:
        return ""
    seconds = max(0, int((now() - time).total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now" if seconds < 10 else f"{seconds} seconds ago"


def took(begin: datetime | None, end: datetime | None) -> str:
    """Say how long something took, or has been taking."""
    if begin is None:
        return ""
    seconds = max(0, int(((end or now().astimezone(begin.tzinfo)) - begin).total_seconds()))
    return f"{seconds // 60}m {seconds % 60}s" if seconds >= 60 else f"{seconds}s"
