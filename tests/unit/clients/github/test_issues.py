"""Comments, labels and reactions: what an earlier try left is found, and nobody else's comment is touched."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.github import Repository
from bot.errors import TransientError, Unavailable
from bot.foreign import Markdown
from bot.render import hidden
from tests.fakes.github_http import FakeGitHub

REPO = "/repos/octo/shop"


def comment(number: int, login: str, body: str) -> dict[str, Any]:
    return {"id": number, "user": {"login": login}, "body": body, "html_url": f"https://example.com/c/{number}"}


@pytest.fixture
def talking(fake: FakeGitHub, repository: Repository) -> Repository:
    fake.on_graphql({"data": {"viewer": {"login": "gptdeploy[bot]"}}})
    return repository


def test_only_own_comment_with_the_marker_is_edited(fake: FakeGitHub, talking: Repository) -> None:
    own = comment(3, "gptdeploy[bot]", f"old\n{hidden('status')}")
    quoted = comment(2, "visitor", f"look: {hidden('status')}")
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(1, "gptdeploy[bot]", "other"), quoted, own])
    fake.on("PATCH", f"{REPO}/issues/comments/3", 200, own)

    url = talking.upsert_comment(1, "status", Markdown("new"))

    assert url == own["html_url"]
    assert [request.body["body"] for request in fake.asked("PATCH")] == [f"new\n{hidden('status')}"]
    assert not fake.asked("POST", REPO)


def test_unchanged_comment_is_not_written(fake: FakeGitHub, talking: Repository) -> None:
    own = comment(3, "gptdeploy[bot]", f"same\n{hidden('status')}")
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [own])

    talking.upsert_comment(1, "status", Markdown(f"same\n{hidden('status')}"))

    assert {request.method for request in fake.requests if request.path != "/graphql"} == {"GET"}


def test_comment_whose_answer_was_lost_is_looked_for(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [])
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", f"said\n{hidden('done')}")])
    fake.on("POST", f"{REPO}/issues/1/comments", 502, {})

    with pytest.raises(TransientError):
        talking.comment_once(1, "done", Markdown("said"))
    assert talking.comment_once(1, "done", Markdown("said")) == "https://example.com/c/3"
    assert len(fake.asked("POST", f"{REPO}/issues")) == 1


def test_comments_of_an_issue_are_read_once(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [])
    fake.on("POST", f"{REPO}/issues/1/comments", 201, comment(3, "gptdeploy[bot]", "one"))

    for marker in ("one", "two", "three"):
        talking.comment_once(1, marker, Markdown(marker))

    assert len(fake.asked("GET", f"{REPO}/issues/1/comments")) == 1


def test_comment_of_this_process_is_edited_without_looking(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [])
    fake.on("POST", f"{REPO}/issues/1/comments", 201, comment(3, "gptdeploy[bot]", "one"))
    fake.on("PATCH", f"{REPO}/issues/comments/3", 200, comment(3, "gptdeploy[bot]", "two"))

    talking.upsert_comment(1, "status", Markdown("one"))
    talking.upsert_comment(1, "status", Markdown("two"))
    talking.upsert_comment(1, "status", Markdown("two"))

    asked = [request.method for request in fake.requests if request.path != "/graphql"]
    assert asked == ["GET", "POST", "PATCH"]


def test_comment_somebody_deleted_is_written_anew(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", hidden("status"))])
    fake.on("PATCH", f"{REPO}/issues/comments/3", 404, {"message": "Not Found"})
    fake.on("POST", f"{REPO}/issues/1/comments", 201, comment(4, "gptdeploy[bot]", "new"))

    assert talking.upsert_comment(1, "status", Markdown("new")) == "https://example.com/c/4"


def test_comment_once_finds_what_was_written_before_a_restart(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", f"said\n{hidden('done')}")])

    assert talking.comment_once(1, "done", Markdown("said")) == "https://example.com/c/3"
    assert not fake.asked("POST", REPO)


def test_own_comment_is_found_by_its_marker(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", f"?\n{hidden('questions')}")])

    assert talking.comment_id(1, "questions") == 3
    assert talking.comment_id(1, "another") is None


def test_only_what_people_said_after_a_comment_is_read(fake: FakeGitHub, talking: Repository) -> None:
    def by(number: int, login: str, kind: str) -> dict[str, Any]:
        return {**comment(number, login, f"comment {number}"), "user": {"login": login, "type": kind}}

    before, asked = by(1, "octo", "User"), by(2, "gptdeploy[bot]", "Bot")
    answers = [by(4, "octo", "User"), by(5, "ci[bot]", "Bot"), by(6, "visitor", "User")]
    gone = {**by(7, "", "User"), "user": None}
    # To GitHub, a bot that uses a given token may be a "User".
    own = by(8, "gptdeploy[bot]", "User")
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [before, asked, *answers, gone, own])

    comments = talking.comments_after(1, 2)

    assert [(comment.id, comment.author, comment.body) for comment in comments] == [
        (4, "octo", "comment 4"),
        (6, "visitor", "comment 6"),
        (7, "ghost", "comment 7"),
    ]
    assert fake.asked("GET") == fake.asked("GET", f"{REPO}/issues/1/comments")


def test_label_is_put_on_and_taken_off_by_its_whole_name(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("POST", f"{REPO}/issues/1/labels", 200, [])
    fake.on("DELETE", f"{REPO}/issues/1/labels/needs%2Fan%20answer%3F", 200, [])

    repository.add_label(1, "needs/an answer?")
    repository.remove_label(1, "needs/an answer?")

    assert [request.body for request in fake.asked("POST")] == [{"labels": ["needs/an answer?"]}]
    assert len(fake.asked("DELETE")) == 1


def test_label_that_is_not_there_needs_no_taking_off(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("DELETE", f"{REPO}/issues/1/labels/gone", 404, {"message": "Label does not exist"})
    fake.on("DELETE", f"{REPO}/issues/1/labels/kept", 403, {"message": "Resource not accessible by integration"})

    repository.remove_label(1, "gone")
    with pytest.raises(Unavailable, match="Accept the permissions"):
        repository.remove_label(1, "kept")


def test_reaction_needs_one_target(repository: Repository) -> None:
    with pytest.raises(ValueError, match="either"):
        repository.react("eyes", issue=1, comment=2)
