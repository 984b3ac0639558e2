"""Pages on repositories: the front page, folders, files and commits."""

from __future__ import annotations

from flask import redirect
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from bot.hub.parts import current_parts
from bot.hub.web.page import Pages, Visit, render, viewer

PAGES = Pages("repository_pages")


@PAGES.blueprint.get("/")
def front() -> Response | str:
    parts = current_parts()
    with parts.state.lock:
        repositories = list(parts.state.repositories.values())
        if len(repositories) == 1:
            return redirect(f"/{repositories[0].full_name}")
        return render("repositories.html", viewer(parts), repo=None, repositories=repositories)


@PAGES.page("")
@PAGES.page("/tree/<path:path>")
def folder(visit: Visit, path: str = "") -> str:
    repo = visit.repo
    # Branch names have slashes too; only the default branch and shas are linked to.
    ref, _, folder = path.partition("/") if path else (repo.default_branch, "", "")
    entries = repo.git.entries(ref, folder)
    if entries is None:
        raise NotFound
    readme = repo.git.show(ref, f"{folder}/README.md" if folder else "README.md")
    return visit.render(
        "repository.html",
        ref=ref,
        folder=folder,
        entries=sorted(entries, key=lambda entry: (entry.kind, entry.path)),
        head=repo.git.log(ref, 1)[0],
        readme=readme.decode(errors="replace") if readme else None,
        deployments=[deployment for deployment in repo.deployments if deployment.statuses][::-1][:5],
    )


@PAGES.page("/blob/<ref>/<path:path>")
def file(visit: Visit, ref: str, path: str) -> str:
    content = visit.repo.git.show(ref, path) if visit.repo.git.resolve(ref) else None
    if content is None:
        raise NotFound
    text = None if b"\0" in content else content.decode(errors="replace")
    return visit.render("file.html", ref=ref, path=path, text=text, size=len(content))


@PAGES.page("/commit/<sha>")
def commit(visit: Visit, sha: str) -> str:
    git = visit.repo.git
    full = git.resolve(sha)
    if full is None:
        raise NotFound
    commit = git.log(full, 1)[0]
    diff = git.diff(commit.parents[0], full) if commit.parents else []
    runs = [run for run in visit.repo.workflow_runs if run.trigger.head_sha == full]
    return visit.render("commit.html", commit=commit, diff=diff, runs=runs)
