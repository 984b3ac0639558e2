"""Reviews and conversations on lines, as GitHub describes them: its OpenAPI models parse every answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from githubkit.exception import RequestFailed

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_pulls import COMMIT, commit_input, head_of, start

PATH = "services/one/executor.py"
LINES = [f"line {number}\n" for number in range(1, 21)]


@pytest.fixture
def number(world: World) -> int:
    """The number of a pull request of the bot's that changes line 10 of 20, adds one after it, and adds a file."""
    world.hub.add_collaborator(REPOSITORY, "mona", "write")
    commit(world, "main", {PATH: "".join(LINES)})
    start(
        world, "bot/x", {PATH: "".join([*LINES[:9], "changed\n", "added\n", *LINES[10:]]), "new.py": "a = 1\nb = 2\n"}
    )
    data = {"title": "X", "body": "", "head": "bot/x", "base": "main"}
    return int(world.as_bot().rest.pulls.create(OWNER, NAME, data=data).parsed_data.number)


def commit(world: World, branch: str, files: dict[str, str]) -> str:
    repo = world.hub.repository(REPOSITORY)
    with world.hub.parts.state.lock:
        content = {path: text.encode() for path, text in files.items()}
        return world.hub.parts.pulls.commit(repo, world.hub.caller("octo"), branch, "By hand", content)


def review(world: World, number: int, login: str = "octo", **data: Any) -> Any:
    pulls = (world.as_bot() if login == "bot" else world.as_person(login)).rest.pulls
    return pulls.create_review(OWNER, NAME, number, data=data).parsed_data


def reasons(call: Callable[[], object]) -> list[Any]:
    """Return the details of the 422 that a call ends in."""
    with pytest.raises(RequestFailed) as caught:
        call()
    assert caught.value.response.status_code == 422
    return list(caught.value.response.json()["errors"])


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


def test_answers_stay_in_the_conversation(world: World, number: int) -> None:
    made = review(world, number, event="COMMENT", comments=[{"path": "new.py", "line": 1, "body": "why?"}])
    pulls = world.as_bot().rest.pulls
    (first,) = pulls.list_review_comments(OWNER, NAME, number).parsed_data

    reply = pulls.create_reply_for_review_comment(OWNER, NAME, number, first.id, data={"body": "Because."}).parsed_data

    assert (reply.in_reply_to_id, reply.path, reply.line, reply.user.login) == (first.id, "new.py", 1, "gptdeploy[bot]")
    assert reply.pull_request_review_id not in (None, made.id)
    assert world.payload("pull_request_review_comment", "created")["comment"]["in_reply_to_id"] == first.id

    def answer(comment: int, body: str) -> Callable[[], object]:
        return lambda: pulls.create_reply_for_review_comment(OWNER, NAME, number, comment, data={"body": body})

    assert refused(answer(99, "x")) == (404, "Not Found")
    assert refused(answer(reply.id, "x"))[0] == 422
    assert refused(answer(first.id, " "))[0] == 422
    reactions = world.as_bot().rest.reactions
    reactions.create_for_pull_request_review_comment(OWNER, NAME, first.id, data={"content": "eyes"})
    assert pulls.get_review_comment(OWNER, NAME, first.id).parsed_data.reactions.eyes == 1


def test_comment_on_one_line_is_a_review_of_its_own(world: World, number: int) -> None:
    pulls = world.as_person("visitor").rest.pulls
    head = head_of(world, "bot/x")
    data = {"body": "nice", "commit_id": head, "path": "new.py", "line": 2, "side": "RIGHT"}

    made = pulls.create_review_comment(OWNER, NAME, number, data=data).parsed_data

    (its_review,) = pulls.list_reviews(OWNER, NAME, number).parsed_data
    assert (its_review.id, its_review.state, its_review.body) == (made.pull_request_review_id, "COMMENTED", "")
    assert made.author_association == "NONE"
    pulls.update_review_comment(OWNER, NAME, made.id, data={"body": "very nice"})
    assert world.payload("pull_request_review_comment", "edited")["changes"] == {"body": {"from": "nice"}}
    others = world.as_person("stranger").rest.pulls
    assert refused(lambda: others.update_review_comment(OWNER, NAME, made.id, data={"body": "no"}))[0] == 403
    pulls.delete_review_comment(OWNER, NAME, made.id)
    assert pulls.list_review_comments(OWNER, NAME, number).parsed_data == []
    assert world.payload("pull_request_review_comment", "deleted")["comment"]["body"] == "very nice"


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ({"path": PATH, "line": 2}, "Line could not be resolved"),
        ({"path": PATH, "line": 99}, "Line could not be resolved"),
        ({"path": PATH, "position": 99}, "Line could not be resolved"),
        ({"path": "README.md", "line": 1}, "Path could not be resolved"),
        ({"path": PATH, "line": 10, "start_line": 10}, "start line must precede the end line"),
        ({"path": PATH, "line": 10, "start_line": 2}, "start line must be part of the same hunk"),
        ({"path": PATH, "line": 10, "body": " "}, "Body can't be blank"),
    ],
)
def test_comments_outside_of_the_diff_are_refused(
    world: World, number: int, comment: dict[str, Any], reason: str
) -> None:
    comments = [{"path": "new.py", "line": 1, "body": "fine"}, {"body": "x", **comment}]

    (said,) = reasons(lambda: review(world, number, event="COMMENT", comments=comments))

    assert reason in said
    assert world.as_bot().rest.pulls.list_reviews(OWNER, NAME, number).parsed_data == []


def test_line_outside_of_the_diff_is_named_for_a_comment_alone(world: World, number: int) -> None:
    data = {"body": "x", "commit_id": head_of(world, "bot/x"), "path": PATH, "line": 2}

    (said,) = reasons(lambda: world.as_person("octo").rest.pulls.create_review_comment(OWNER, NAME, number, data=data))

    assert said["message"] == "pull_request_review_thread.line must be part of the diff"


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


def test_comments_move_with_their_lines_and_become_outdated(world: World, number: int) -> None:
    comments = [
        {"path": PATH, "line": 11, "body": "stays"},
        {"path": PATH, "line": 10, "body": "is changed"},
        {"path": "new.py", "line": 1, "body": "goes away"},
    ]
    review(world, number, event="COMMENT", comments=comments)
    before = head_of(world, "bot/x")
    text = "".join(["first\n", *LINES[:9], "changed again\n", "added\n", *LINES[10:]])
    change = commit_input("bot/x", before, {PATH: text}, ("new.py",))
    world.as_bot().graphql(COMMIT, {"commit": change})

    found = world.as_bot().rest.pulls.list_review_comments(OWNER, NAME, number).parsed_data

    assert [(each.line, each.original_line, each.position is None) for each in found] == [
        (12, 11, False),
        (None, 10, True),
        (None, 1, True),
    ]
    assert [each.commit_id for each in found] == [head_of(world, "bot/x"), before, before]
    assert {each.original_commit_id for each in found} == {before}
    assert found[1].diff_hunk.endswith("+changed")


THREADS = """
query Threads($o: String!, $n: String!, $number: Int!) {
  repository(owner: $o, name: $n) {
    pullRequest(number: $number) {
      reviewDecision
      reviews(first: 10) {
        nodes { author { __typename login } state commit { oid } comments(first: 10) { totalCount } }
      }
      reviewThreads(first: 10) {
        nodes {
          id isResolved isOutdated path line originalLine diffSide
          comments(first: 10) { nodes { fullDatabaseId body author { login } replyTo { body } } }
        }
      }
    }
  }
}
"""
RESOLVE = """
mutation Resolve($id: ID!) {
  resolveReviewThread(input: {threadId: $id}) { thread { isResolved resolvedBy { login } } }
}
"""


def test_conversations_are_read_and_resolved(world: World, number: int) -> None:
    review(world, number, event="REQUEST_CHANGES", comments=[{"path": "new.py", "line": 1, "body": "why?"}])
    bot = world.as_bot()
    (first,) = bot.rest.pulls.list_review_comments(OWNER, NAME, number).parsed_data
    bot.rest.pulls.create_reply_for_review_comment(OWNER, NAME, number, first.id, data={"body": "Because."})

    read = bot.graphql(THREADS, {"o": OWNER, "n": NAME, "number": number})["repository"]["pullRequest"]

    assert read["reviewDecision"] == "CHANGES_REQUESTED"
    assert [each["author"] for each in read["reviews"]["nodes"]] == [
        {"__typename": "User", "login": "octo"},
        {"__typename": "Bot", "login": "gptdeploy"},
    ]
    (thread,) = read["reviewThreads"]["nodes"]
    assert (thread["isResolved"], thread["isOutdated"], thread["line"], thread["diffSide"]) == (
        False,
        False,
        1,
        "RIGHT",
    )
    assert [each["body"] for each in thread["comments"]["nodes"]] == ["why?", "Because."]
    assert thread["comments"]["nodes"][1]["replyTo"] == {"body": "why?"}

    visitor, octo = world.as_person("visitor"), world.as_person("octo")
    with pytest.raises(Exception, match="not accessible"):
        visitor.graphql(RESOLVE, {"id": thread["id"]})
    answer = octo.graphql(RESOLVE, {"id": thread["id"]})["resolveReviewThread"]["thread"]
    assert answer == {"isResolved": True, "resolvedBy": {"login": "octo"}}
    assert world.payload("pull_request_review_thread", "resolved")["thread"]["comments"][0]["body"] == "why?"
