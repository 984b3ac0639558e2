"""Deployments and their statuses as JSON."""

from __future__ import annotations

from bot.hub.payloads.accounts import user_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.state import Deployment, DeploymentStatus, Repository, State


def deployment_json(state: State, repo: Repository, deployment: Deployment) -> Json:
    url = f"{state.api_url(repo)}/deployments/{deployment.id}"
    return {
        "id": deployment.id,
        "node_id": f"DE_{deployment.id}",
        "url": url,
        "sha": deployment.sha,
        "ref": deployment.ref,
        "task": "deploy",
        "payload": {},
        "original_environment": deployment.environment,
        "environment": deployment.environment,
        "description": deployment.description,
        "creator": user_json(state, deployment.creator),
        "created_at": stamp(deployment.created_at),
        "updated_at": stamp(deployment.statuses[-1].created_at if deployment.statuses else deployment.created_at),
        "statuses_url": f"{url}/statuses",
        "repository_url": state.api_url(repo),
        "transient_environment": False,
        "production_environment": True,
    }


def deployment_status_json(state: State, repo: Repository, deployment: Deployment, status: DeploymentStatus) -> Json:
    url = f"{state.api_url(repo)}/deployments/{deployment.id}"
    return {
        "id": status.id,
        "node_id": f"DES_{status.id}",
        "url": f"{url}/statuses/{status.id}",
        "state": status.state,
        "description": status.description,
        "environment": deployment.environment,
        "environment_url": status.environment_url,
        "target_url": status.log_url,
        "log_url": status.log_url,
        "creator": user_json(state, status.creator),
        "created_at": stamp(status.created_at),
        "updated_at": stamp(status.created_at),
        "deployment_url": url,
        "repository_url": state.api_url(repo),
    }
