"""Merges as the client orders them, and what it makes of the hub's refusals, which are in GitHub's words."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.github import HeadMoved, MergeText, NewCommit, Rejected, Repository
from bot.foreign import Markdown, Plain
from bot.hub.state import BranchRules
from bot.values.github import MergeRefusal, Obstacle
from tests.contract.client.steps import BRANCH, BUILD, MESSAGE, finished, opened
from tests.contract.client.test_reviews import PATH, review
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World
from tests.contract.merging import add_ruleset, protect
from tests.contract.reviewing import commit

TEXT = MergeText(Plain("Add qr"), Plain(MESSAGE))


def settings(world: World, **data: bool) -> None:
    world.as_person("octo").rest.repos.update(OWNER, NAME, data=data)


def refusal(repository: Repository, number: int, sha: str) -> MergeRefusal:
    outcome = repository.try_merge(number, sha, TEXT)
    assert outcome.refusal is not None
    return outcome.refusal


def test_state_of_what_can_be_merged(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    finished(world, repository, BUILD, sha)

    before = repository.merge_state(number)
    merged = repository.try_merge(number, sha, TEXT).sha
    after = repository.merge_state(number)

    assert (before.state, before.mergeable, before.status, before.decision) == ("open", True, "clean", None)
    assert (before.methods, before.head_sha, before.merge_sha) == (("squash", "merge", "rebase"), sha, None)
    assert (before.auto_merge_allowed, before.auto_merge, before.queue, before.unresolved) == (False, False, False, 0)
    assert (after.state, after.merge_sha) == ("merged", merged)
    assert repository.pull(number).author == "gptdeploy[bot]"


@pytest.mark.parametrize(
    ("rules", "obstacles"),
    [
        ({"approvals": 1}, [Obstacle.REVIEW]),
        ({"checks": ("lint",)}, [Obstacle.CHECK]),
        ({"conversations": True}, [Obstacle.CONVERSATIONS]),
        ({"approvals": 1, "checks": ("lint",), "conversations": True}, [Obstacle.CHECK, Obstacle.REVIEW,
                                                                        Obstacle.CONVERSATIONS]),
        ({"merge_queue": True}, [Obstacle.QUEUE]),
        ({"approvals": 2, "merge_queue": True}, [Obstacle.QUEUE, Obstacle.REVIEW]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("as_ruleset", [False, True], ids=["protection", "ruleset"])
def test_what_rules_ask_for(
    world: World, repository: Repository, rules: dict[str, Any], obstacles: list[Obstacle], as_ruleset: bool
) -> None:
    number, sha = opened(world, repository)
    review(world, number, event="COMMENT", comments=[{"path": PATH, "line": 1, "body": "why?"}])
    (add_ruleset if as_ruleset or "merge_queue" in rules else protect)(world, **rules)

    refused = refusal(repository, number, sha)

    assert list(refused.obstacles) == obstacles
    state = repository.merge_state(number)
    assert (state.status, state.unresolved, state.queue) == ("blocked", 1, "merge_queue" in rules)
    assert state.checks == rules.get("checks", ())


def test_allowed_method_is_taken(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    settings(world, allow_squash_merge=False)

    assert repository.try_merge(number, sha, TEXT, "squash").refusal == MergeRefusal(
        obstacles=(Obstacle.METHOD,),
        reason="Squash merges are not allowed on this repository",
        methods=("merge", "rebase"),
    )
    merged = repository.try_merge(number, sha, TEXT).sha

    assert merged is not None
    (made,) = world.hub.repository(REPOSITORY).git.log(merged, 1)
    assert (made.message, len(made.parents)) == (f"Add qr\n\n{MESSAGE}", 2)
    assert [found.number for found in repository.pulls_with_commit(merged)] == [number]


def test_another_head_and_conflicts_are_told_apart(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    assert refusal(repository, number, "0" * 40).obstacles == (Obstacle.MOVED,)
    commit(world, "main", {PATH: "theirs\n"})
    assert refusal(repository, number, sha).obstacles == (Obstacle.CONFLICT,)
    assert repository.merge_state(number).mergeable is False
    repository.close_pull(number, Markdown("Given up."))
    assert refusal(repository, number, sha).first is Obstacle.OTHER


def test_branch_that_is_behind_is_updated(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    protect(world, checks=("build",), strict=True)
    finished(world, repository, BUILD, sha)
    repository.update_branch(number, sha)
    assert repository.head(BRANCH) == sha
    commit(world, "main", {"README.md": "# Changed\n"})

    assert refusal(repository, number, sha).obstacles == (Obstacle.BEHIND,)
    with pytest.raises(HeadMoved):
        repository.update_branch(number, "0" * 40)
    repository.update_branch(number, sha)

    after = repository.pull(number).head_sha
    assert after != sha
    finished(world, repository, BUILD, after)
    assert repository.try_merge(number, after, TEXT).sha is not None


def test_branch_with_conflicts_cannot_be_updated(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    commit(world, "main", {PATH: "theirs\n"})

    with pytest.raises(Rejected, match="merge conflict"):
        repository.update_branch(number, sha)


def test_merge_waits_for_the_review_where_auto_merge_is_on(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    finished(world, repository, BUILD, sha)
    with pytest.raises(Rejected, match="Auto merge is not allowed"):
        repository.enable_auto_merge(number, sha, TEXT)
    settings(world, allow_auto_merge=True)
    assert repository.enable_auto_merge(number, sha, TEXT) is False
    protect(world, approvals=1)

    assert [repository.enable_auto_merge(number, sha, TEXT) for _ in range(2)] == [True, True]
    assert repository.merge_state(number).auto_merge
    review(world, number, event="APPROVE")

    state = repository.merge_state(number)
    assert (state.state, state.decision) == ("merged", "approved")
    assert repository.try_merge(number, sha, TEXT).sha == state.merge_sha


def test_merge_goes_through_the_queue(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    with pytest.raises(Rejected, match="No merge queue"):
        repository.enqueue(number, sha)
    with world.hub.parts.state.lock:
        world.hub.repository(REPOSITORY).rulesets["main"] = BranchRules(merge_queue=True)

    repository.enqueue(number, sha)

    assert repository.merge_state(number).state == "merged"


def test_push_of_a_person_shows(world: World, repository: Repository) -> None:
    number, sha = opened(world, repository)
    theirs = commit(world, BRANCH, {PATH: "mine = 1\n"})

    assert repository.pull(number).head_sha == theirs
    assert refusal(repository, number, sha).obstacles == (Obstacle.MOVED,)
    with pytest.raises(HeadMoved):
        repository.commit(BRANCH, sha, NewCommit(Plain("Fix"), {PATH: "x = 1\n"}, "c1"))
