"""Pages on workflow runs: their list, and one with its jobs, steps and logs."""

from __future__ import annotations

import html
import re
from collections import deque
from pathlib import Path

from markupsafe import Markup

from bot.hub.actions import find_run
from bot.hub.web.page import Pages, Visit

PAGES = Pages("workflow_run_pages")
LOG_LINES = 2_000
"""Lines of a job's log that its page shows, the newest ones."""
_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@PAGES.page("/actions")
def list_runs(visit: Visit) -> str:
    return visit.render("runs.html", runs=visit.repo.workflow_runs[::-1])


@PAGES.page("/actions/runs/<int:number>")
@PAGES.page("/actions/runs/<int:number>/attempts/<int:attempt_number>")
@PAGES.page("/actions/runs/<int:number>/job/<int:job_id>")
def run(visit: Visit, number: int, job_id: int | None = None, attempt_number: int | None = None) -> str:
    run = find_run(visit.repo, number)
    shown = (attempt for attempt in run.attempts if attempt.number == attempt_number or job_id in attempt.jobs)
    attempt = next(shown, run.latest)
    jobs = [(key, job, log_html(job.log)) for key, job in attempt.jobs.items() if job_id in (None, key)]
    return visit.render("run.html", run=run, attempt=attempt, jobs=jobs)


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
