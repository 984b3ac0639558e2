"""`GET /`: the recent runs. `GET /healthz`: whether the database answers."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime

from flask import Blueprint, Response, g, render_template

from bot.config import Settings
from bot.runs import Runs
from bot.values.progress import Progress, Stage

log = logging.getLogger(__name__)

_SHOWN = 50
_ENDED = frozenset({Stage.DONE, Stage.FAILED, Stage.STOPPED, Stage.WAITING})
_REFRESH_SECONDS = {True: 3, False: 30}


def pages(settings: Settings, runs: Runs) -> Blueprint:
    """Return the pages, which are for reading only."""
    blueprint = Blueprint("pages", __name__)
    blueprint.add_app_template_filter(_date_and_time, "date_and_time")
    blueprint.add_app_template_filter(_web_address, "web_address")

    @blueprint.get("/")
    def index() -> str:
        recent = runs.recent(_SHOWN)
        g.nonce = secrets.token_urlsafe(16)
        busy = any(_at_work(progress) for progress in recent)
        return render_template(
            "web/runs.html",
            runs=recent,
            at_work=_at_work,
            site=settings.github_site,
            label=settings.label,
            refresh=_REFRESH_SECONDS[busy],
            nonce=g.nonce,
        )

    @blueprint.get("/healthz")
    def healthz() -> tuple[dict[str, str], int]:
        try:
            runs.healthy()
        except Exception:
            log.exception("the database does not answer")
            return {"status": "the database does not answer"}, 503
        return {"status": "ok"}, 200

    @blueprint.after_app_request
    def secure(response: Response) -> Response:
        style = f"'nonce-{g.nonce}'" if "nonce" in g else "'none'"
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src {style}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint


def _at_work(progress: Progress) -> bool:
    return progress.stage not in _ENDED


def _date_and_time(seconds: float) -> str:
    """Show seconds since the epoch as a date and time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _web_address(url: str) -> str:
    """Return `url` if it is safe as a link, otherwise "": "javascript:..." would be none."""
    return url if url.startswith(("http://", "https://")) else ""
