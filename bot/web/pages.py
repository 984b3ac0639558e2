"""`GET /`: the recent runs whose repositories the visitor may read."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint

from bot.config import Settings
from bot.errors import TransientError
from bot.runs import Runs
from bot.values.progress import Progress, Stage
from bot.web.page import render, secure
from bot.web.visitors import Visitors, readable, signed_in

_SHOWN = 50
_LOOKED_AT = 500
"""Of so many runs, the newest that may be read are shown."""
_ENDED = frozenset({Stage.DONE, Stage.FAILED, Stage.STOPPED, Stage.WAITING})
_REFRESH_SECONDS = {True: 3, False: 30}


def pages(settings: Settings, runs: Runs, visitors: Visitors | None) -> Blueprint:
    """Return the pages, which are for reading only.

    Args:
        visitors: None where nobody can sign in; then the page is open at this machine alone.
    """
    blueprint = Blueprint("pages", __name__)
    blueprint.add_app_template_filter(_date_and_time, "date_and_time")
    blueprint.add_app_template_filter(_web_address, "web_address")

    @blueprint.get("/")
    def index() -> str | tuple[str, int]:
        may_read = readable(visitors)
        if may_read is None:
            return render("web/door.html", sign_in=visitors is not None), 401 if visitors else 403
        try:
            recent = [progress for progress in runs.recent(_LOOKED_AT) if may_read(progress.repo)][:_SHOWN]
        except TransientError as error:
            return render("web/door.html", fault=str(error), sign_in=True), 503
        busy = any(_at_work(progress) for progress in recent)
        return render(
            "web/runs.html",
            runs=recent,
            at_work=_at_work,
            site=settings.github_site,
            label=settings.label,
            refresh=_REFRESH_SECONDS[busy],
            person=signed_in(),
        )

    blueprint.after_app_request(secure)
    return blueprint


def _at_work(progress: Progress) -> bool:
    return progress.stage not in _ENDED


def _date_and_time(seconds: float) -> str:
    """Show seconds since the epoch as a date and time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _web_address(url: str) -> str:
    """Return `url` if it is safe as a link, otherwise "": "javascript:..." would be none."""
    return url if url.startswith(("http://", "https://")) else ""
