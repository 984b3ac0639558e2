"""The page of a check run, and its annotations for the lines of a diff."""

from __future__ import annotations

from collections import defaultdict

from flask import redirect
from werkzeug.wrappers import Response

from bot.hub.checks import find_check_run
from bot.hub.git import FileDiff, read_patch
from bot.hub.judgement import check_runs
from bot.hub.state import Annotation, CheckRun, Repository
from bot.hub.web.page import Pages, Visit

PAGES = Pages("check_pages")
Annotations = dict[tuple[str, int], list[tuple[CheckRun, Annotation]]]
"""By path and line."""


@PAGES.page("/runs/<int:number>")
def check_run(visit: Visit, number: int) -> str:
    run = find_check_run(visit.repo, number)
    pull = next((pull for pull in visit.repo.pulls()[::-1] if pull.head_sha == run.head_sha), None)
    return visit.render("check_run.html", run=run, pull=pull, listed=[(run, each) for each in run.annotations])


@PAGES.page("/runs/<int:number>/rerequest", "POST")
def rerequest(visit: Visit, number: int) -> Response:
    visit.must_write()
    visit.parts.checks.rerequest(visit.repo, visit.viewer.user, find_check_run(visit.repo, number))
    return redirect(f"/{visit.repo.full_name}/runs/{number}", 303)


def annotations_by_line(repo: Repository, sha: str) -> Annotations:
    """Return the annotations of a commit's newest check runs by path and last line, below which they are shown."""
    found = defaultdict(list)
    for run in check_runs(repo, sha):
        for annotation in run.annotations:
            found[annotation.path, annotation.end_line].append((run, annotation))
    return dict(found)


def elsewhere(annotations: Annotations, diff: list[FileDiff]) -> list[tuple[CheckRun, Annotation]]:
    """Return the annotations of lines that a diff does not show."""
    shown = {(file.path, line.new) for file in diff for line in read_patch(file.patch)}
    return [each for place, found in annotations.items() if place not in shown for each in found]
