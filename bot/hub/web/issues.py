"""The hub's web pages: what a person needs of a repository's front page, issues and pull requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from bot.hub.access import ApiError, Caller
from bot.hub.git.diff import FileDiff
from bot.hub.parts import Parts
from bot.hub.state.store import Issue, Repository, Run
from bot.hub.web import issue_forms

FORMS = ".github/ISSUE_TEMPLATE"
PEOPLE = ("octo", "visitor")
"""Who one can be on the pages: the repository's owner, and somebody who may only read and comment."""


class Pages:
    """What all pages share: the repository in the address, and who is looking."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def blueprint(self, name: str) -> Blueprint:
        """Return a blueprint whose views hold the state's lock."""
        blueprint = Blueprint(name, __name__)

        @blueprint.before_request
        def acquire() -> None:
            g.locked = self.parts.state.lock.acquire()

        @blueprint.teardown_request
        def release(_: BaseException | None) -> None:
            if g.pop("locked", False):
                self.parts.state.lock.release()

        return blueprint

    def viewer(self) -> Caller:
        login = request.cookies.get("as", PEOPLE[0])
        return Caller(self.parts.state.user(login if login in PEOPLE else PEOPLE[0]))

    def repository(self, owner: str, name: str) -> Repository:
        repo = self.parts.state.repository(f"{owner}/{name}")
        if repo is None:
            raise NotFound
        return repo

    def issue(self, repo: Repository, number: int) -> Issue:
        if number not in repo.issues:
            raise NotFound
        return repo.issues[number]

    def render(self, template: str, repo: Repository | None = None, **values: Any) -> str:
        viewer = self.viewer()
        may_write = repo is not None and viewer.may(repo, "", "write")
        return render_template(
            template,
            repo=repo,
            viewer=viewer.user,
            people=PEOPLE,
            may_write=may_write,
            web=self.parts.payloads,
            **values,
        )

    def runs_of(self, repo: Repository, sha: str) -> list[Run]:
        return [run for run in repo.runs if run.occasion.head_sha == sha]

    def forms(self, repo: Repository) -> list[issue_forms.Form]:
        """Return the issue forms of the default branch; broken ones are left out, as on GitHub."""
        found = []
        for entry in repo.git.entries(repo.default_branch, FORMS) or []:
            if entry.path.endswith((".yml", ".yaml")) and not entry.path.endswith("/config.yml"):
                try:
                    found.append(issue_forms.parse((repo.git.show(repo.default_branch, entry.path) or b"").decode()))
                except ValueError:
                    continue
        return found


def page_routes(parts: Parts) -> Blueprint:
    """The front page, issues and pull requests."""
    pages = Pages(parts)
    blueprint = pages.blueprint("pages")

    @blueprint.get("/")
    def front() -> AnyResponse | str:
        repositories = list(parts.state.repositories.values())
        if len(repositories) == 1:
            return redirect(f"/{repositories[0].full_name}")
        return pages.render("repositories.html", repositories=repositories)

    @blueprint.get("/<owner>/<name>")
    @blueprint.get("/<owner>/<name>/tree/<path:path>")
    def repository(owner: str, name: str, path: str = "") -> str:
        repo = pages.repository(owner, name)
        # Branch names have slashes too; only the default branch and shas are linked to.
        ref, _, folder = path.partition("/") if path else (repo.default_branch, "", "")
        entries = repo.git.entries(ref, folder)
        if entries is None:
            raise NotFound
        prefix = f"{folder}/" if folder else ""
        readme = repo.git.show(ref, f"{prefix}README.md")
        return pages.render(
            "repository.html",
            repo,
            ref=ref,
            folder=folder,
            entries=sorted(entries, key=lambda entry: (entry.kind, entry.path)),
            head=repo.git.log(ref, 1)[0],
            readme=readme.decode(errors="replace") if readme else None,
            deployments=[item for item in repo.deployments if item.statuses][::-1][:5],
        )

    @blueprint.get("/<owner>/<name>/blob/<ref>/<path:path>")
    def blob(owner: str, name: str, ref: str, path: str) -> str:
        repo = pages.repository(owner, name)
        content = repo.git.show(ref, path) if repo.git.resolve(ref) else None
        if content is None:
            raise NotFound
        text = None if b"\0" in content else content.decode(errors="replace")
        return pages.render("file.html", repo, ref=ref, path=path, text=text, size=len(content))

    @blueprint.get("/<owner>/<name>/commit/<sha>")
    def commit(owner: str, name: str, sha: str) -> str:
        repo = pages.repository(owner, name)
        full = repo.git.resolve(sha)
        if full is None:
            raise NotFound
        found = repo.git.log(full, 1)[0]
        diff = repo.git.diff(found.parents[0], full) if found.parents else []
        return pages.render("commit.html", repo, commit=found, diff=diff, runs=pages.runs_of(repo, full))

    @blueprint.get("/<owner>/<name>/issues")
    def issues(owner: str, name: str) -> str:
        repo = pages.repository(owner, name)
        found = [issue for issue in repo.issues.values() if not issue.pull][::-1]
        return pages.render("issues.html", repo, issues=found, heading="Issues")

    @blueprint.get("/<owner>/<name>/pulls")
    def pulls(owner: str, name: str) -> str:
        repo = pages.repository(owner, name)
        found = [issue for issue, _ in repo.pulls()][::-1]
        return pages.render("issues.html", repo, issues=found, heading="Pull requests")

    @blueprint.route("/<owner>/<name>/issues/new", methods=["GET", "POST"])
    def new_issue(owner: str, name: str) -> AnyResponse | str:
        repo = pages.repository(owner, name)
        forms = pages.forms(repo)
        form = forms[0] if forms else None
        values = request.form.to_dict()
        fault = ""
        if request.method == "POST":
            missing = form.missing(values) if form else []
            title = values.get("title", "").strip()
            if missing or not title:
                fault = f"Please fill in: {', '.join([*missing, *([] if title else ['title'])])}."
            else:
                body = form.body(values) if form else values.get("body", "")
                issue = parts.issues.open(repo, pages.viewer(), title, body, form.labels if form else ())
                return redirect(f"/{repo.full_name}/issues/{issue.number}", 303)
        return pages.render("new_issue.html", repo, form=form, values=values, fault=fault)

    @blueprint.get("/<owner>/<name>/issues/<int:number>")
    @blueprint.get("/<owner>/<name>/pull/<int:number>")
    def issue(owner: str, name: str, number: int) -> AnyResponse | str:
        repo = pages.repository(owner, name)
        found = pages.issue(repo, number)
        kind = "pull" if found.pull else "issues"
        if request.path.rsplit("/", 2)[1] != kind:
            return redirect(f"/{repo.full_name}/{kind}/{number}")
        more: dict[str, Any] = {}
        if pull := found.pull:
            more = {
                "diff": parts.pulls.diff(repo, pull),
                "commits": repo.git.log(f"{pull.base_sha}..{pull.head_sha}", 250)[::-1],
                "runs": {run.occasion.head_sha: run for run in repo.runs if run.occasion.pull == number},
            }
        return pages.render("issue.html", repo, issue=found, pull=found.pull, **more)

    @blueprint.get("/<owner>/<name>/pull/<int:number>.diff")
    def plain_diff(owner: str, name: str, number: int) -> Response:
        repo = pages.repository(owner, name)
        pull = pages.issue(repo, number).pull
        if pull is None:
            raise NotFound
        return Response(_patch(parts.pulls.diff(repo, pull)), mimetype="text/plain")

    @_post(blueprint, pages, "comment")
    def comment(repo: Repository, found: Issue, by: Caller) -> None:
        parts.issues.comment(repo, found, by, request.form.get("body", "").replace("\r\n", "\n"))

    @_post(blueprint, pages, "edit")
    def edit(repo: Repository, found: Issue, by: Caller) -> None:
        if by.user != found.author:
            _must_write(repo, by)
        title, body = (request.form.get(name, "").replace("\r\n", "\n") for name in ("title", "body"))
        parts.issues.edit(repo, found, by, title, body)

    @_post(blueprint, pages, "label")
    def label(repo: Repository, found: Issue, by: Caller) -> None:
        _must_write(repo, by)
        if name := request.form.get("name", "").strip():
            parts.issues.add_labels(repo, found, by, [name])

    @_post(blueprint, pages, "state")
    def state(repo: Repository, found: Issue, by: Caller) -> None:
        _must_write(repo, by)
        wanted = request.form.get("state", "")
        if found.pull:
            parts.pulls.set_state(repo, found, found.pull, by, wanted)
        else:
            parts.issues.set_state(repo, found, by, wanted, request.form.get("reason"))

    return blueprint


Act = Callable[[Repository, Issue, Caller], None]


def _post(blueprint: Blueprint, pages: Pages, verb: str) -> Callable[[Act], Act]:
    """Declare something a person does on an issue's page."""

    def declare(act: Act) -> Act:
        def answer(owner: str, name: str, number: int) -> AnyResponse:
            repo = pages.repository(owner, name)
            found = pages.issue(repo, number)
            try:
                act(repo, found, pages.viewer())
            except ApiError as error:
                raise BadRequest(error.message) from error
            return redirect(f"/{repo.full_name}/issues/{number}", 303)

        blueprint.add_url_rule(f"/<owner>/<name>/issues/<int:number>/{verb}", verb, answer, methods=["POST"])
        return act

    return declare


def _must_write(repo: Repository, by: Caller) -> None:
    if not by.may(repo, "", "write"):
        raise BadRequest(f"{by.user.login} may only read and comment here.")


def _patch(diff: list[FileDiff]) -> str:
    parts = []
    for file in diff:
        old = "/dev/null" if file.status == "added" else f"a/{file.previous or file.path}"
        new = "/dev/null" if file.status == "removed" else f"b/{file.path}"
        parts.append(f"diff --git a/{file.previous or file.path} b/{file.path}\n")
        parts.append(f"--- {old}\n+++ {new}\n{file.patch}\n" if file.patch else f"{file.unshown}\n")
    return "".join(parts)
