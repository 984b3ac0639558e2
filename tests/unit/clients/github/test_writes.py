"""The client's writes: what an earlier try left is found and adopted, and nobody else's work is touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.clients.github import GitHub, HeadMoved, NewCommit, Rejected, Repository
from bot.errors import TransientError, UserError
from bot.render import hidden
from bot.values.github import WorkflowRun
from tests.fakes.github_http import FakeGitHub, fake_github

REPO = "/repos/octo/shop"
SHA = "a" * 40
OTHER = "b" * 40


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@pytest.fixture
def repository(fake: FakeGitHub) -> Iterator[Repository]:
    github = GitHub.with_token(fake.api_url, "secret-token")
    yield github.repository("octo/shop")
    github.close()


def comment(number: int, login: str, body: str) -> dict[str, Any]:
    return {"id": number, "user": {"login": login}, "body": body, "html_url": f"https://example.com/c/{number}"}


def pull(**values: Any) -> dict[str, Any]:
    head = {"ref": "gptdeploy/1-0123abcd/1-x", "sha": SHA}
    base = {"number": 7, "title": "QR", "state": "open", "head": head, "html_url": "https://example.com/pull/7"}
    return {**base, "merged_at": None, "merge_commit_sha": OTHER, "mergeable": True, **values}


# Comments


@pytest.fixture
def talking(fake: FakeGitHub) -> Iterator[Repository]:
    fake.on_graphql({"data": {"viewer": {"login": "gptdeploy[bot]"}}})
    github = GitHub.with_token(fake.api_url, "secret-token")
    yield github.repository("octo/shop")
    github.close()


def test_only_own_comment_with_the_marker_is_edited(fake: FakeGitHub, talking: Repository) -> None:
    own = comment(3, "gptdeploy[bot]", f"old\n{hidden('status')}")
    quoted = comment(2, "visitor", f"look: {hidden('status')}")
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(1, "gptdeploy[bot]", "other"), quoted, own])
    fake.on("PATCH", f"{REPO}/issues/comments/3", 200, own)

    url = talking.upsert_comment(1, "status", "new")

    assert url == own["html_url"]
    assert [request.body["body"] for request in fake.asked("PATCH")] == [f"new\n{hidden('status')}"]
    assert not fake.asked("POST", REPO)


def test_unchanged_comment_is_not_written(fake: FakeGitHub, talking: Repository) -> None:
    own = comment(3, "gptdeploy[bot]", f"same\n{hidden('status')}")
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [own])

    talking.upsert_comment(1, "status", f"same\n{hidden('status')}")

    assert {request.method for request in fake.requests if request.path != "/graphql"} == {"GET"}


def test_comment_whose_answer_was_lost_is_looked_for(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [])
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", f"said\n{hidden('done')}")])
    fake.on("POST", f"{REPO}/issues/1/comments", 502, {})

    with pytest.raises(TransientError):
        talking.comment_once(1, "done", "said")
    assert talking.comment_once(1, "done", "said") == "https://example.com/c/3"
    assert len(fake.asked("POST", f"{REPO}/issues")) == 1


def test_comments_of_an_issue_are_read_once(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [])
    fake.on("POST", f"{REPO}/issues/1/comments", 201, comment(3, "gptdeploy[bot]", "one"))

    for marker in ("one", "two", "three"):
        talking.comment_once(1, marker, marker)

    assert len(fake.asked("GET", f"{REPO}/issues/1/comments")) == 1


def test_comment_of_this_process_is_edited_without_looking(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [])
    fake.on("POST", f"{REPO}/issues/1/comments", 201, comment(3, "gptdeploy[bot]", "one"))
    fake.on("PATCH", f"{REPO}/issues/comments/3", 200, comment(3, "gptdeploy[bot]", "two"))

    talking.upsert_comment(1, "status", "one")
    talking.upsert_comment(1, "status", "two")
    talking.upsert_comment(1, "status", "two")

    asked = [request.method for request in fake.requests if request.path != "/graphql"]
    assert asked == ["GET", "POST", "PATCH"]


def test_comment_somebody_deleted_is_written_anew(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", hidden("status"))])
    fake.on("PATCH", f"{REPO}/issues/comments/3", 404, {"message": "Not Found"})
    fake.on("POST", f"{REPO}/issues/1/comments", 201, comment(4, "gptdeploy[bot]", "new"))

    assert talking.upsert_comment(1, "status", "new") == "https://example.com/c/4"


def test_comment_once_finds_what_was_written_before_a_restart(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", f"said\n{hidden('done')}")])

    assert talking.comment_once(1, "done", "said") == "https://example.com/c/3"
    assert not fake.asked("POST", REPO)


def test_own_comment_is_found_by_its_marker(fake: FakeGitHub, talking: Repository) -> None:
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [comment(3, "gptdeploy[bot]", f"?\n{hidden('questions')}")])

    assert talking.comment_id(1, "questions") == 3
    assert talking.comment_id(1, "another") is None


def test_only_what_people_said_after_a_comment_is_read(fake: FakeGitHub, talking: Repository) -> None:
    def said(number: int, login: str, kind: str) -> dict[str, Any]:
        return {**comment(number, login, f"comment {number}"), "user": {"login": login, "type": kind}}

    before, asked = said(1, "octo", "User"), said(2, "gptdeploy[bot]", "Bot")
    answers = [said(4, "octo", "User"), said(5, "ci[bot]", "Bot"), said(6, "visitor", "User")]
    gone = {**said(7, "", "User"), "user": None}
    # What the bot writes with a ready token is a person's to GitHub.
    own = said(8, "gptdeploy[bot]", "User")
    fake.on("GET", f"{REPO}/issues/1/comments", 200, [before, asked, *answers, gone, own])

    found = talking.comments_after(1, 2)

    assert [(answer.id, answer.author, answer.body) for answer in found] == [
        (4, "octo", "comment 4"),
        (6, "visitor", "comment 6"),
        (7, "ghost", "comment 7"),
    ]
    assert fake.asked("GET") == fake.asked("GET", f"{REPO}/issues/1/comments")


# Labels


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
    with pytest.raises(Rejected, match="Accept the permissions"):
        repository.remove_label(1, "kept")


# Workflow runs


def failed_run(attempt: int = 1) -> WorkflowRun:
    return WorkflowRun(id=9, attempt=attempt, head_sha=SHA, status="completed", conclusion="failure", url="")


def test_failed_jobs_run_again_once_an_attempt(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/actions/runs/9", 200, {"id": 9, "run_attempt": 1})
    fake.on("GET", f"{REPO}/actions/runs/9", 200, {"id": 9, "run_attempt": 2})
    fake.on("POST", f"{REPO}/actions/runs/9/rerun-failed-jobs", 201, {})

    repository.rerun_failed(failed_run())
    # As a step that crashed after its request, and whose second attempt is over already.
    repository.rerun_failed(failed_run())

    assert len(fake.asked("POST")) == 1


def test_run_that_runs_again_already_is_left_alone(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/actions/runs/9", 200, {"id": 9, "run_attempt": 1})
    path = f"{REPO}/actions/runs/9/rerun-failed-jobs"
    fake.on("POST", path, 403, {"message": "This workflow run is already running"})
    fake.on("POST", path, 403, {"message": "Unable to retry this workflow run because it was created over a month ago"})

    repository.rerun_failed(failed_run())
    with pytest.raises(Rejected, match="over a month ago"):
        repository.rerun_failed(failed_run())


# Commits

HEAD = {"data": {"repository": {"id": "R_1", "defaultBranchRef": {"name": "main", "target": {"oid": SHA}}}}}
STALE = {"type": "STALE_DATA", "message": "Expected branch to point to x but it did not. Pull and try again."}
EXISTS = {"type": "UNPROCESSABLE", "message": 'A ref named "refs/heads/b" already exists in the repository.'}


def head_is(fake: FakeGitHub, sha: str, message: str) -> None:
    fake.on("GET", f"{REPO}/git/ref/heads/b", 200, {"ref": "refs/heads/b", "object": {"sha": sha}})
    fake.on("GET", f"{REPO}/git/commits/{sha}", 200, {"sha": sha, "message": message})


def test_branch_starts_with_one_mutation(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": {"ref": {"id": "x"}}, "commit": {"commit": {"oid": OTHER}}}})

    sha = repository.start_branch("b", NewCommit("Add qr\n\nGPT-Deploy-Issue: 1", {"a.py": "ü"}, "c1"))

    assert sha == OTHER
    _, mutation = fake.requests
    variables = mutation.body["variables"]
    assert variables["ref"] == {"repositoryId": "R_1", "name": "refs/heads/b", "oid": SHA}
    assert variables["commit"]["expectedHeadOid"] == SHA
    assert variables["commit"]["message"] == {
        "headline": "Add qr",
        "body": "GPT-Deploy-Issue: 1\n\nGPT-Deploy-Commit: c1",
    }
    assert variables["commit"]["fileChanges"]["additions"] == [{"path": "a.py", "contents": "w7w="}]


def test_bytes_are_committed_as_they_are(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"data": {"commit": {"commit": {"oid": OTHER}}}})

    repository.commit("b", SHA, NewCommit("Add a picture", {"a.png": b"\x89\0\xff", "b": "\n"}, "c1"))

    (mutation,) = fake.requests
    assert mutation.body["variables"]["commit"]["fileChanges"]["additions"] == [
        {"path": "a.png", "contents": "iQD/"},
        {"path": "b", "contents": "Cg=="},
    ]


def test_branch_of_an_earlier_try_is_adopted(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": None, "commit": None}, "errors": [EXISTS, STALE]})
    head_is(fake, OTHER, "Add qr\n\nGPT-Deploy-Commit: c1")

    assert repository.start_branch("b", NewCommit("Add qr", {}, "c1")) == OTHER


def test_branch_that_never_got_its_commit_gets_it(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": None, "commit": {"commit": {"oid": OTHER}}}, "errors": [EXISTS]})

    assert repository.start_branch("b", NewCommit("Add qr", {}, "c1")) == OTHER


@pytest.mark.parametrize("message", ["A person's fix", "quotes GPT-Deploy-Commit: c1", "GPT-Deploy-Commit: c10"])
def test_somebody_elses_push_is_never_overwritten(fake: FakeGitHub, repository: Repository, message: str) -> None:
    fake.on_graphql({"data": {"commit": None}, "errors": [STALE]})
    head_is(fake, OTHER, message)

    with pytest.raises(HeadMoved, match="/retry"):
        repository.commit("b", SHA, NewCommit("Fix", {"a.py": ""}, "c1"))


def test_own_commit_whose_answer_was_lost_is_adopted(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({}, 502)
    fake.on_graphql({"data": {"commit": None}, "errors": [STALE]})
    head_is(fake, OTHER, "Fix\n\nGPT-Deploy-Commit: c1")

    with pytest.raises(TransientError):
        repository.commit("b", SHA, NewCommit("Fix", {}, "c1"))
    assert repository.commit("b", SHA, NewCommit("Fix", {}, "c1")) == OTHER


def test_graphql_limit_is_transient(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]})

    with pytest.raises(TransientError) as limited:
        repository.commit("b", SHA, NewCommit("Fix", {}, "c1"))

    assert limited.value.retry_after == 60


def test_graphql_refusal_reaches_the_person(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]})

    with pytest.raises(Rejected, match="Accept the permissions"):
        repository.commit("b", SHA, NewCommit("Fix", {}, "c1"))


def test_empty_repository_gets_no_branch(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"data": {"repository": {"id": "R_1", "defaultBranchRef": None}}})

    with pytest.raises(UserError, match="push a first commit"):
        repository.start_branch("b", NewCommit("Add qr", {}, "c1"))


# Pull requests


def test_new_branch_is_not_searched_for_a_pull_request(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": {"ref": {"id": "x"}}, "commit": {"commit": {"oid": OTHER}}}})
    fake.on("GET", REPO, 200, {"default_branch": "main"})
    fake.on("POST", f"{REPO}/pulls", 502, {})
    fake.on("GET", f"{REPO}/pulls", 200, [pull()])
    repository.start_branch("b", NewCommit("Add qr", {}, "c1"))

    with pytest.raises(TransientError):
        repository.ensure_pull("b", "title", "body")
    assert not fake.asked("GET", f"{REPO}/pulls")

    # The answer was lost and not the request: the next try has to look.
    assert repository.ensure_pull("b", "title", "body").number == 7
    assert len(fake.asked("POST", f"{REPO}/pulls")) == 1


def test_merge_names_the_tested_sha(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/pulls/7", 200, pull())
    fake.on("PUT", f"{REPO}/pulls/7/merge", 200, {"sha": OTHER, "merged": True, "message": "ok"})

    assert repository.merge_pull(7, SHA, "title", "message") == OTHER
    assert fake.asked("PUT")[0].body == {
        "sha": SHA,
        "merge_method": "squash",
        "commit_title": "title",
        "commit_message": "message",
    }


def test_merged_pull_counts_as_merged(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/pulls/7", 200, pull(state="closed", merged_at="2026-01-01T00:00:00Z"))
    fake.on("PUT", f"{REPO}/pulls/7/merge", 405, {"message": "Pull Request is not mergeable"})

    assert repository.merge_pull(7, SHA, "title", "message") == OTHER


@pytest.mark.parametrize(
    ("status", "message", "mergeable", "expected"),
    [
        (405, "Pull Request is not mergeable", False, UserError),
        (405, "Pull Request is not mergeable", None, TransientError),
        (405, "Base branch was modified. Review and try the merge again.", True, TransientError),
        (409, "Head branch was modified. Review and try the merge again.", True, UserError),
    ],
)
def test_refused_merge(
    fake: FakeGitHub,
    repository: Repository,
    status: int,
    message: str,
    mergeable: bool | None,
    expected: type[Exception],
) -> None:
    fake.on("GET", f"{REPO}/pulls/7", 200, pull(mergeable=mergeable))
    fake.on("PUT", f"{REPO}/pulls/7/merge", status, {"message": message})

    with pytest.raises(expected, match=message.rstrip(".")):
        repository.merge_pull(7, SHA, "title", "message")


def test_pull_opened_by_an_earlier_try_is_found_by_its_branch(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/pulls", 200, [pull(state="closed")])

    found = repository.ensure_pull("gptdeploy/1-0123abcd/1-x", "title", "body")

    assert (found.number, found.state, found.merge_sha) == (7, "closed", None)
    assert "head=octo%3Agptdeploy%2F1-0123abcd%2F1-x" in fake.requests[0].query
    assert "state=all" in fake.requests[0].query


def test_pull_the_list_does_not_show_yet_is_adopted(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/pulls", 200, [])
    fake.on("GET", f"{REPO}/pulls", 200, [pull()])
    fake.on("GET", REPO, 200, {"default_branch": "main"})
    exists = {"message": "Validation Failed", "errors": [{"message": "A pull request already exists for octo:b."}]}
    fake.on("POST", f"{REPO}/pulls", 422, exists)

    assert repository.ensure_pull("b", "title", "body").number == 7
