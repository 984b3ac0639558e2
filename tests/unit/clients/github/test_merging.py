"""Merging: only the tested commit, and what GitHub's refusals become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.clients.github import MergeText, Repository
from bot.clients.github.refusals import read_refusal
from bot.errors import TransientError, Unavailable
from bot.foreign import Plain
from bot.values.github import MergeRefusal, MergeState, Obstacle
from tests.fakes.github_http import FakeGitHub

MERGE = "/repos/octo/shop/pulls/7/merge"
SHA = "a" * 40
OTHER = "b" * 40
TEXT = MergeText(Plain("title"), Plain("message"))
CASES = json.loads((Path(__file__).parents[3] / "data/merge_refusals.json").read_text())
MOVED = "Head branch was modified. Review and try the merge again."


def state(**values: Any) -> dict[str, Any]:
    """GitHub's answer to the question for the state of a pull request."""
    pull: dict[str, Any] = {
        **{"id": "PR_7", "state": "OPEN", "headRefOid": SHA, "mergeable": "MERGEABLE", "mergeStateStatus": "BLOCKED"},
        **{"reviewDecision": None, "isMergeQueueEnabled": False, "mergeCommit": None, "autoMergeRequest": None},
        **{"baseRef": None, "reviewThreads": {"nodes": []}},
    }
    off = values.pop("off", ())
    allowed = {f"{name}Allowed": name not in off for name in ("squashMerge", "mergeCommit", "rebaseMerge")}
    return {"data": {"repository": {**allowed, "autoMergeAllowed": False, "pullRequest": {**pull, **values}}}}


def merge_state(**values: Any) -> MergeState:
    usual: dict[str, Any] = {"node_id": "PR_7", "state": "open", "head_sha": SHA, "mergeable": True}
    return MergeState(**{**usual, "status": "blocked", **values})


def test_merge_names_the_tested_sha(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("PUT", MERGE, 200, {"sha": OTHER, "merged": True, "message": "ok"})

    assert repository.try_merge(7, SHA, TEXT).sha == OTHER
    assert fake.asked("PUT")[0].body == {
        "sha": SHA,
        "merge_method": "squash",
        "commit_title": "title",
        "commit_message": "message",
    }


def test_merged_pull_counts_as_merged(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(state(state="MERGED", mergeable="UNKNOWN", mergeCommit={"oid": OTHER}))
    fake.on("PUT", MERGE, 405, {"message": "Pull Request is not mergeable"})

    assert repository.try_merge(7, SHA, TEXT).sha == OTHER


@pytest.mark.parametrize(
    ("message", "mergeable"),
    [
        ("Pull Request is not mergeable", "UNKNOWN"),
        ("Base branch was modified. Review and try the merge again.", "MERGEABLE"),
    ],
)
def test_what_github_does_not_know_yet_is_tried_again(
    fake: FakeGitHub, repository: Repository, message: str, mergeable: str
) -> None:
    fake.on_graphql(state(mergeable=mergeable))
    fake.on("PUT", MERGE, 405, {"message": message})

    with pytest.raises(TransientError, match=message.rstrip(".")):
        repository.try_merge(7, SHA, TEXT)


@pytest.mark.parametrize(("row", "obstacle"), [(0, Obstacle.REVIEW), (1, Obstacle.METHOD), (2, Obstacle.QUEUE)])
def test_refusals_from_the_field(fake: FakeGitHub, repository: Repository, row: int, obstacle: Obstacle) -> None:
    fake.on_graphql(state(off=("squashMerge", "mergeCommit", "rebaseMerge") if obstacle is Obstacle.METHOD else ()))
    fake.on("PUT", MERGE, CASES["status"], {"message": CASES["messages"][row]})

    refusal = repository.try_merge(7, SHA, TEXT).refusal

    assert refusal is not None
    assert refusal.obstacles == (obstacle,)
    assert refusal.reason == " ".join(CASES["messages"][row].split()).rstrip(".")


def test_allowed_method_is_taken_where_squashing_is_off(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(state(off=("squashMerge",)))
    fake.on("PUT", MERGE, 405, {"message": CASES["messages"][1]})
    fake.on("PUT", MERGE, 200, {"sha": OTHER, "merged": True, "message": "ok"})

    assert repository.try_merge(7, SHA, TEXT).sha == OTHER
    assert [request.body["merge_method"] for request in fake.asked("PUT")] == ["squash", "merge"]


def test_method_that_was_asked_for_is_not_replaced(fake: FakeGitHub, repository: Repository) -> None:
    fake.on_graphql(state(off=("squashMerge",)))
    fake.on("PUT", MERGE, 405, {"message": CASES["messages"][1]})

    assert repository.try_merge(7, SHA, TEXT, "squash").refusal == MergeRefusal(
        obstacles=(Obstacle.METHOD,), reason=CASES["messages"][1].rstrip("."), methods=("merge", "rebase")
    )
    assert len(fake.asked("PUT")) == 1


def test_no_access_is_no_refused_merge(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("PUT", MERGE, 403, {"message": "Resource not accessible by integration"})

    with pytest.raises(Unavailable, match="Accept the permissions"):
        repository.try_merge(7, SHA, TEXT)


@pytest.mark.parametrize(
    ("reason", "values", "obstacles"),
    [
        ("Pull Request is not mergeable", {"status": "dirty", "mergeable": False}, ["conflict"]),
        ("Pull Request is not mergeable", {"status": "unknown"}, ["other"]),
        ("Pull Request is still a draft", {"status": "draft"}, ["other"]),
        (MOVED, {}, ["moved"]),
        ("This branch can't be rebased due to conflicts", {}, ["conflict"]),
        ("This branch can't be rebased", {}, ["method"]),
        ("Merge commits are not allowed on this repository.", {}, ["method"]),
        ("This branch must not contain merge commits.", {}, ["method"]),
        ('Required status check "build" is expected.', {}, ["check"]),
        ('Required status check "build" is expected.', {"status": "behind"}, ["behind"]),
        ("2 of 2 required status checks are expected.", {"status": "behind"}, ["behind"]),
        ("3 of 5 required status checks have not succeeded: 1 expected and 1 failing.", {}, ["check"]),
        ("Changes have been requested.", {}, ["review"]),
        ("Waiting on code owner review from octo/owners.", {}, ["review"]),
        ("New changes require approval from someone other than the last pusher.", {}, ["review"]),
        ("Repository rule violations found A conversation must be resolved before this pull request can be merged.", {},
         ["conversations"]),
        ("All comments must be resolved.", {}, ["conversations"]),
        ('Required status check "ci" is failing. At least 1 approving review is required by reviewers with write '
         "access.", {}, ["check", "review"]),
        ("Repository rule violations found Changes must be made through the merge queue At least 1 approving review is "
         "required by reviewers with write access.", {}, ["queue", "review"]),
        ("Repository rule violations found", {"decision": "review_required"}, ["review"]),
        ("Repository rule violations found", {"queue": True}, ["queue"]),
        ("Something GitHub has never said before.", {}, ["other"]),
    ],
)  # fmt: skip
def test_what_stands_in_the_way(reason: str, values: dict[str, Any], obstacles: list[str]) -> None:
    refusal = read_refusal(reason, merge_state(**values))

    assert [obstacle.value for obstacle in refusal.obstacles] == obstacles
    assert refusal.first == obstacles[0]


def test_state_is_read_as_github_words_it(fake: FakeGitHub, repository: Repository) -> None:
    rule = {"refUpdateRule": {"requiredStatusCheckContexts": ["build"]}}
    threads = {"nodes": [{"isResolved": False}, {"isResolved": True}]}
    fake.on_graphql(
        state(
            off=("mergeCommit",),
            mergeable="UNKNOWN",
            reviewDecision="REVIEW_REQUIRED",
            autoMergeRequest={"mergeMethod": "SQUASH"},
            baseRef=rule,
            reviewThreads=threads,
            isMergeQueueEnabled=True,
        )
    )

    read = repository.merge_state(7)

    assert (read.mergeable, read.status, read.decision) == (None, "blocked", "review_required")
    assert (read.auto_merge, read.queue, read.checks, read.unresolved) == (True, True, ("build",), 1)
