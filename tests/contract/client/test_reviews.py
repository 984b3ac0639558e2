"""Reviews as the client reads them, and its answers."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.github import NewCommit, Rejected, Repository
from bot.foreign import Markdown, Plain
from bot.render import hidden
from bot.values.github import newest_verdicts
from tests.contract.client.steps import BRANCH, opened
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World

PATH = "services/qr/executor.py"


def review(world: World, number: int, login: str = "octo", **data: Any) -> int:
    return int(world.as_person(login).rest.pulls.create_review(OWNER, NAME, number, data=data).parsed_data.id)


def test_review_is_read_with_its_lines(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    suggested = "Better:\r\n```suggestion\r\nimport segno\r\n```\r\nor so"
    comments = [{"path": PATH, "line": 1, "body": suggested}]
    made = review(world, number, event="REQUEST_CHANGES", body="Please", comments=comments)
    whole = {"path": PATH, "subject_type": "file", "body": "What is this?", "commit_id": sha}
    world.as_person("visitor").rest.pulls.create_review_comment(OWNER, NAME, number, data=whole)
    review(world, number, body="not yet")

    found, other = repository.reviews(number)
    assert (other.author, other.state, other.body) == ("visitor", "commented", "")
    assert (found.id, found.author, found.bot, found.state, found.body, found.sha) == (
        *(made, "octo", False),
        *("changes_requested", "Please", sha),
    )
    (first,), (second,) = (repository.line_comments(number, each.id) for each in (found, other))
    assert (first.path, first.line, first.side, first.original_sha, first.review) == (PATH, 1, "RIGHT", sha, made)
    assert first.hunk == "@@ -0,0 +1 @@\n+import qrcode"
    assert first.suggestions == ("import segno\n",)
    assert (second.line, second.outdated, second.suggestions) == (None, False, ())
    assert repository.line_comments(number, 99) == ()


def test_comment_on_a_line_that_changed_is_outdated_and_still_says_where(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    review(world, number, event="COMMENT", comments=[{"path": PATH, "line": 1, "body": "why?"}])
    repository.commit(BRANCH, sha, NewCommit(Plain("Fix"), {PATH: "import segno\n"}, "c1"))

    (comment,) = repository.line_comments(number)

    assert (comment.outdated, comment.line, comment.original_line, comment.original_sha) == (True, None, 1, sha)
    assert comment.hunk.endswith("+import qrcode")


def test_answer_is_given_once_and_in_the_conversation(world: World, repository: Repository) -> None:
    number, _ = opened(world, repository)
    made = review(world, number, event="COMMENT", comments=[{"path": PATH, "line": 1, "body": "why?"}])
    (question,) = repository.line_comments(number, made)

    url = repository.reply_once(number, question, "answer:1", Markdown("Because."))
    (_, answer) = repository.line_comments(number)
    again = [repository.reply_once(number, each, "answer:1", Markdown("never written")) for each in (question, answer)]
    repository.react_to_line_comment(question.id, "eyes")

    assert again == [url, url]
    assert (answer.reply_to, answer.author, answer.bot) == (question.id, "gptdeploy[bot]", True)
    assert answer.body == f"Because.\n{hidden('answer:1')}"
    # Anybody can quote a marker.
    world.as_person("octo").rest.pulls.create_reply_for_review_comment(
        OWNER, NAME, number, question.id, data={"body": hidden("answer:2")}
    )
    repository.reply_once(number, question, "answer:2", Markdown("Truly."))
    assert [each.author for each in repository.line_comments(number)[2:]] == ["octo", "gptdeploy[bot]"]
    with pytest.raises(Rejected) as caught:
        repository.reply_once(number, question.model_copy(update={"id": 99}), "answer:3", Markdown("x"))
    assert caught.value.status == 404


def test_more_comments_than_one_page(world: World, repository: Repository) -> None:
    number, _ = opened(world, repository)
    comments = [{"path": PATH, "line": 1, "body": f"{count}"} for count in range(101)]
    review(world, number, event="COMMENT", comments=comments)

    assert [comment.body for comment in repository.line_comments(number)] == [each["body"] for each in comments]


def test_newest_verdict_of_each_person_counts(world: World, repository: Repository) -> None:
    world.hub.add_collaborator(REPOSITORY, "mona", "write")
    number, _ = opened(world, repository)
    review(world, number, "octo", event="REQUEST_CHANGES", body="No")
    review(world, number, "octo", event="APPROVE")
    review(world, number, "octo", event="COMMENT", body="by the way")
    refused = review(world, number, "mona", event="REQUEST_CHANGES", body="No")
    data = {"message": "Mended"}
    world.as_person("octo").rest.pulls.dismiss_review(OWNER, NAME, number, refused, data=data)

    verdicts = newest_verdicts(repository.reviews(number))

    assert {login: verdict.state for login, verdict in verdicts.items()} == {"octo": "approved", "mona": "dismissed"}


def test_reviews_are_asked_of_those_who_may_give_them(world: World, repository: Repository) -> None:
    number, _ = opened(world, repository)

    assert repository.request_reviews(number, []) == ()
    assert repository.request_reviews(number, ["visitor"]) == ()
    assert repository.request_reviews(number, ["visitor", "octo", "gptdeploy[bot]"]) == ("octo",)
    assert repository.request_reviews(number, ["octo"]) == ("octo",)
    asked = world.as_bot().rest.pulls.list_requested_reviewers(OWNER, NAME, number).parsed_data.users
    assert [user.login for user in asked] == ["octo"]
    with pytest.raises(Rejected, match="Not Found"):
        repository.request_reviews(99, ["octo"])
