"""Reviews, as GitHub describes them: its OpenAPI models parse every answer."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.reviewing import PATH, number, reasons, review
from tests.contract.test_pulls import head_of

__all__ = ["number"]


def test_review_with_comments_is_submitted_as_one(world: World, number: int) -> None:
    comments = [
        {"path": PATH, "line": 10, "body": "why?"},
        {"path": PATH, "line": 11, "start_line": 9, "body": "```suggestion\nx\n```"},
        {"path": PATH, "line": 10, "side": "LEFT", "body": "this was better"},
        {"path": "new.py", "position": 2, "body": "unused"},
    ]
    made = review(world, number, event="REQUEST_CHANGES", body="Please", comments=comments)
    pulls = world.as_bot().rest.pulls

    assert (made.state, made.body, made.user.login, made.commit_id) == (
        *("CHANGES_REQUESTED", "Please", "octo"),
        head_of(world, "bot/x"),
    )
    assert [each.id for each in pulls.list_reviews(OWNER, NAME, number).parsed_data] == [made.id]
    assert pulls.get_review(OWNER, NAME, number, made.id).parsed_data.state == "CHANGES_REQUESTED"
    pulls.list_comments_for_review(OWNER, NAME, number, made.id)
    found = pulls.list_review_comments(OWNER, NAME, number).parsed_data
    assert [(each.path, each.side, each.line, each.start_line, each.body) for each in found] == [
        (PATH, "RIGHT", 10, None, "why?"),
        (PATH, "RIGHT", 11, 9, "```suggestion\nx\n```"),
        (PATH, "LEFT", 10, None, "this was better"),
        ("new.py", "RIGHT", 2, None, "unused"),
    ]
    assert found[0].diff_hunk.split("\n")[-2:] == ["-line 10", "+changed"]
    assert found[2].diff_hunk.split("\n")[-1] == "-line 10"
    assert {each.pull_request_review_id for each in found} == {made.id}
    assert pulls.get(OWNER, NAME, number).parsed_data.review_comments == 4
    assert [event for event in world.events() if event[0].startswith("pull_request_review")] == [
        ("pull_request_review", "submitted"),
        *[("pull_request_review_comment", "created")] * 4,
    ]
    assert world.payload("pull_request_review", "submitted")["review"]["state"] == "changes_requested"


def test_nobody_approves_their_own_pull_request(world: World, number: int) -> None:
    assert reasons(lambda: review(world, number, "bot", event="APPROVE")) == ["Can not approve your own pull request"]
    assert reasons(lambda: review(world, number, "bot", event="REQUEST_CHANGES", body="x")) == [
        "Can not request changes on your own pull request"
    ]
    assert review(world, number, "bot", event="COMMENT", body="Look at this").state == "COMMENTED"
    workflow = world.with_token(
        world.hub.parts.access.workflow_token(world.hub.repository(REPOSITORY), {"pull_requests": "write"})
    )
    data = {"event": "APPROVE"}
    assert reasons(lambda: workflow.rest.pulls.create_review(OWNER, NAME, number, data=data)) == [
        "GitHub Actions is not permitted to approve pull requests."
    ]


def test_a_review_says_something(world: World, number: int) -> None:
    assert reasons(lambda: review(world, number, event="COMMENT")) == ["Body can't be blank"]
    assert reasons(lambda: review(world, number, event="REQUEST_CHANGES")) == ["Body can't be blank"]
    assert refused(lambda: review(world, 99, event="APPROVE")) == (404, "Not Found")
    assert refused(lambda: world.as_nobody().rest.pulls.create_review(OWNER, NAME, number, data={}))[0] == 401


def test_pending_review_is_its_authors_business(world: World, number: int) -> None:
    made = review(world, number, body="Not yet", comments=[{"path": "new.py", "line": 1, "body": "hm"}])
    octo, bot = world.as_person("octo").rest.pulls, world.as_bot().rest.pulls

    assert made.state == "PENDING"
    assert bot.list_reviews(OWNER, NAME, number).parsed_data == []
    assert bot.list_review_comments(OWNER, NAME, number).parsed_data == []
    assert refused(lambda: bot.get_review(OWNER, NAME, number, made.id)) == (404, "Not Found")
    assert reasons(lambda: review(world, number, event="APPROVE")) == [
        "User can only have one pending review per pull request"
    ]
    assert len(octo.list_comments_for_review(OWNER, NAME, number, made.id).parsed_data) == 1
    assert not [event for event in world.events() if event[0].startswith("pull_request_review")]

    done = octo.submit_review(OWNER, NAME, number, made.id, data={"event": "APPROVE", "body": "Fine"}).parsed_data

    assert (done.state, done.body) == ("APPROVED", "Fine")
    assert [each.body for each in bot.list_review_comments(OWNER, NAME, number).parsed_data] == ["hm"]
    assert reasons(lambda: octo.delete_pending_review(OWNER, NAME, number, made.id))
    thrown = review(world, number)
    octo.delete_pending_review(OWNER, NAME, number, thrown.id)
    assert [each.id for each in octo.list_reviews(OWNER, NAME, number).parsed_data] == [made.id]


def test_review_is_edited_and_dismissed(world: World, number: int) -> None:
    made = review(world, number, "mona", event="REQUEST_CHANGES", body="No")
    mona, octo, bot = (
        client.rest.pulls for client in (world.as_person("mona"), world.as_person("octo"), world.as_bot())
    )

    mona.update_review(OWNER, NAME, number, made.id, data={"body": "No, because"})
    assert world.payload("pull_request_review", "edited")["changes"] == {"body": {"from": "No"}}
    assert refused(lambda: octo.update_review(OWNER, NAME, number, made.id, data={"body": "Yes"}))[0] == 403
    visitor = world.as_person("visitor").rest.pulls
    why = {"message": "Mended"}
    assert refused(lambda: visitor.dismiss_review(OWNER, NAME, number, made.id, data=why))[0] == 403
    assert bot.dismiss_review(OWNER, NAME, number, made.id, data=why).parsed_data.state == "DISMISSED"
    assert world.payload("pull_request_review", "dismissed")["review"]["state"] == "dismissed"
    assert reasons(lambda: bot.dismiss_review(OWNER, NAME, number, made.id, data=why))


def test_reviews_are_asked_for(world: World, number: int) -> None:
    pulls = world.as_bot().rest.pulls

    def ask(*logins: str) -> Any:
        return pulls.request_reviewers(OWNER, NAME, number, data={"reviewers": list(logins)}).parsed_data

    asked = ask("octo", "mona")
    ask("octo")
    assert [user.login for user in asked.requested_reviewers] == ["octo", "mona"]
    assert [event for event in world.events() if event[1] == "review_requested"] == [
        ("pull_request", "review_requested")
    ] * 2
    assert world.payload("pull_request", "review_requested")["requested_reviewer"]["login"] == "mona"
    assert refused(lambda: ask("gptdeploy[bot]")) == (422, "Review cannot be requested from pull request author.")
    for login in ("visitor", "nobody-at-all"):
        status, message = refused(partial(ask, login))
        assert (status, message.partition(".")[0]) == (422, "Reviews may only be requested from collaborators")

    review(world, number, event="APPROVE")
    pulls.remove_requested_reviewers(OWNER, NAME, number, data={"reviewers": ["mona"]})

    assert pulls.list_requested_reviewers(OWNER, NAME, number).parsed_data.users == []
    assert world.payload("pull_request", "review_request_removed")["requested_reviewer"]["login"] == "mona"
