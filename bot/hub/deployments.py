"""Deployments, which only record what somebody else deployed."""

from __future__ import annotations

from bot.hub.access import ApiError, invalid
from bot.hub.state import Deployment, DeploymentStatus, Repository, State

_STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
_DESCRIPTION_LIMIT = 140
"""Characters GitHub takes in the description of a status."""


class Deployments:
    """Verbs on deployments. Called with the state's lock held."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, repo: Repository, deployment: Deployment, *, checked: bool) -> None:
        """Record a deployment; with `checked` only if all workflow runs for its commit are green."""
        runs = [run for run in repo.workflow_runs if run.trigger.head_sha == deployment.sha]
        if checked and any(run.latest.conclusion != "success" for run in runs):
            raise ApiError(409, f"Conflict: Commit status checks failed for {deployment.ref}.")
        repo.deployments.append(deployment)
        self._state.lock.notify_all()

    def add_status(self, deployment: Deployment, status: DeploymentStatus) -> None:
        if status.state not in _STATES:
            raise invalid("DeploymentStatus", "state", "invalid")
        if len(status.description) > _DESCRIPTION_LIMIT:
            message = f"description is too long (maximum is {_DESCRIPTION_LIMIT})"
            raise invalid("DeploymentStatus", "description", "custom", message)
        deployment.statuses.append(status)
        self._state.lock.notify_all()


def find_deployment(repo: Repository, number: int) -> Deployment:
    """Return a deployment, or refuse with a 404."""
    for deployment in repo.deployments:
        if deployment.id == number:
            return deployment
    raise ApiError(404, "Not Found")
