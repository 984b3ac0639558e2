"""REST as GitHub describes it: every answer is parsed by models generated from GitHub's OpenAPI description."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from githubkit.exception import RequestFailed

from tests.contract.conftest import REPOSITORY, World

OWNER, NAME = REPOSITORY.split("/")


def refused(call: Any) -> tuple[int, str]:
    """Return status and message of the error that `call` ends in."""
    with pytest.raises(RequestFailed) as caught:
        call()
    answer = caught.value.response
    assert answer.headers["X-GitHub-Request-Id"]
    return answer.status_code, answer.json()["message"]


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


def test_repository_and_roles(world: World) -> None:
    github = world.as_bot()

    assert github.rest.repos.get(OWNER, NAME).parsed_data.default_branch == "main"
    roles = {
        login: github.rest.repos.get_collaborator_permission_level(OWNER, NAME, login).parsed_data.permission
        for login in ("octo", "visitor")
    }
    assert roles == {"octo": "admin", "visitor": "read"}
    assert refused(lambda: github.rest.repos.get_collaborator_permission_level(OWNER, NAME, "nobody"))[0] == 404


def test_contents_of_files_and_folders(world: World) -> None:
    repos = world.as_bot().rest.repos

    file = repos.get_content(OWNER, NAME, "README.md").parsed_data
    folder = repos.get_content(OWNER, NAME, "services", ref="main").parsed_data

    assert base64.b64decode(file.content) == b"# Services\n"
    assert [(item.type, item.path) for item in folder] == [("dir", "services/one")]
    assert refused(lambda: repos.get_content(OWNER, NAME, "services/none")) == (404, "Not Found")
    assert refused(lambda: repos.get_content(OWNER, NAME, "README.md", ref="nope"))[0] == 404


def test_contents_of_any_bytes(world: World) -> None:
    binary, large = bytes(range(256)), b"x" * (1024 * 1024 + 1)
    world.hub.create_repository("octo/bytes", {"binary.png": binary, "large.txt": large})
    repos = world.as_bot().rest.repos

    file = repos.get_content("octo", "bytes", "binary.png").parsed_data
    too_large = repos.get_content("octo", "bytes", "large.txt").parsed_data

    assert base64.b64decode(file.content) == binary
    assert (too_large.encoding, too_large.content, too_large.size) == ("none", "", len(large))


def test_issue_is_opened_labelled_and_closed(world: World) -> None:
    issues = world.as_person("octo").rest.issues

    opened = issues.create(OWNER, NAME, data={"title": "An idea", "body": "text", "labels": ["idea"]}).parsed_data
    issues.add_labels(OWNER, NAME, opened.number, data={"labels": ["microservice"]})
    closed = issues.update(
        OWNER, NAME, opened.number, data={"state": "closed", "state_reason": "not_planned"}
    ).parsed_data

    labels = issues.list_labels_on_issue(OWNER, NAME, opened.number).parsed_data
    assert [label.name for label in labels] == ["idea", "microservice"]
    assert (closed.state, closed.state_reason, closed.closed_at is not None) == ("closed", "not_planned", True)
    assert refused(lambda: issues.create(OWNER, NAME, data={"title": " "}))[0] == 422


def test_labels_are_taken_off_one_by_one(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["one", "needs/an answer?"])
    issues = world.as_bot().rest.issues

    left = issues.remove_label(OWNER, NAME, 1, "needs%2Fan%20answer%3F").parsed_data

    assert [label.name for label in left] == ["one"]
    # Labels are not told apart by case.
    assert issues.remove_label(OWNER, NAME, 1, "ONE").parsed_data == []
    assert refused(lambda: issues.remove_label(OWNER, NAME, 1, "one")) == (404, "Label does not exist")
    assert refused(lambda: issues.remove_label(OWNER, NAME, 99, "one")) == (404, "Not Found")
    visitors = world.as_person("visitor").rest.issues
    assert refused(lambda: visitors.remove_label(OWNER, NAME, 1, "one"))[0] == 403


def test_visitor_may_open_and_comment_but_neither_label_nor_close(world: World) -> None:
    issues = world.as_person("visitor").rest.issues

    opened = issues.create(OWNER, NAME, data={"title": "Mine", "labels": ["microservice"]}).parsed_data
    comment = issues.create_comment(OWNER, NAME, opened.number, data={"body": "please"}).parsed_data

    assert opened.labels == []
    assert comment.user is not None
    assert comment.user.login == "visitor"
    assert refused(lambda: issues.update(OWNER, NAME, opened.number, data={"state": "closed"}))[0] == 403
    assert refused(lambda: issues.add_labels(OWNER, NAME, opened.number, data={"labels": ["x"]}))[0] == 403


def test_comments_are_created_edited_and_listed_by_page(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    issues = world.as_bot().rest.issues
    made = [issues.create_comment(OWNER, NAME, 1, data={"body": f"comment {n}"}).parsed_data for n in range(5)]
    edited = issues.update_comment(OWNER, NAME, made[0].id, data={"body": "edited"}).parsed_data

    first = issues.list_comments(OWNER, NAME, 1, per_page=2)
    second = issues.list_comments(OWNER, NAME, 1, per_page=2, page=2)

    assert edited.body == "edited"
    assert [comment.body for comment in first.parsed_data] == ["edited", "comment 1"]
    assert 'page=2>; rel="next"' in first.headers["Link"]
    assert 'page=3>; rel="last"' in first.headers["Link"]
    assert {'rel="prev"', 'rel="first"', 'rel="next"'} <= set(second.headers["Link"].replace(",", ";").split("; "))
    assert made[0].user is not None
    assert made[0].user.login == "gptdeploy[bot]"
    assert made[0].performed_via_github_app is not None
    assert refused(lambda: issues.create_comment(OWNER, NAME, 1, data={"body": "x" * 65_537}))[0] == 422
    visitors = world.as_person("visitor").rest.issues
    assert refused(lambda: visitors.update_comment(OWNER, NAME, made[0].id, data={"body": "no"}))[0] == 403


def test_comments_are_listed_since_they_were_changed(world: World) -> None:
    issue = world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    ids = [world.hub.comment(REPOSITORY, 1, f"comment {n}") for n in range(3)]
    for comment in issue.comments:
        comment.created_at = comment.updated_at = datetime(2026, 1, 1, tzinfo=UTC)
    issues = world.as_person("octo").rest.issues
    issues.update_comment(OWNER, NAME, ids[1], data={"body": "edited"})

    def listed(since: datetime) -> list[str]:
        return [comment.body for comment in issues.list_comments(OWNER, NAME, 1, since=since).parsed_data]

    assert listed(datetime(2026, 1, 1, tzinfo=UTC)) == ["comment 0", "edited", "comment 2"]
    assert listed(datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)) == ["edited"]
    path = f"/repos/{REPOSITORY}/issues/1/comments?since=yesterday"
    assert refused(lambda: world.as_bot().request("GET", path))[0] == 422


def test_reactions_are_kept_once_a_kind_and_user(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    comment = world.hub.comment(REPOSITORY, 1, "/retry")
    reactions = world.as_bot().rest.reactions

    statuses = [
        reactions.create_for_issue(OWNER, NAME, 1, data={"content": "eyes"}).status_code,
        reactions.create_for_issue(OWNER, NAME, 1, data={"content": "eyes"}).status_code,
        reactions.create_for_issue_comment(OWNER, NAME, comment, data={"content": "rocket"}).status_code,
    ]

    assert statuses == [201, 200, 201]
    assert [reaction.content for reaction in reactions.list_for_issue(OWNER, NAME, 1).parsed_data] == ["eyes"]
    path = f"/repos/{REPOSITORY}/issues/1/reactions"
    assert refused(lambda: world.as_bot().request("POST", path, json={"content": "shrug"}))[0] == 422


def test_refs_are_read_created_matched_and_deleted(world: World) -> None:
    git = world.as_bot().rest.git
    head = git.get_ref(OWNER, NAME, "heads/main").parsed_data.object_.sha

    for name in ("bot/1", "bot/2", "person"):
        assert git.create_ref(OWNER, NAME, data={"ref": f"refs/heads/{name}", "sha": head}).parsed_data.ref
    matching = git.list_matching_refs(OWNER, NAME, "heads/bot/").parsed_data
    deleted = git.delete_ref(OWNER, NAME, "heads/bot/1")

    assert [ref.ref for ref in matching] == ["refs/heads/bot/1", "refs/heads/bot/2"]
    assert deleted.status_code == 204
    assert refused(lambda: git.get_ref(OWNER, NAME, "heads/bot/1")) == (404, "Not Found")
    assert refused(lambda: git.delete_ref(OWNER, NAME, "heads/bot/1")) == (422, "Reference does not exist")
    again = {"ref": "refs/heads/bot/2", "sha": head}
    assert refused(lambda: git.create_ref(OWNER, NAME, data=again)) == (422, "Reference already exists")


def test_commits(world: World) -> None:
    github = world.as_bot()

    commit = github.rest.repos.get_commit(OWNER, NAME, "main").parsed_data
    plain = github.rest.git.get_commit(OWNER, NAME, commit.sha).parsed_data

    assert (commit.commit.message, plain.message) == ("Initial commit", "Initial commit")
    assert plain.parents == []


def test_blobs(world: World) -> None:
    git = world.as_bot().rest.git
    entries = world.hub.repository(REPOSITORY).git.entries("main") or []
    file = next(entry for entry in entries if entry.kind == "file")

    blob = git.get_blob(OWNER, NAME, file.sha).parsed_data

    assert (blob.sha, blob.size, blob.encoding) == (file.sha, file.size, "base64")
    assert len(base64.b64decode(blob.content)) == file.size
    assert refused(lambda: git.get_blob(OWNER, NAME, "0" * 40)) == (404, "Not Found")


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
