"""REST: pull requests, deployments and the pull requests of a commit."""

from __future__ import annotations

from flask import Blueprint, request

from bot.hub.access import ApiError
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.issues import check_body, invalid
from bot.hub.parts import Parts
from bot.hub.payloads.issues import Json
from bot.hub.state.store import Deployment, DeploymentStatus, Issue, Pull, Repository

_STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


def pull_endpoints(parts: Parts) -> Blueprint:
    """Endpoints about pull requests."""
    endpoints = Endpoints(parts, "pulls")
    route = endpoints.route

    def as_json(call: Call, found: tuple[Issue, Pull]) -> Json:
        return parts.pulls.payload(call.repo, *found)

    @route("GET", "/pulls", "pull_requests:read", "read")
    def list_pulls(call: Call) -> Answer:
        state, head = request.args.get("state", "open"), request.args.get("head", "")
        base = request.args.get("base", "")
        found = [
            (issue, pull)
            for issue, pull in reversed(call.repo.pulls())
            if state in ("all", issue.state)
            # GitHub ignores a head without its owner.
            and (":" not in head or head == f"{call.repo.owner.login}:{pull.head_ref}")
            and base in ("", pull.base_ref)
        ]
        return call.page(found, lambda item: as_json(call, item))

    @route("POST", "/pulls", "pull_requests:write", "write")
    def create(call: Call) -> Answer:
        texts = [call.text(name) for name in ("title", "body", "head", "base")]
        issue = parts.pulls.open(call.repo, call.by, *texts)
        return 201, as_json(call, find_pull(call.repo, issue.number))

    @route("GET", "/pulls/<int:number>", "pull_requests:read", "read")
    def get(call: Call, number: int) -> Answer:
        return as_json(call, find_pull(call.repo, number))

    @route("PATCH", "/pulls/<int:number>", "pull_requests:write", "write")
    def edit(call: Call, number: int) -> Answer:
        issue, pull = find_pull(call.repo, number)
        check_body("PullRequest", call.text("body"))
        issue.title = call.text("title", issue.title)
        issue.body = call.text("body", issue.body)
        parts.pulls.set_state(call.repo, issue, pull, call.by, call.text("state", issue.state))
        return as_json(call, (issue, pull))

    @route("GET", "/pulls/<int:number>/files", "pull_requests:read", "read")
    def files(call: Call, number: int) -> Answer:
        _, pull = find_pull(call.repo, number)
        diff = parts.pulls.diff(call.repo, pull)
        return call.page(diff, lambda file: parts.git_payloads.file(call.repo, file, pull.head_sha))

    @route("GET", "/pulls/<int:number>/commits", "pull_requests:read", "read")
    def commits(call: Call, number: int) -> Answer:
        _, pull = find_pull(call.repo, number)
        found = call.repo.git.log(f"{pull.base_sha}..{pull.head_sha}", 250)[::-1]
        return call.page(found, lambda commit: parts.git_payloads.commit(call.repo, commit))

    # GitHub asks for contents: what a merge changes is the base branch.
    @route("PUT", "/pulls/<int:number>/merge", "contents:write", "write")
    def merge(call: Call, number: int) -> Answer:
        if call.text("merge_method", "squash") != "squash":
            raise ApiError(405, "Only squash merges are allowed on this repository.")
        issue, pull = find_pull(call.repo, number)
        title, message = call.text("commit_title"), call.text("commit_message")
        sha = parts.pulls.merge(call.repo, issue, pull, call.by, call.text("sha") or None, title, message)
        return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}

    @route("GET", "/commits/<sha>/pulls", "pull_requests:read", "read")
    def of_commit(call: Call, sha: str) -> Answer:
        found = []
        for issue, pull in call.repo.pulls():
            own = {commit.sha for commit in call.repo.git.log(f"{pull.base_sha}..{pull.head_sha}", 250)}
            if sha in own or (pull.merged_at and sha == pull.merge_sha):
                found.append((issue, pull))
        return call.page(found, lambda item: as_json(call, item))

    return endpoints.blueprint


def deployment_endpoints(parts: Parts) -> Blueprint:
    """Endpoints about deployments, which only record what somebody else deployed."""
    endpoints = Endpoints(parts, "deployments")
    route = endpoints.route

    @route("GET", "/deployments", "deployments:read", "read")
    def list_deployments(call: Call) -> Answer:
        wanted = {name: request.args.get(name) for name in ("sha", "ref", "environment")}
        found = [
            deployment
            for deployment in reversed(call.repo.deployments)
            if all(value in (None, "none", getattr(deployment, name)) for name, value in wanted.items())
        ]
        return call.page(found, lambda deployment: parts.run_payloads.deployment(call.repo, deployment))

    @route("POST", "/deployments", "deployments:write", "write")
    def create(call: Call) -> Answer:
        ref = call.text("ref")
        sha = call.repo.git.resolve(ref) if ref else None
        if sha is None:
            raise ApiError(422, f"No ref found for: {ref}")
        # Without `required_contexts: []` every check of the commit has to be green, the running one among them.
        unfinished = [
            run for run in call.repo.runs if run.occasion.head_sha == sha and run.latest.conclusion != "success"
        ]
        if call.body.get("required_contexts") is None and unfinished:
            raise ApiError(409, f"Conflict: Commit status checks failed for {ref}.")
        environment = call.text("environment", "production")
        deployment = Deployment(parts.state.new_id(), sha, ref, environment, call.text("description"), call.by.user)
        call.repo.deployments.append(deployment)
        parts.state.lock.notify_all()
        return 201, parts.run_payloads.deployment(call.repo, deployment)

    @route("GET", "/deployments/<int:number>", "deployments:read", "read")
    def get(call: Call, number: int) -> Answer:
        return parts.run_payloads.deployment(call.repo, _deployment(call.repo, number))

    @route("GET", "/deployments/<int:number>/statuses", "deployments:read", "read")
    def statuses(call: Call, number: int) -> Answer:
        deployment = _deployment(call.repo, number)
        newest_first = deployment.statuses[::-1]
        return call.page(
            newest_first, lambda status: parts.run_payloads.deployment_status(call.repo, deployment, status)
        )

    @route("POST", "/deployments/<int:number>/statuses", "deployments:write", "write")
    def create_status(call: Call, number: int) -> Answer:
        deployment = _deployment(call.repo, number)
        if call.text("state") not in _STATES:
            raise invalid("DeploymentStatus", "state", "invalid")
        if len(call.text("description")) > 140:
            raise invalid("DeploymentStatus", "description", "custom", "description is too long (maximum is 140)")
        status = DeploymentStatus(
            id=parts.state.new_id(),
            state=call.text("state"),
            creator=call.by.user,
            environment_url=call.text("environment_url"),
            log_url=call.text("log_url") or call.text("target_url"),
            description=call.text("description"),
        )
        deployment.statuses.append(status)
        parts.state.lock.notify_all()
        return 201, parts.run_payloads.deployment_status(call.repo, deployment, status)

    return endpoints.blueprint


def find_pull(repo: Repository, number: int) -> tuple[Issue, Pull]:
    issue = repo.issues.get(number)
    if issue is None or issue.pull is None:
        raise ApiError(404, "Not Found")
    return issue, issue.pull


def _deployment(repo: Repository, number: int) -> Deployment:
    for deployment in repo.deployments:
        if deployment.id == number:
            return deployment
    raise ApiError(404, "Not Found")
