"""Pull requests: one that an earlier try opened is found."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.github import NewCommit, Repository
from bot.errors import TransientError
from bot.foreign import Markdown, Plain
from tests.fakes.github_http import FakeGitHub

REPO = "/repos/octo/shop"
SHA = "a" * 40
OTHER = "b" * 40
HEAD = {"data": {"repository": {"id": "R_1", "defaultBranchRef": {"name": "main", "target": {"oid": SHA}}}}}


def pull(**values: Any) -> dict[str, Any]:
    ends = {"head": {"ref": "gptdeploy/1-0123abcd/1-x", "sha": SHA}, "base": {"ref": "main"}}
    return {
        **{"number": 7, "title": "QR", "state": "open", "html_url": "https://example.com/pull/7", **ends},
        **{
            "user": {"login": "gptdeploy[bot]"},
            "merged_at": None,
            "merge_commit_sha": OTHER,
            "mergeable": True,
            "body": None,
            "labels": [],
        },
        **values,
    }


def test_new_branch_is_not_searched_for_a_pull_request(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(HEAD)
    fake.on_graphql({"data": {"ref": {"ref": {"id": "x"}}, "commit": {"commit": {"oid": OTHER}}}})
    fake.on("POST", f"{REPO}/pulls", 502, {})
    fake.on("GET", f"{REPO}/pulls", 200, [pull()])
    repository.start_branch("b", NewCommit(Plain("Add qr"), {}, "c1"))

    with pytest.raises(TransientError):
        repository.ensure_pull("b", Plain("title"), Markdown("body"))
    assert not fake.asked("GET", f"{REPO}/pulls")

    # The answer was lost and not the request: the next try has to look.
    assert repository.ensure_pull("b", Plain("title"), Markdown("body")).number == 7
    (sent,) = fake.asked("POST", f"{REPO}/pulls")
    # What it goes to was in the answer of the query for the head.
    assert sent.body["base"] == "main"
    assert [request.path for request in fake.asked("GET")] == [f"{REPO}/pulls"]


def test_pull_opened_by_an_earlier_try_is_found_by_its_branch(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/pulls", 200, [pull(state="closed")])

    existing = repository.ensure_pull("gptdeploy/1-0123abcd/1-x", Plain("title"), Markdown("body"))

    assert (existing.number, existing.state, existing.merge_sha) == (7, "closed", None)
    assert "head=octo%3Agptdeploy%2F1-0123abcd%2F1-x" in fake.requests[0].query
    assert "state=all" in fake.requests[0].query


def test_pull_the_list_does_not_show_yet_is_adopted(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/pulls", 200, [])
    fake.on("GET", f"{REPO}/pulls", 200, [pull()])
    fake.on("GET", REPO, 200, {"default_branch": "main"})
    exists = {"message": "Validation Failed", "errors": [{"message": "A pull request already exists for octo:b."}]}
    fake.on("POST", f"{REPO}/pulls", 422, exists)

    assert repository.ensure_pull("b", Plain("title"), Markdown("body")).number == 7
