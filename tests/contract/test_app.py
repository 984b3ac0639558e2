"""The App's key and tokens, and what they are good for, as GitHub describes them."""

from __future__ import annotations

import time

import jwt
import pytest
from githubkit.exception import PrimaryRateLimitExceeded

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused


def test_app_finds_itself_and_its_installation(world: World) -> None:
    github = world.as_app()

    app = github.rest.apps.get_authenticated().parsed_data
    installation = github.rest.apps.get_repo_installation(OWNER, NAME).parsed_data

    assert app is not None
    assert (app.id, app.slug) == (world.app.app_id, "gptdeploy")
    assert installation.id == world.app.installation_id
    assert installation.app_slug == "gptdeploy"


def test_app_with_another_key_is_refused(world: World) -> None:
    stranger = world.as_app()  # with the key of the first registration
    world.hub.install_app("http://127.0.0.1:9/", "another secret")

    assert refused(stranger.rest.apps.get_authenticated) == (401, "A JSON web token could not be decoded")


def test_json_web_token_may_live_ten_minutes(world: World) -> None:
    token = jwt.encode(
        {"iat": 1_700_000_000, "exp": 4_000_000_000, "iss": str(world.app.app_id)},
        world.app.private_key_pem,
        algorithm="RS256",
    )

    headers = {"Authorization": f"Bearer {token}"}
    status, message = refused(lambda: world.as_nobody().request("GET", "/app", headers=headers))

    assert (status, "too far in the future" in message) == (401, True)


def test_installation_token_is_good_for_its_repository_and_permissions_alone(world: World) -> None:
    world.hub.create_repository("octo/other", {"README.md": "other\n"})
    minted = (
        world.as_app()
        .rest.apps.create_installation_access_token(
            world.app.installation_id, data={"repositories": ["other"], "permissions": {"issues": "read"}}
        )
        .parsed_data
    )
    github = world.with_token(minted.token)

    assert minted.permissions is not None
    assert minted.permissions.issues == "read"
    assert github.rest.repos.get("octo", "other").parsed_data.full_name == "octo/other"
    assert refused(lambda: github.rest.repos.get(OWNER, NAME)) == (404, "Not Found")
    assert refused(lambda: github.rest.issues.create("octo", "other", data={"title": "x"})) == (
        403,
        "Resource not accessible by integration",
    )


def test_installation_token_cannot_be_minted_for_more_than_the_app_has(world: World) -> None:
    apps = world.as_app().rest.apps

    status, message = refused(
        lambda: apps.create_installation_access_token(
            world.app.installation_id, data={"permissions": {"administration": "write"}}
        )
    )
    unknown, _ = refused(
        lambda: apps.create_installation_access_token(world.app.installation_id, data={"repositories": ["nowhere"]})
    )

    assert (status, message) == (422, "The permissions requested are not granted to this installation.")
    assert unknown == 422


def test_bad_and_missing_credentials(world: World) -> None:
    assert refused(lambda: world.with_token("ghp_nobody").rest.repos.get(OWNER, NAME)) == (401, "Bad credentials")
    comment = world.as_person("visitor").rest.issues.create_comment
    assert refused(lambda: comment(OWNER, NAME, 99, data={"body": "hi"})) == (404, "Not Found")


def test_workflow_token_is_good_for_its_repository_alone(world: World) -> None:
    other = world.hub.create_repository("octo/other", {"README.md": "other\n"})
    token = world.hub.parts.access.workflow_token(other, {"issues": "write"})
    github = world.with_token(token)
    world.hub.open_issue("octo/other", "An idea", "text", [])

    comment = github.rest.issues.create_comment("octo", "other", 1, data={"body": "done"}).parsed_data
    assert comment.user is not None
    assert comment.user.login == "github-actions[bot]"
    assert refused(lambda: github.rest.issues.get(OWNER, NAME, 1))[0] == 404
    assert refused(github.rest.users.get_authenticated) == (403, "Resource not accessible by integration")

    world.hub.parts.access.revoke(token)
    assert refused(lambda: github.rest.issues.get("octo", "other", 1)) == (401, "Bad credentials")


def test_malformed_bodies_are_refused(world: World) -> None:
    github = world.as_person("octo")
    path = f"/repos/{REPOSITORY}/issues"

    assert refused(lambda: github.request("POST", path, content=b"{")) == (400, "Problems parsing JSON")
    assert refused(lambda: github.request("POST", path, content=b"[]"))[0] == 400
    assert refused(lambda: github.request("POST", path, json={"title": 7}))[0] == 422
    assert refused(lambda: github.request("GET", f"/repos/{REPOSITORY}/nothing")) == (404, "Not Found")


def test_an_installation_whose_requests_are_used_up_is_refused_until_the_reset(world: World) -> None:
    github = world.as_bot()
    world.hub.parts.rate_limit.limit(OWNER, 1, 3)

    assert github.rest.repos.get(OWNER, NAME).headers["x-ratelimit-remaining"] == "0"
    # Another client takes it for what it is.
    with pytest.raises(PrimaryRateLimitExceeded) as caught:
        github.rest.repos.get(OWNER, NAME)
    assert caught.value.response.json()["message"] == "API rate limit exceeded for installation."
    # GraphQL has a limit of its own, and refuses with a 200.
    query = {"query": "query { viewer { login } }"}
    assert "data" in github.request("POST", f"{world.hub.url}/api/graphql", json=query).json()
    errors = github.request("POST", f"{world.hub.url}/api/graphql", json=query).json()["errors"]
    assert errors[0]["type"] == "RATE_LIMITED"
    # People have limits of their own.
    assert world.as_person("octo").rest.repos.get(OWNER, NAME).status_code == 200
    time.sleep(3.1)
    assert github.rest.repos.get(OWNER, NAME).status_code == 200
