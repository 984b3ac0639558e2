"""The pages for whoever runs the bot: `GET /`, all runs, and `GET /runs/...`, one of them.

A visitor sees what they may read on GitHub, and of the others only how much is waiting.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask import Blueprint, abort, request

from bot.config import Settings
from bot.errors import TransientError
from bot.runs import Runs
from bot.values.figures import turns_of
from bot.values.progress import Progress, Stage
from bot.web.board import costs, matching
from bot.web.chart import WIDTH, rows
from bot.web.live import Pulse
from bot.web.page import render
from bot.web.visitors import MayRead, Visitors, readable, signed_in

_SHOWN = 50
_LOOKED_AT = 500
"""Of so many runs, the newest, those are shown that the visitor may read."""
_ENDED = frozenset({Stage.DONE, Stage.FAILED, Stage.STOPPED, Stage.WAITING})

Page = str | tuple[str, int]


def pages(settings: Settings, runs: Runs, visitors: Visitors | None, pulse: Pulse) -> Blueprint:
    """Return the pages, which are for reading only.

    Args:
        visitors: None where nobody can sign in; then the pages are open at this machine alone.
        pulse: tells when they show something new.
    """
    blueprint = Blueprint("pages", __name__)
    blueprint.add_app_template_filter(_date_and_time, "date_and_time")
    blueprint.add_app_template_filter(_address, "run_address")

    def shown(template: str, **values: Any) -> str:
        values |= {"name": cache(runs.name), "at_work": _at_work, "site": settings.github_site, "now": time.time()}
        return render(template, live=True, revision=pulse.revision(), person=signed_in(), **values)

    @blueprint.get("/")
    def index() -> Page:
        may_read = readable(visitors)
        if may_read is None:
            return _door(visitors)
        words = request.args.get("q", "")[:200]
        try:
            return shown("web/runs.html", label=settings.label, words=words, **_board(runs, may_read, words))
        except TransientError as error:
            return render("web/door.html", fault=str(error), sign_in=True), 503

    @blueprint.get("/runs/<owner>/<repo>/<own>")
    def run(owner: str, repo: str, own: str) -> Page:
        may_read = readable(visitors)
        if may_read is None:
            return _door(visitors)
        try:
            progress = runs.progress(f"{owner}/{repo}#{own}") if may_read(f"{owner}/{repo}") else None
            if progress is None:
                abort(404)
            return shown("web/run.html", run=progress, chart=rows(progress, time.time()), width=WIDTH)
        except TransientError as error:
            return render("web/door.html", fault=str(error), sign_in=True), 503

    return blueprint


def _door(visitors: Visitors | None) -> tuple[str, int]:
    return render("web/door.html", sign_in=visitors is not None), 401 if visitors else 403


def _board(runs: Runs, may_read: MayRead, words: str) -> dict[str, Any]:
    """Return what the page of all runs shows to somebody, of those that hold some words."""
    reports, name = runs.reports, cache(runs.name)
    may_read = cache(may_read)
    known = [run for run in reports.figures()[:_LOOKED_AT] if may_read(run.repo)]
    owners = {name(run.repo).partition("/")[0] for run in known}
    found = matching(known, words, name)
    return {
        "queue": reports.queue(),
        "limits": [limit for limit in reports.rate_limits() if limit.account in owners],
        "turns": turns_of(known, lambda key: name(key).partition("/")[0]),
        "waiting": [run for run in known if run.waits_for],
        "working": sum(run.stage not in _ENDED for run in known),
        "costs": costs(known),
        "runs": found[:_SHOWN],
        "more": len(found) - _SHOWN,
    }


def _at_work(stage: Stage) -> bool:
    return stage not in _ENDED


def _address(run: Progress) -> str:
    """Return the path of a run's own page."""
    repo, _, own = run.run_id.partition("#")
    return f"/runs/{repo}/{own}"


def _date_and_time(seconds: float) -> str:
    """Show seconds since the epoch as a date and time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
