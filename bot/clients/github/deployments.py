"""Deployments and their statuses."""

from __future__ import annotations

from github.Deployment import Deployment
from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls
from bot.foreign import one_line
from bot.values.github import DeploymentStatus

_DESCRIPTION_LIMIT = 140
"""Characters GitHub takes in the description of a deployment status."""

_DEPLOYMENTS = """
query Deployments($owner: String!, $name: String!, $environments: [String!]) {
  repository(owner: $owner, name: $name) {
    databaseId
    deployments(environments: $environments, first: 50, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { commitOid latestStatus { state environmentUrl description } }
    }
  }
}
"""


class Deployments(Calls):
    """Verbs on deployments."""

    def deployment(self, environment: str, sha: str) -> DeploymentStatus | None:
        """Return the status of a commit's newest deployment, or None where there is no deployment.

        A deployment that has no status yet counts as "pending".
        """
        answer = self._query(f"read the deployment to `{environment}`", _DEPLOYMENTS, environments=[environment])
        for deployment in answer["deployments"]["nodes"]:
            if deployment["commitOid"] == sha:
                status = deployment["latestStatus"] or {"state": "PENDING"}
                return DeploymentStatus(
                    state=status["state"].lower(),
                    url=status.get("environmentUrl") or "",
                    description=status.get("description") or "",
                )
        return None

    def set_deployment(self, environment: str, sha: str, status: DeploymentStatus) -> None:
        """Give a commit's deployment a status; a deployment is created where there is none.

        A status that the deployment has already is not set again. A description over 140 characters is cut.
        """
        description = str(one_line(status.description))
        if len(description) > _DESCRIPTION_LIMIT:
            description = description[: _DESCRIPTION_LIMIT - 1] + "…"
        wanted = status.model_copy(update={"description": description})

        def look(remote: Remote) -> tuple[int, DeploymentStatus] | None:
            newest = _newest_deployment(remote, environment, sha)
            return (newest.id, _deployment_status(newest)) if newest else None

        number, present = self._read(f"read the deployment to `{environment}`", look) or (None, None)
        if present == wanted:
            return
        if number is None:
            number = self._write(
                f"create the deployment to `{environment}`",
                lambda remote: (
                    remote.create_deployment(sha, auto_merge=False, required_contexts=[], environment=environment).id
                ),
            )
        deployment = number
        self._write(
            f"set the status of the deployment to `{environment}`",
            lambda remote: remote.get_deployment(deployment).create_status(
                wanted.state, environment_url=wanted.url, description=wanted.description
            ),
        )


def _newest_deployment(remote: Remote, environment: str, sha: str) -> Deployment | None:
    deployments = remote.get_deployments(sha=sha, environment=environment).get_page(0)
    return max(deployments, key=lambda deployment: deployment.id) if deployments else None


def _deployment_status(deployment: Deployment) -> DeploymentStatus:
    statuses = deployment.get_statuses().get_page(0)
    if not statuses:
        return DeploymentStatus(state="pending")
    newest = max(statuses, key=lambda status: status.id)
    return DeploymentStatus(state=newest.state, url=newest.environment_url or "", description=newest.description or "")
