"""Deployments and their statuses, as GitHub describes them: its OpenAPI models parse every answer."""

from __future__ import annotations

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused


def test_deployments_and_their_statuses(world: World) -> None:
    sha = world.hub.repository(REPOSITORY).git.head("main")
    assert sha is not None
    token = world.hub.parts.access.workflow_token(world.hub.repository(REPOSITORY), {"deployments": "write"})
    repos = world.with_token(token).rest.repos

    made = repos.create_deployment(
        OWNER, NAME, data={"ref": sha, "environment": "microservice-qr", "required_contexts": []}
    ).parsed_data
    for state in ("in_progress", "success"):
        repos.create_deployment_status(
            OWNER, NAME, made.id, data={"state": state, "environment_url": "http://qr.localhost:8080/"}
        )

    reader = world.as_bot().rest.repos
    found = reader.list_deployments(OWNER, NAME, environment="microservice-qr", sha=sha).parsed_data
    newest = reader.list_deployment_statuses(OWNER, NAME, found[0].id).parsed_data[0]
    assert [deployment.id for deployment in found] == [made.id]
    assert (newest.state, newest.environment_url) == ("success", "http://qr.localhost:8080/")
    assert newest.creator is not None
    assert newest.creator.login == "github-actions[bot]"
    assert reader.list_deployments(OWNER, NAME, environment="microservice-pdf").parsed_data == []
    # The App may read deployments only.
    assert refused(lambda: reader.create_deployment(OWNER, NAME, data={"ref": sha}))[0] == 403
