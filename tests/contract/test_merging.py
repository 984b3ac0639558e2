"""Merging, as GitHub does it: by each method, by a queue, and by itself later."""

from __future__ import annotations

from typing import Any

import pytest
from githubkit.exception import GraphQLFailed

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.merging import (
    REVIEW_MISSING,
    add_ruleset,
    built,
    merge,
    number,
    protect,
    situation,
    state_of,
)
from tests.contract.reviewing import commit, review
from tests.contract.test_pulls import head_of, start

__all__ = ["number"]

AUTO = """
mutation A($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}
"""
QUEUE = "mutation Q($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { mergeQueueEntry { id } } }"


def failure(world: World, mutation: str, data: dict[str, Any]) -> str:
    with pytest.raises(GraphQLFailed) as caught:
        world.as_bot().graphql(mutation, {"input": data})
    (error,) = caught.value.response.errors or []
    assert error.type == "UNPROCESSABLE"
    return str(error.message)


def test_each_method_makes_its_commits(world: World, number: int) -> None:
    base, git = head_of(world), world.hub.repository(REPOSITORY).git
    commit(world, "bot/x", {"services/x/more.py": "y = 2\n"})
    commit(world, "main", {"README.md": "# Changed\n"})
    base = head_of(world)
    built(world)

    merged = merge(world, number, merge_method="rebase").sha
    commits = git.log(f"{base}..{merged}")
    assert [(each.message, len(each.parents), each.author) for each in commits] == [
        ("By hand", 1, "octo"),
        ("Change\n\nGPT-Deploy-Commit: 1", 1, "gptdeploy[bot]"),
    ]
    assert git.show(merged, "README.md") == b"# Changed\n"

    start(world, "bot/y", {"y.py": "y\n"})
    data = {"title": "Y", "head": "bot/y", "base": "main"}
    second = world.as_bot().rest.pulls.create(OWNER, NAME, data=data).parsed_data.number
    (made,) = git.log(merge(world, second).sha, 1)
    assert made.message == f"Merge pull request #{second} from octo/bot/y\n\nY"
    assert made.parents == (merged, head_of(world, "bot/y"))
    assert world.payload("pull_request", "closed")["pull_request"]["merged_by"]["login"] == "gptdeploy[bot]"


def test_methods_that_are_off_are_refused(world: World, number: int) -> None:
    repos = world.as_person("octo").rest.repos
    repos.update(OWNER, NAME, data={"allow_squash_merge": False, "allow_rebase_merge": False})

    shown = world.as_bot().rest.repos.get(OWNER, NAME).parsed_data
    assert (shown.allow_merge_commit, shown.allow_squash_merge, shown.allow_rebase_merge) == (True, False, False)
    assert refused(lambda: merge(world, number, merge_method="squash")) == (
        405,
        "Squash merges are not allowed on this repository.",
    )
    assert refused(lambda: merge(world, number, merge_method="rebase"))[1].startswith("Rebase merges are not allowed")
    assert merge(world, number).merged
    assert not isinstance(world.as_person("visitor").rest.repos.get(OWNER, NAME).parsed_data.allow_squash_merge, bool)
    bots = world.as_bot().rest.repos
    assert refused(lambda: bots.update(OWNER, NAME, data={"allow_squash_merge": True}))[0] == 403
    assert refused(lambda: repos.update(OWNER, NAME, data={"allow_merge_commit": False}))[0] == 422


def test_branch_that_is_behind_is_brought_up_to_date(world: World, number: int) -> None:
    protect(world, checks=("build",), strict=True)
    built(world)
    pulls = world.as_bot().rest.pulls
    head = head_of(world, "bot/x")
    assert state_of(world, number) == "clean"
    assert refused(lambda: pulls.update_branch(OWNER, NAME, number)) == (
        422,
        "There are no new commits on the base branch.",
    )
    commit(world, "main", {"README.md": "# Changed\n"})

    # GitHub does not say "behind" in its refusal: it calls the checks expected, however green they are.
    assert refused(lambda: merge(world, number)) == (405, 'Required status check "build" is expected.')
    assert state_of(world, number) == "behind"
    assert situation(world, number)["pullRequest"]["viewerCanUpdateBranch"]
    stale = {"expected_head_sha": "0" * 40}
    assert refused(lambda: pulls.update_branch(OWNER, NAME, number, data=stale)) == (
        422,
        "expected head sha didn’t match current head ref.",
    )
    answer = pulls.update_branch(OWNER, NAME, number, data={"expected_head_sha": head})

    assert (answer.status_code, answer.parsed_data.message) == (202, "Updating pull request branch.")
    after = world.hub.repository(REPOSITORY).git.log(head_of(world, "bot/x"), 1)[0]
    assert after.parents == (head, head_of(world))
    assert after.message == "Merge branch 'main' into bot/x"
    assert world.payload("pull_request", "synchronize")["before"] == head
    built(world)
    assert merge(world, number, sha=after.sha).merged


def test_branch_with_conflicts_is_not_brought_up_to_date(world: World, number: int) -> None:
    commit(world, "main", {"services/x/executor.py": "theirs\n"})

    assert refused(lambda: world.as_bot().rest.pulls.update_branch(OWNER, NAME, number)) == (
        422,
        "merge conflict between base and head",
    )


def test_queue_takes_what_is_ready(world: World, number: int) -> None:
    pull_id = situation(world, number)["pullRequest"]["id"]
    assert "No merge queue found" in failure(world, QUEUE, {"pullRequestId": pull_id})
    add_ruleset(world, merge_queue=True, approvals=1)
    assert situation(world, number)["pullRequest"]["isMergeQueueEnabled"]
    assert REVIEW_MISSING in failure(world, QUEUE, {"pullRequestId": pull_id})
    review(world, number, event="APPROVE")

    world.as_bot().graphql(QUEUE, {"input": {"pullRequestId": pull_id, "expectedHeadOid": head_of(world, "bot/x")}})

    assert world.as_bot().rest.pulls.get(OWNER, NAME, number).parsed_data.merged
    assert ("pull_request", "enqueued") in world.events()


def test_auto_merge_is_refused_where_it_is_off_or_not_needed(world: World, number: int) -> None:
    built(world)
    data = {"pullRequestId": situation(world, number)["pullRequest"]["id"], "mergeMethod": "SQUASH"}
    assert failure(world, AUTO, data) == "Auto merge is not allowed for this repository"
    world.as_person("octo").rest.repos.update(OWNER, NAME, data={"allow_auto_merge": True})
    assert failure(world, AUTO, data) == "Pull request Pull request is in clean status"
    assert not situation(world, number)["pullRequest"]["viewerCanEnableAutoMerge"]


def test_auto_merge_happens_when_the_review_comes(world: World, number: int) -> None:
    protect(world, approvals=1, conversations=True)
    repos = world.as_person("octo").rest.repos
    repos.update(OWNER, NAME, data={"allow_auto_merge": True, "delete_branch_on_merge": True})
    built(world)
    read = situation(world, number)
    assert read["pullRequest"]["viewerCanEnableAutoMerge"]
    assert read["pullRequest"]["baseRef"]["refUpdateRule"] == {
        "requiredApprovingReviewCount": 1,
        "requiredStatusCheckContexts": [],
        "viewerCanPush": False,
    }
    data = {"pullRequestId": read["pullRequest"]["id"], "mergeMethod": "SQUASH", "commitHeadline": "Add x"}
    world.as_bot().graphql(AUTO, {"input": data})
    pulls = world.as_bot().rest.pulls
    assert pulls.get(OWNER, NAME, number).parsed_data.auto_merge.merge_method == "squash"

    review(world, number, event="APPROVE", body="Fine")

    merged = pulls.get(OWNER, NAME, number).parsed_data
    assert (merged.merged, merged.merged_by.login) == (True, "gptdeploy[bot]")
    assert world.hub.repository(REPOSITORY).git.log("main", 1)[0].headline == "Add x"
    assert world.hub.repository(REPOSITORY).git.head("bot/x") is None
    assert [event for event in world.events() if event[1] in ("auto_merge_enabled", "closed")] == [
        ("pull_request", "auto_merge_enabled"),
        ("pull_request", "closed"),
    ]
