"""REST: deployments and their statuses."""

from __future__ import annotations

from flask import request

from bot.hub.access import ApiError
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.deployments import find_deployment
from bot.hub.payloads import deployment_json, deployment_status_json
from bot.hub.state import Deployment, DeploymentStatus

ENDPOINTS = Endpoints("deployments")


@ENDPOINTS.route("GET", "/deployments", "deployments:read")
def list_deployments(call: Call) -> Answer:
    wanted = {name: request.args.get(name) for name in ("sha", "ref", "environment")}
    deployments = [
        deployment
        for deployment in reversed(call.repo.deployments)
        if all(value in (None, "none", getattr(deployment, name)) for name, value in wanted.items())
    ]
    return call.page(deployments, lambda deployment: deployment_json(call.state, call.repo, deployment))


@ENDPOINTS.route("POST", "/deployments", "deployments:write", "write")
def create_deployment(call: Call) -> Answer:
    ref = call.text("ref")
    sha = call.repo.git.resolve(ref) if ref else None
    if sha is None:
        raise ApiError(422, f"No ref found for: {ref}")
    deployment = Deployment(
        id=call.state.new_id(),
        sha=sha,
        ref=ref,
        environment=call.text("environment", "production"),
        description=call.text("description"),
        creator=call.by.user,
    )
    # Without `required_contexts: []` every check of the commit has to be green, the running one among them.
    call.parts.deployments.create(call.repo, deployment, checked=call.body.get("required_contexts") is None)
    return 201, deployment_json(call.state, call.repo, deployment)


@ENDPOINTS.route("GET", "/deployments/<int:number>", "deployments:read")
def get_deployment(call: Call, number: int) -> Answer:
    return deployment_json(call.state, call.repo, find_deployment(call.repo, number))


@ENDPOINTS.route("GET", "/deployments/<int:number>/statuses", "deployments:read")
def list_statuses(call: Call, number: int) -> Answer:
    deployment = find_deployment(call.repo, number)
    newest_first = deployment.statuses[::-1]
    return call.page(newest_first, lambda status: deployment_status_json(call.state, call.repo, deployment, status))


@ENDPOINTS.route("POST", "/deployments/<int:number>/statuses", "deployments:write", "write")
def create_status(call: Call, number: int) -> Answer:
    deployment = find_deployment(call.repo, number)
    status = DeploymentStatus(
        id=call.state.new_id(),
        state=call.text("state"),
        creator=call.by.user,
        environment_url=call.text("environment_url"),
        log_url=call.text("log_url") or call.text("target_url"),
        description=call.text("description"),
    )
    call.parts.deployments.add_status(deployment, status)
    return 201, deployment_status_json(call.state, call.repo, deployment, status)
