"""Pages on issues and pull requests, and what a person does there."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Response as FlaskResponse
from flask import redirect, request
from werkzeug.wrappers import Response

from bot.hub.git import FileDiff
from bot.hub.issues import find_issue
from bot.hub.payloads import COMMITS_IN_PULL
from bot.hub.places import changes
from bot.hub.pulls import find_pull
from bot.hub.state import Issue, Repository, WorkflowRun
from bot.hub.web import issue_forms
from bot.hub.web.page import Pages, Visit
from bot.hub.web.pulls import shown_pull

PAGES = Pages("issue_pages")
_FORMS = ".github/ISSUE_TEMPLATE"


@PAGES.page("/issues")
def list_issues(visit: Visit) -> str:
    issues = [issue for issue in visit.repo.issues.values() if not issue.pull][::-1]
    return visit.render("issues.html", issues=issues, heading="Issues")


@PAGES.page("/pulls")
def list_pulls(visit: Visit) -> str:
    return visit.render("issues.html", issues=visit.repo.pulls()[::-1], heading="Pull requests")


@PAGES.page("/issues/new", "GET", "POST")
def new_issue(visit: Visit) -> Response | str:
    form = next(iter(_forms(visit.repo)), None)
    values = request.form.to_dict()
    fault = ""
    if request.method == "POST":
        missing = form.missing(values) if form else []
        title = values.get("title", "").strip()
        if missing or not title:
            fault = f"Please fill in: {', '.join([*missing, *([] if title else ['title'])])}."
        else:
            body = form.body(values) if form else values.get("body", "")
            labels = visit.parts.issues.existing(visit.repo, form.labels) if form else ()
            issue = visit.parts.issues.open(visit.repo, visit.viewer, title, body, labels)
            return _to(visit, issue)
    return visit.render("new_issue.html", form=form, values=values, fault=fault)


@PAGES.page("/issues/<int:number>")
@PAGES.page("/pull/<int:number>")
def issue(visit: Visit, number: int) -> Response | str:
    repo, issue = visit.repo, find_issue(visit.repo, number)
    kind = "pull" if issue.pull else "issues"
    if request.path.rsplit("/", 2)[1] != kind:
        return redirect(f"/{repo.full_name}/{kind}/{number}")
    more: dict[str, Any] = {"timeline": [("comment", comment, []) for comment in issue.comments]}
    if pull := issue.pull:
        more = {
            **shown_pull(visit, pull),
            "diff": changes(repo, pull),
            "commits": repo.git.log(f"{pull.base_sha}..{pull.head_sha}", COMMITS_IN_PULL)[::-1],
            "runs": _newest_runs(repo, number),
        }
    may_change = visit.viewer.may_change(repo, issue)
    return visit.render("issue.html", issue=issue, pull=issue.pull, may_change=may_change, **more)


def _newest_runs(repo: Repository, number: int) -> dict[str, list[WorkflowRun]]:
    """Return by commit the newest run of each workflow for a pull request, in the order of the first ones."""
    runs: defaultdict[str, dict[str, WorkflowRun]] = defaultdict(dict)
    for run in repo.workflow_runs:
        if run.trigger.pull == number:
            runs[run.trigger.head_sha][run.path] = run
    return {sha: list(newest.values()) for sha, newest in runs.items()}


@PAGES.page("/pull/<int:number>.diff")
def diff(visit: Visit, number: int) -> Response:
    return FlaskResponse(_patch(changes(visit.repo, find_pull(visit.repo, number))), mimetype="text/plain")


@PAGES.page("/issues/<int:number>/comment", "POST")
def comment(visit: Visit, number: int) -> Response:
    issue = find_issue(visit.repo, number)
    visit.parts.issues.comment(visit.repo, issue, visit.viewer, _field("body"))
    return _to(visit, issue)


@PAGES.page("/issues/<int:number>/edit", "POST")
def edit(visit: Visit, number: int) -> Response:
    issue = find_issue(visit.repo, number)
    _must_change(visit, issue)
    visit.parts.issues.edit(visit.repo, issue, visit.viewer, _field("title"), _field("body"))
    return _to(visit, issue)


@PAGES.page("/issues/<int:number>/label", "POST")
def label(visit: Visit, number: int) -> Response:
    issue = find_issue(visit.repo, number)
    visit.must_write()
    if name := _field("name").strip():
        visit.parts.issues.add_labels(visit.repo, issue, visit.viewer, [name])
    return _to(visit, issue)


@PAGES.page("/issues/<int:number>/state", "POST")
def state(visit: Visit, number: int) -> Response:
    issue = find_issue(visit.repo, number)
    _must_change(visit, issue)
    if issue.pull:
        visit.parts.pulls.set_state(visit.repo, issue.pull, visit.viewer, _field("state"))
    else:
        visit.parts.issues.set_state(visit.repo, issue, visit.viewer, _field("state"), request.form.get("reason"))
    return _to(visit, issue)


def _must_change(visit: Visit, issue: Issue) -> None:
    if not visit.viewer.may_change(visit.repo, issue):
        visit.must_write()


def _field(name: str) -> str:
    """Return what was filled in; browsers send "\\r\\n" as line ends."""
    return request.form.get(name, "").replace("\r\n", "\n")


def _to(visit: Visit, issue: Issue) -> Response:
    return redirect(f"/{visit.repo.full_name}/issues/{issue.number}", 303)


def _forms(repo: Repository) -> list[issue_forms.Form]:
    """Return the issue forms of the default branch; broken ones are left out, as on GitHub."""
    forms = []
    for entry in repo.git.entries(repo.default_branch, _FORMS) or []:
        if entry.path.endswith((".yml", ".yaml")) and not entry.path.endswith("/config.yml"):
            try:
                forms.append(issue_forms.parse((repo.git.show(repo.default_branch, entry.path) or b"").decode()))
            except ValueError:
                continue
    return forms


def _patch(diff: list[FileDiff]) -> str:
    parts = []
    for file in diff:
        old = "/dev/null" if file.status == "added" else f"a/{file.previous or file.path}"
        new = "/dev/null" if file.status == "removed" else f"b/{file.path}"
        parts.append(f"diff --git a/{file.previous or file.path} b/{file.path}\n")
        parts.append(f"--- {old}\n+++ {new}\n{file.patch}\n" if file.patch else f"{file.unshown}\n")
    return "".join(parts)
