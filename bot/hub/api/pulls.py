"""REST: pull requests, and the pull requests of a commit."""

from __future__ import annotations

from flask import Response, request

from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.git import Commit
from bot.hub.payloads import COMMITS_IN_PULL, commit_json, file_json, pull_json
from bot.hub.places import changes, diff_of
from bot.hub.pulls import Branches, find_pull
from bot.hub.state import Pull

ENDPOINTS = Endpoints("pulls")


@ENDPOINTS.route("GET", "/pulls", "pull_requests:read")
def list_pulls(call: Call) -> Answer:
    state, head = request.args.get("state", "open"), request.args.get("head", "")
    base = request.args.get("base", "")
    pulls = [
        pull
        for pull in reversed(call.repo.pulls())
        if state in ("all", pull.state)
        # GitHub ignores a head without its owner.
        and (":" not in head or head == f"{call.repo.owner.login}:{pull.head_ref}")
        and base in ("", pull.base_ref)
    ]
    return call.page(pulls, lambda pull: pull_json(call.state, call.repo, pull))


@ENDPOINTS.route("POST", "/pulls", "pull_requests:write", "write")
def create_pull(call: Call) -> Answer:
    branches = Branches(call.text("head"), call.text("base"))
    pull = call.parts.pulls.open(call.repo, call.by, call.text("title"), call.text("body"), branches)
    return 201, pull_json(call.state, call.repo, pull)


@ENDPOINTS.route("GET", "/pulls/<int:number>", "pull_requests:read")
def get_pull(call: Call, number: int) -> Answer:
    if "diff" in request.headers.get("Accept", ""):
        return Response(diff_of(call.repo, find_pull(call.repo, number)), mimetype="application/vnd.github.v3.diff")
    return pull_json(call.state, call.repo, find_pull(call.repo, number))


@ENDPOINTS.route("PATCH", "/pulls/<int:number>", "pull_requests:write")
def edit_pull(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    call.must_change(pull)
    call.parts.issues.edit(call.repo, pull, call.by, call.text("title", pull.title), call.text("body", pull.body))
    call.parts.pulls.set_state(call.repo, pull, call.by, call.text("state", pull.state))
    return pull_json(call.state, call.repo, pull)


@ENDPOINTS.route("GET", "/pulls/<int:number>/files", "pull_requests:read")
def list_files(call: Call, number: int) -> Answer:
    pull = find_pull(call.repo, number)
    return call.page(changes(call.repo, pull), lambda file: file_json(call.state, call.repo, file, pull.head_sha))


@ENDPOINTS.route("GET", "/pulls/<int:number>/commits", "pull_requests:read")
def list_commits(call: Call, number: int) -> Answer:
    commits = _commits(call, find_pull(call.repo, number))[::-1]
    return call.page(commits, lambda commit: commit_json(call.state, call.repo, commit))


@ENDPOINTS.route("GET", "/commits/<sha>/pulls", "pull_requests:read")
def list_pulls_of_commit(call: Call, sha: str) -> Answer:
    pulls = [
        pull
        for pull in call.repo.pulls()
        if sha in {commit.sha for commit in _commits(call, pull)} or (pull.merged_at and sha == pull.merge_sha)
    ]
    return call.page(pulls, lambda pull: pull_json(call.state, call.repo, pull))


def _commits(call: Call, pull: Pull) -> list[Commit]:
    """Return a pull request's commits, newest first."""
    return call.repo.git.log(f"{pull.base_sha}..{pull.head_sha}", COMMITS_IN_PULL)
