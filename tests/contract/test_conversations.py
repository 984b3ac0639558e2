"""Conversations on lines, as GitHub describes them: they move with their lines, are answered, and are resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.conftest import NAME, OWNER, World, refused
from tests.contract.reviewing import LINES, PATH, RESOLVE, number, reasons, review
from tests.contract.test_pulls import COMMIT, commit_input, head_of

__all__ = ["number"]


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

    assert [(each.line or None, each.original_line, not each.position) for each in found] == [
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
