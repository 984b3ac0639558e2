"""Issues: questions, labels, reactions, and who the bot is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
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


def test_who_has_edited_comments_last_is_told(world: World, repository: Repository) -> None:
    hub = world.hub
    number = hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [], "visitor").number
    comment, other = (hub.comment(REPOSITORY, number, text, "visitor") for text in ("Big ones.", "Small ones."))
    assert repository.comment_editors(number) == {comment: None, other: None}
    for by in ("visitor", "octo"):
        path = f"{hub.api_url}/repos/{REPOSITORY}/issues/comments/{comment}"
        httpx.patch(path, json={"body": by}, headers={"Authorization": f"Bearer {hub.token(by)}"}).raise_for_status()
    assert repository.comment_editors(number) == {comment: "octo", other: None}
    assert [found.body for found in repository.comments_after(number, 0)] == ["octo", "Small ones."]


def test_who_has_changed_an_issue_last_is_told(world: World, repository: Repository) -> None:
    hub = world.hub
    issue = hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [], "visitor")
    assert repository.overview(issue.number).issue.edits == ()
    with hub.parts.state.lock:
        repo, edit = hub.repository(REPOSITORY), hub.parts.issues.edit
        edit(repo, issue, hub.caller("visitor"), "QR codes", "Make bar codes")
        edit(repo, issue, hub.caller("octo"), "Bar codes", "Make bar codes")
    assert [change.by for change in repository.overview(issue.number).issue.edits] == ["visitor", "octo"]


def test_an_issue_in_another_repository_is_not_there_and_takes_nothing_with_it(
    world: World, repository: Repository
) -> None:
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [])
    parts, elsewhere = world.hub.parts, world.hub.create_repository("octo/elsewhere", {"README.md": "x\n"})
    with parts.state.lock:
        here = world.hub.repository(REPOSITORY)
        parts.issues.transfer(here, here.issues[1], world.hub.caller("octo"), elsewhere)
    with pytest.raises(Rejected) as refused:
        repository.issue(1)
    assert refused.value.status == 404
    world.hub.open_issue(REPOSITORY, "Bar codes", "Make bar codes", [])
    assert repository.issue(2).title == "Bar codes"


def at_once(count: int, repository: Callable[[], Repository]) -> list[str]:
    """Have so many threads make the same comment at the same moment, and return where each found it."""
    start = threading.Barrier(count)

    def comment(_: int) -> str:
        mine = repository()
        start.wait(30)
        return mine.comment_once(1, "live", Markdown("It is live."))

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(comment, range(count)))


def test_threads_of_a_process_make_a_comment_once(world: World, repository: Repository) -> None:
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [])
    (found,) = set(at_once(4, lambda: repository))
    comments = world.hub.repository(REPOSITORY).issues[1].comments
    assert [found.endswith(f"-{comment.id}") for comment in comments] == [True]


def test_jobs_of_workflows_make_a_comment_once(world: World) -> None:
    """Each is a process of its own, and all write with one login."""
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", [])
    access = world.hub.parts.access
    rights = {"issues": "write", "metadata": "read"}

    def job() -> Repository:
        token = access.workflow_token(world.hub.repository(REPOSITORY), rights)
        return GitHub.with_token(world.hub.api_url, token).repository(REPOSITORY)

    (found,) = set(at_once(4, job))
    comments = world.hub.repository(REPOSITORY).issues[1].comments
    assert [found.endswith(f"-{comment.id}") for comment in comments] == [True]
