"""Issues, labels, comments and reactions, as GitHub describes them: its OpenAPI models parse every answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from githubkit.exception import GraphQLFailed, RequestFailed

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_pulls import start


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


def test_visitor_may_open_and_comment_but_neither_label_nor_close_what_others_opened(world: World) -> None:
    theirs = world.hub.open_issue(REPOSITORY, "Theirs", "text", []).number
    issues = world.as_person("visitor").rest.issues

    opened = issues.create(OWNER, NAME, data={"title": "Mine", "labels": ["microservice"]}).parsed_data
    comment = issues.create_comment(OWNER, NAME, opened.number, data={"body": "please"}).parsed_data

    assert opened.labels == []
    assert comment.user is not None
    assert comment.user.login == "visitor"
    assert refused(lambda: issues.update(OWNER, NAME, theirs, data={"state": "closed"}))[0] == 403
    assert issues.update(OWNER, NAME, opened.number, data={"state": "closed"}).parsed_data.state == "closed"
    assert refused(lambda: issues.add_labels(OWNER, NAME, opened.number, data={"labels": ["x"]}))[0] == 403


@pytest.mark.parametrize(
    ("role", "labels", "closes", "merges", "seen"),
    [
        ("read", False, False, False, "read"),
        ("triage", True, True, False, "read"),
        ("write", True, True, True, "write"),
        ("maintain", True, True, True, "write"),
        ("admin", True, True, True, "admin"),
    ],
)
def test_roles_decide_what_people_may_do(
    world: World, role: str, labels: bool, closes: bool, merges: bool, seen: str
) -> None:
    world.hub.add_collaborator(REPOSITORY, "mona", role)
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    start(world, "bot/x", {"a": "1\n"})
    pulls = world.as_bot().rest.pulls
    number = pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}).parsed_data.number
    mona = world.as_person("mona").rest

    def may(call: Callable[[], object]) -> bool:
        try:
            call()
        except RequestFailed as error:
            assert error.response.status_code == 403
            return False
        return True

    assert may(lambda: mona.issues.add_labels(OWNER, NAME, 1, data={"labels": ["x"]})) == labels
    assert may(lambda: mona.issues.update(OWNER, NAME, 1, data={"state": "closed"})) == closes
    assert may(lambda: mona.pulls.update(OWNER, NAME, number, data={"state": "closed"})) == closes
    assert may(lambda: mona.pulls.update(OWNER, NAME, number, data={"state": "open"})) == closes
    assert may(lambda: mona.pulls.merge(OWNER, NAME, number, data={"merge_method": "squash"})) == merges
    shown = world.as_bot().rest.repos.get_collaborator_permission_level(OWNER, NAME, "mona").parsed_data
    assert (shown.permission, shown.role_name) == (seen, role)


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


def test_locked_issue_takes_comments_of_writers_only(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    octo, bot, visitor = (
        client.rest.issues for client in (world.as_person("octo"), world.as_bot(), world.as_person("visitor"))
    )
    assert refused(lambda: visitor.lock(OWNER, NAME, 1))[0] == 403
    octo.lock(OWNER, NAME, 1)

    assert bot.get(OWNER, NAME, 1).parsed_data.locked
    assert refused(lambda: visitor.create_comment(OWNER, NAME, 1, data={"body": "hi"})) == (
        403,
        "Unable to create comment because issue is locked.",
    )
    assert bot.create_comment(OWNER, NAME, 1, data={"body": "hi"}).status_code == 201
    octo.unlock(OWNER, NAME, 1)
    assert visitor.create_comment(OWNER, NAME, 1, data={"body": "hi"}).status_code == 201


def test_transferred_issue_leads_to_where_it_is(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["microservice", "odd"])
    world.hub.comment(REPOSITORY, 1, "Mine.", "visitor")
    elsewhere = world.hub.create_repository("octo/elsewhere", {"README.md": "x"})
    hub = world.hub
    with hub.parts.state.lock:
        here = hub.repository(REPOSITORY)
        new = hub.parts.issues.transfer(here, here.issues[1], hub.caller("octo"), elsewhere)

    answer = httpx.get(f"{hub.api_url}/repos/{REPOSITORY}/issues/1")
    assert (answer.status_code, answer.json()["message"]) == (301, "Moved Permanently")
    assert answer.headers["Location"] == f"{hub.api_url}/repositories/{elsewhere.id}/issues/1"
    read = 'query { repository(owner: "octo", name: "services") { issue(number: 1) { id } } }'
    with pytest.raises(GraphQLFailed, match="Could not resolve to an Issue"):
        world.as_bot().graphql(read)
    assert [comment.body for comment in new.comments] == ["Mine."]
    changes = world.payload("issues", "transferred")["changes"]
    assert (changes["new_issue"]["number"], changes["new_repository"]["full_name"]) == (1, "octo/elsewhere")
    assert hub.open_issue(REPOSITORY, "Another", "text", []).number == 2


def test_deleted_issue_is_gone_and_its_number_with_it(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    read = 'query { repository(owner: "octo", name: "services") { issue(number: 1) { id locked } } }'
    node = world.as_bot().graphql(read)["repository"]["issue"]["id"]
    delete = "mutation D($id: ID!) { deleteIssue(input: {issueId: $id}) { clientMutationId } }"
    with pytest.raises(GraphQLFailed, match="correct permissions"):
        world.as_person("visitor").graphql(delete, {"id": node})

    world.as_person("octo").graphql(delete, {"id": node})

    issues = world.as_bot().rest.issues
    assert refused(lambda: issues.get(OWNER, NAME, 1)) == (410, "This issue was deleted")
    assert world.payload("issues", "deleted")["issue"]["number"] == 1
    assert world.hub.open_issue(REPOSITORY, "Another", "text", []).number == 2
