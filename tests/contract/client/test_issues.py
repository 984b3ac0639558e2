"""Issues: questions, labels, reactions, and who the bot is."""

from __future__ import annotations

import pytest

from bot.clients.github import GitHub, NewCommit, Rejected, Repository
from bot.errors import Unavailable
from bot.foreign import Markdown, Plain
from tests.contract.conftest import REPOSITORY, World


def test_questions_are_asked_and_answered(world: World, repository: Repository) -> None:
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", ["microservice"], author="visitor")
    world.hub.comment(REPOSITORY, 1, "before it was asked", "visitor")
    assert repository.comment_id(1, "questions") is None
    repository.comment_once(1, "questions", Markdown("Which format?"))
    for _ in range(2):
        repository.add_label(1, "needs/an answer")
    asked = repository.comment_id(1, "questions")
    assert asked is not None
    assert repository.comments_after(1, asked) == []
    assert repository.issue(1).labels == ("microservice", "needs/an answer")

    first = world.hub.comment(REPOSITORY, 1, "PNG", "visitor")
    repository.comment_once(1, "another", Markdown("Thank you"))
    second = world.hub.comment(REPOSITORY, 1, "or SVG")
    for _ in range(2):
        repository.remove_label(1, "needs/an answer")

    assert [(answer.id, answer.author, answer.body) for answer in repository.comments_after(1, asked)] == [
        (first, "visitor", "PNG"),
        (second, "octo", "or SVG"),
    ]
    assert [answer.id for answer in repository.comments_after(1, first)] == [second]
    assert repository.issue(1).labels == ("microservice",)
    # The label that was there already and the one that was not any more are said by nobody.
    said = [action for event, action in world.events() if event == "issues"]
    assert said == ["opened", "labeled", "labeled", "unlabeled"]


def test_comment_is_reacted_to(world: World, repository: Repository) -> None:
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [])
    comment = world.hub.comment(REPOSITORY, 1, "/retry")

    repository.react("rocket", comment=comment)
    repository.react("rocket", comment=comment)

    (found,) = world.hub.repository(REPOSITORY).issues[1].comments
    assert [(r.user.login, r.content) for r in found.reactions] == [("gptdeploy[bot]", "rocket")]


def test_refusals_name_what_to_do(world: World, repository: Repository) -> None:
    with pytest.raises(Rejected, match="issue #99"):
        repository.issue(99)
    with pytest.raises(Rejected, match="Could not resolve to an Issue"):
        repository.overview(99)
    with pytest.raises(Unavailable, match="Accept the permissions"):
        main = repository.head("main")
        assert main is not None
        repository.commit(
            "main", main, NewCommit(Plain("Plant a workflow"), {".github/workflows/x.yml": "on: push"}, "c9")
        )


def test_installation_is_looked_up_if_not_given(world: World, github: GitHub) -> None:
    assert github.login() == "gptdeploy[bot]"
    assert github.repository(REPOSITORY).default_branch() == "main"


def test_who_has_changed_an_issue_last_is_told(world: World, repository: Repository) -> None:
    hub = world.hub
    issue = hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [], "visitor")
    assert repository.overview(issue.number).issue.edits == ()
    with hub.parts.state.lock:
        repo, edit = hub.repository(REPOSITORY), hub.parts.issues.edit
        edit(repo, issue, hub.caller("visitor"), "QR codes", "Make bar codes")
        edit(repo, issue, hub.caller("octo"), "Bar codes", "Make bar codes")
    assert [change.by for change in repository.overview(issue.number).issue.edits] == ["visitor", "octo"]
