"""REST: a repository, its files, branches and commits, and who may do what there."""

from __future__ import annotations

from flask import request

from bot.hub.access import ApiError, invalid
from bot.hub.api.app import find_user
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.git import Commit, GitError
from bot.hub.payloads import (
    blob_json,
    commit_json,
    entry_json,
    file_json,
    git_commit_json,
    merging_json,
    ref_json,
    repository_json,
    user_json,
)
from bot.hub.state import ROLES

ENDPOINTS = Endpoints("repositories")
_COMPARED = 1_000
"""Commits that are counted on either side of a comparison."""


@ENDPOINTS.route("GET", "", "metadata:read")
def get_repository(call: Call) -> Answer:
    answer = {**repository_json(call.state, call.repo), "permissions": _permissions(call)}
    # https://docs.github.com/en/rest/repos/repos#get-a-repository: the settings for merges need `contents:write`.
    return answer | merging_json(call.repo) if call.by.may(call.repo, "contents:write", "write") else answer


@ENDPOINTS.route("PATCH", "", "administration:write", "admin")
def edit_repository(call: Call) -> Answer:
    merging, named = call.repo.merging, {"merge": "merge_commit", "squash": "squash_merge", "rebase": "rebase_merge"}
    methods = [name for name, key in named.items() if call.body.get(f"allow_{key}", name in merging.methods)]
    if not methods:
        raise invalid("Repository", "merge_commit", "custom", "Sorry, you need to allow at least one merge strategy.")
    merging.methods = tuple(methods)
    merging.auto_merge = bool(call.body.get("allow_auto_merge", merging.auto_merge))
    merging.delete_branch = bool(call.body.get("delete_branch_on_merge", merging.delete_branch))
    call.state.lock.notify_all()
    return {**repository_json(call.state, call.repo), "permissions": _permissions(call)} | merging_json(call.repo)


@ENDPOINTS.route("GET", "/collaborators/<login>/permission", "metadata:read")
def get_permission(call: Call, login: str) -> Answer:
    user = find_user(call.state, login)
    role = call.repo.role(user)
    # The older word knows four levels: https://docs.github.com/en/rest/collaborators/collaborators
    permission = {"maintain": "write", "triage": "read"}.get(role, role)
    return {"permission": permission, "role_name": role, "user": {**user_json(call.state, user), "role_name": role}}


def _permissions(call: Call) -> dict[str, bool]:
    """Return what the caller may do, as repositories show it."""
    level = ROLES.index(call.repo.role(call.by.user))
    needed = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage"}
    return {**{name: level >= ROLES.index(role) for name, role in needed.items()}, "pull": True}


@ENDPOINTS.route("GET", "/contents/", "contents:read")
@ENDPOINTS.route("GET", "/contents/<path:path>", "contents:read")
def get_contents(call: Call, path: str = "") -> Answer:
    git, state, repo = call.repo.git, call.state, call.repo
    ref = request.args.get("ref") or repo.default_branch
    sha = git.resolve(ref)
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {ref}")
    path = path.strip("/")
    folder = git.entries(sha, path)
    if folder is not None:
        return [entry_json(state, repo, ref, entry) for entry in folder]
    for entry in git.entries(sha, path.rpartition("/")[0]) or []:
        if entry.path == path:
            return entry_json(state, repo, ref, entry, git.show(sha, path))
    raise ApiError(404, "Not Found")


@ENDPOINTS.route("GET", "/git/ref/heads/<path:branch>", "contents:read")
def get_ref(call: Call, branch: str) -> Answer:
    sha = call.repo.git.head(branch)
    if sha is None:
        raise ApiError(404, "Not Found")
    return ref_json(call.state, call.repo, f"refs/heads/{branch}", sha)


@ENDPOINTS.route("GET", "/git/matching-refs/heads/<path:prefix>", "contents:read")
def list_matching_refs(call: Call, prefix: str) -> Answer:
    branches = sorted(call.repo.git.branches(prefix).items())
    return [ref_json(call.state, call.repo, f"refs/heads/{name}", sha) for name, sha in branches]


@ENDPOINTS.route("POST", "/git/refs", "contents:write", "write")
def create_ref(call: Call) -> Answer:
    name, sha = call.text("ref"), call.text("sha")
    if not name.startswith("refs/heads/"):
        raise ApiError(422, f"Reference name '{name}' must start with 'refs/heads/'.")
    call.parts.pulls.create_branch(call.repo, call.by, name.removeprefix("refs/heads/"), sha)
    return 201, ref_json(call.state, call.repo, name, sha)


@ENDPOINTS.route("DELETE", "/git/refs/heads/<path:branch>", "contents:write", "write")
def delete_ref(call: Call, branch: str) -> Answer:
    call.parts.pulls.delete_branch(call.repo, call.by, branch)
    return None


@ENDPOINTS.route("GET", "/git/commits/<sha>", "contents:read")
def get_git_commit(call: Call, sha: str) -> Answer:
    return git_commit_json(call.state, call.repo, _find_commit(call, sha))


@ENDPOINTS.route("GET", "/git/blobs/<sha>", "contents:read")
def get_blob(call: Call, sha: str) -> Answer:
    try:
        return blob_json(call.state, call.repo, sha)
    except GitError as error:
        raise ApiError(404, "Not Found") from error


@ENDPOINTS.route("GET", "/commits/<path:ref>", "contents:read")
def get_commit(call: Call, ref: str) -> Answer:
    commit = _find_commit(call, ref)
    files = call.repo.git.diff(commit.parents[0], commit.sha) if commit.parents else []
    return {
        **commit_json(call.state, call.repo, commit),
        "stats": {
            "additions": sum(file.additions for file in files),
            "deletions": sum(file.deletions for file in files),
            "total": sum(file.additions + file.deletions for file in files),
        },
        "files": [file_json(call.state, call.repo, file, commit.sha) for file in files],
    }


@ENDPOINTS.route("GET", "/compare/<path:spec>", "contents:read")
def compare(call: Call, spec: str) -> Answer:
    git = call.repo.git
    ends = [git.resolve(ref) for ref in spec.split("...", 1)]
    if len(ends) != 2 or None in ends:
        raise ApiError(404, "Not Found")
    base, head = (str(sha) for sha in ends)
    ahead, behind = git.log(f"{base}..{head}", _COMPARED), git.log(f"{head}..{base}", _COMPARED)
    state, repo, url = call.state, call.repo, f"{call.state.api_url(call.repo)}/compare/{spec}"
    html = f"{call.state.html_url(repo)}/compare/{spec}"
    fork = git.log(git.merge_base(base, head), 1)[0]
    return {
        "url": url,
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": commit_json(state, repo, _find_commit(call, base)),
        "merge_base_commit": commit_json(state, repo, fork),
        "status": "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical",
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": call.page(ahead[::-1], lambda commit: commit_json(state, repo, commit)),
        "files": [file_json(state, repo, file, head) for file in git.diff(base, head, since_fork=True)],
    }


def _find_commit(call: Call, ref: str) -> Commit:
    sha = call.repo.git.resolve(ref)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {ref}")
    return call.repo.git.log(sha, 1)[0]
