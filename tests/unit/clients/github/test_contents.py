"""Branches and commits: what an earlier try left is adopted, and nobody else's push is overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.github import HeadMoved, NewCommit, Rejected, Repository
from bot.errors import TransientError, Unavailable, UserError
from bot.foreign import Plain
from bot.values.overview import Base
from tests.fakes.github_http import FakeGitHub

REPO = "/repos/octo/shop"
SHA = "a" * 40
OTHER = "b" * 40


REPOSITORY: dict[str, Any] = {"id": "R_1", "defaultBranchRef": {"name": "main", "target": {"oid": SHA}}}
HEAD = {"data": {"repository": REPOSITORY}}


STALE = {"type": "STALE_DATA", "message": "Expected branch to point to x but it did not. Pull and try again."}


EXISTS = {"type": "UNPROCESSABLE", "message": 'A ref named "refs/heads/b" already exists in the repository.'}


def head_is(fake: FakeGitHub, sha: str, message: str) -> None:
    fake.on("GET", f"{REPO}/git/ref/heads/b", 200, {"ref": "refs/heads/b", "object": {"sha": sha}})
    fake.on("GET", f"{REPO}/git/commits/{sha}", 200, {"sha": sha, "message": message})


def test_branch_starts_with_one_mutation(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": {"ref": {"id": "x"}}, "commit": {"commit": {"oid": OTHER}}}})

    sha = repository.start_branch("b", NewCommit(Plain("Add qr\n\nGPT-Deploy-Issue: 1"), {"a.py": "ü"}, "c1"))

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


def test_a_branch_may_begin_where_the_head_was_read_before(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"data": {"commit": {"commit": {"oid": OTHER}}}})
    base = Base(repository="R_1", branch="trunk", sha=SHA)

    assert repository.start_branch("b", NewCommit(Plain("Add qr"), {"a.py": ""}, "c1"), base) == OTHER
    (mutation,) = fake.requests
    assert mutation.body["variables"]["ref"] == {"repositoryId": "R_1", "name": "refs/heads/b", "oid": SHA}
    assert mutation.body["variables"]["commit"]["expectedHeadOid"] == SHA
    assert repository.default_branch() == "trunk"


def test_bytes_are_committed_as_they_are(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"data": {"commit": {"commit": {"oid": OTHER}}}})

    repository.commit("b", SHA, NewCommit(Plain("Add a picture"), {"a.png": b"\x89\0\xff", "b": "\n"}, "c1"))

    (mutation,) = fake.requests
    assert mutation.body["variables"]["commit"]["fileChanges"]["additions"] == [
        {"path": "a.png", "contents": "iQD/"},
        {"path": "b", "contents": "Cg=="},
    ]


def test_branch_of_an_earlier_try_is_adopted(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": None, "commit": None}, "errors": [EXISTS, STALE]})
    head_is(fake, OTHER, "Add qr\n\nGPT-Deploy-Commit: c1")

    assert repository.start_branch("b", NewCommit(Plain("Add qr"), {}, "c1")) == OTHER


def test_branch_that_never_got_its_commit_gets_it(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": None, "commit": {"commit": {"oid": OTHER}}}, "errors": [EXISTS]})

    assert repository.start_branch("b", NewCommit(Plain("Add qr"), {}, "c1")) == OTHER


@pytest.mark.parametrize("message", ["A person's fix", "quotes GPT-Deploy-Commit: c1", "GPT-Deploy-Commit: c10"])
def test_somebody_elses_push_is_never_overwritten(fake: FakeGitHub, repository: Repository, message: str) -> None:
    fake.on_graphql({"data": {"commit": None}, "errors": [STALE]})
    head_is(fake, OTHER, message)

    with pytest.raises(HeadMoved, match="/retry"):
        repository.commit("b", SHA, NewCommit(Plain("Fix"), {"a.py": ""}, "c1"))


def test_own_commit_whose_answer_was_lost_is_adopted(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({}, 502)
    fake.on_graphql({"data": {"commit": None}, "errors": [STALE]})
    head_is(fake, OTHER, "Fix\n\nGPT-Deploy-Commit: c1")

    with pytest.raises(TransientError):
        repository.commit("b", SHA, NewCommit(Plain("Fix"), {}, "c1"))
    assert repository.commit("b", SHA, NewCommit(Plain("Fix"), {}, "c1")) == OTHER


def test_graphql_limit_is_transient(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]})

    with pytest.raises(TransientError) as limited:
        repository.commit("b", SHA, NewCommit(Plain("Fix"), {}, "c1"))

    assert limited.value.retry_after == 60


def test_graphql_refusal_reaches_the_person(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]})

    with pytest.raises(Unavailable, match="Accept the permissions"):
        repository.commit("b", SHA, NewCommit(Plain("Fix"), {}, "c1"))


def test_empty_repository_gets_no_branch(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"data": {"repository": {"id": "R_1", "defaultBranchRef": None}}})

    with pytest.raises(UserError, match="push a first commit"):
        repository.start_branch("b", NewCommit(Plain("Add qr"), {}, "c1"))


OVERVIEW: dict[str, Any] = {
    "defaults": None,
    "repository": {
        **REPOSITORY,
        "config": {"text": "fixes: 3\n"},
        "rules": None,
        "pullRequests": {"totalCount": 2},
        "services": None,
        **{"build": None, "deploy": {"text": "on: workflow_dispatch\n"}},
        "issue": {
            **{"number": 1, "title": "t", "body": "b", "state": "OPEN", "locked": False, "url": "u", "author": None},
            **{"labels": {"nodes": []}, "comments": {"totalCount": 1}},
        },
    },
}
NO_DEFAULTS = {"type": "NOT_FOUND", "path": ["defaults"], "message": "Could not resolve to a Repository"}
NO_ISSUE = {"type": "NOT_FOUND", "path": ["repository", "issue"], "message": "Could not resolve to an Issue"}


@pytest.mark.parametrize("kind", ["NOT_FOUND", "FORBIDDEN"])
def test_an_owner_without_defaults_has_none(fake: FakeGitHub, repository: Repository, kind: str) -> None:
    fake.on_graphql({"data": OVERVIEW, "errors": [{**NO_DEFAULTS, "type": kind}]})
    overview = repository.overview(1)
    assert overview.base == Base(repository="R_1", branch="main", sha=SHA)
    assert (overview.config, overview.owner_config, overview.owner_house_rules) == ("fixes: 3\n", "", "")


def test_what_else_is_missing_is_said_alone(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql({"data": {"defaults": None, "repository": {"issue": None}}, "errors": [NO_DEFAULTS, NO_ISSUE]})
    with pytest.raises(Rejected, match="Could not resolve to an Issue") as refused:
        repository.overview(1)
    assert refused.value.status == 404
    assert "Repository" not in refused.value.reason


def test_defaults_that_did_not_come_are_not_taken_for_none(fake: FakeGitHub, repository: Repository) -> None:
    broken = {"path": ["defaults", "config"], "message": "Something went wrong while executing your query."}
    fake.on_graphql({"data": OVERVIEW, "errors": [broken]})
    with pytest.raises(TransientError):
        repository.overview(1)
