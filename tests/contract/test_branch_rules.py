"""The rules of branches: what GitHub refuses because of them, in its words."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from githubkit.exception import GraphQLFailed

from bot.hub.act import WorkflowOrder
from bot.hub.state import BranchRules
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.merging import (
    CONVERSATION,
    REVIEW_MISSING,
    add_ruleset,
    built,
    merge,
    number,
    protect,
    situation,
    state_of,
)
from tests.contract.reviewing import RESOLVE, commit, review
from tests.contract.test_pulls import COMMIT, commit_input, head_of, start

__all__ = ["number"]


def test_protection_is_written_by_admins_and_hinted_at_to_everybody(world: World) -> None:
    repos = world.as_person("octo").rest.repos
    data = {
        "required_status_checks": {"strict": True, "contexts": ["build"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 2, "dismiss_stale_reviews": True},
        "restrictions": None,
        "required_conversation_resolution": True,
    }
    assert refused(lambda: repos.get_branch_protection(OWNER, NAME, "main")) == (404, "Branch not protected")
    repos.update_branch_protection(OWNER, NAME, "main", data=data)

    read = repos.get_branch_protection(OWNER, NAME, "main").parsed_data
    assert read.required_pull_request_reviews.required_approving_review_count == 2
    assert (read.required_status_checks.contexts, read.required_status_checks.strict) == (["build"], True)
    bots = world.as_bot().rest.repos
    assert refused(lambda: bots.get_branch_protection(OWNER, NAME, "main")) == (
        403,
        "Resource not accessible by integration",
    )
    assert refused(lambda: world.as_person("visitor").rest.repos.get_branch_protection(OWNER, NAME, "main")) == (
        403,
        "Must have admin rights to Repository.",
    )
    branch = bots.get_branch(OWNER, NAME, "main").parsed_data
    assert (branch.protected, branch.protection.required_status_checks.contexts) == (True, ["build"])
    assert bots.get_branch_rules(OWNER, NAME, "main").parsed_data == []
    add_ruleset(world, approvals=1, checks=("build",), merge_queue=True)
    assert [rule.type for rule in bots.get_branch_rules(OWNER, NAME, "main").parsed_data] == [
        *("deletion", "non_fast_forward", "pull_request", "required_status_checks", "merge_queue"),
    ]
    repos.delete_branch_protection(OWNER, NAME, "main")
    assert refused(lambda: repos.delete_branch_protection(OWNER, NAME, "main"))[0] == 404


def test_review_is_required_of_people_who_may_write(world: World, number: int) -> None:
    protect(world, approvals=1)
    built(world)

    assert refused(lambda: merge(world, number)) == (405, REVIEW_MISSING)
    assert state_of(world, number) == "blocked"
    review(world, number, "visitor", event="APPROVE")
    assert refused(lambda: merge(world, number)) == (405, REVIEW_MISSING)
    review(world, number, "octo", event="REQUEST_CHANGES", body="No")
    review(world, number, "mona", event="APPROVE")
    assert refused(lambda: merge(world, number)) == (405, "Changes have been requested.")
    assert situation(world, number)["pullRequest"]["reviewDecision"] == "CHANGES_REQUESTED"
    review(world, number, "octo", event="APPROVE")
    review(world, number, "octo", event="COMMENT", body="by the way")
    assert (state_of(world, number), situation(world, number)["pullRequest"]["reviewDecision"]) == ("clean", "APPROVED")
    assert merge(world, number).merged


def test_admins_are_let_through_unless_the_rules_hold_for_them(world: World, number: int) -> None:
    protect(world, approvals=1, enforce_admins=True)
    assert refused(lambda: merge(world, number, "octo")) == (405, REVIEW_MISSING)
    protect(world, approvals=1)
    assert refused(lambda: merge(world, number, "mona")) == (405, REVIEW_MISSING)
    assert refused(lambda: merge(world, number, "visitor"))[0] == 403
    assert merge(world, number, "octo").merged


def test_a_push_takes_approvals_back_where_the_rules_say_so(world: World, number: int) -> None:
    protect(world, approvals=1, dismiss_stale=True)
    review(world, number, event="APPROVE")
    commit(world, "bot/x", {"services/x/more.py": "y = 2\n"})

    (found,) = world.as_bot().rest.pulls.list_reviews(OWNER, NAME, number).parsed_data
    assert found.state == "DISMISSED"
    assert ("pull_request_review", "dismissed") in world.events()
    assert refused(lambda: merge(world, number)) == (405, REVIEW_MISSING)


def test_checks_are_required(world: World) -> None:
    go = threading.Event()

    def slow(_: WorkflowOrder) -> tuple[str, str]:
        assert go.wait(10)
        return "failure", "no luck"

    world.runner.script = slow
    protect(world, checks=("build", "lint"))
    start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    data = {"title": "X", "head": "bot/x", "base": "main"}
    number = world.as_bot().rest.pulls.create(OWNER, NAME, data=data).parsed_data.number

    (run,) = world.hub.repository(REPOSITORY).workflow_runs
    assert world.hub.parts.state.wait_for(lambda: bool(run.latest.jobs), 10)
    assert refused(lambda: merge(world, number)) == (
        405,
        "2 of 2 required status checks have not succeeded: 1 in progress and 1 expected.",
    )
    go.set()
    built(world)
    assert refused(lambda: merge(world, number)) == (
        405,
        "2 of 2 required status checks have not succeeded: 1 failing and 1 expected.",
    )
    protect(world, checks=("lint", "test"))
    assert refused(lambda: merge(world, number)) == (405, "2 of 2 required status checks are expected.")
    protect(world, checks=("build",))
    assert refused(lambda: merge(world, number)) == (405, 'Required status check "build" is failing.')
    assert state_of(world, number) == "blocked"
    protect(world)
    assert state_of(world, number) == "unstable"
    protect(world, checks=("build",))
    world.runner.script = lambda _: ("success", "luck")
    world.as_bot().rest.actions.re_run_workflow_failed_jobs(OWNER, NAME, run.id)
    built(world)
    assert state_of(world, number) == "clean"
    assert merge(world, number).merged


def test_conversations_have_to_be_resolved(world: World, number: int) -> None:
    protect(world, conversations=True)
    path = "services/x/executor.py"
    review(world, number, event="COMMENT", comments=[{"path": path, "line": 1, "body": "why?"}])

    assert refused(lambda: merge(world, number)) == (405, CONVERSATION)
    (thread,) = world.hub.repository(REPOSITORY).pulls()[0].threads
    world.as_person("octo").graphql(RESOLVE, {"id": f"PRRT_{thread.id}"})
    assert merge(world, number).merged


def test_rulesets_refuse_in_their_own_words(world: World, number: int) -> None:
    cases = json.loads((Path(__file__).parents[1] / "data/merge_refusals.json").read_text())
    add_ruleset(world, merge_queue=True)
    assert refused(lambda: merge(world, number)) == (405, cases["messages"][2])
    assert refused(lambda: merge(world, number, "octo")) == (405, cases["messages"][2])
    add_ruleset(world, approvals=1, conversations=True)
    assert refused(lambda: merge(world, number)) == (405, f"Repository rule violations found\n\n{REVIEW_MISSING}")


def test_protected_branches_change_through_pull_requests_only(world: World) -> None:
    protect(world, approvals=1)
    git = world.as_bot().rest.git
    with pytest.raises(GraphQLFailed, match="Changes must be made through a pull request"):
        world.as_bot().graphql(COMMIT, {"commit": commit_input("main", head_of(world), {"a": "1\n"})})
    assert refused(lambda: git.delete_ref(OWNER, NAME, "heads/main")) == (422, "Cannot delete this branch")
    git.create_ref(OWNER, NAME, data={"ref": "refs/heads/kept", "sha": head_of(world)})
    with world.hub.parts.state.lock:
        world.hub.repository(REPOSITORY).protections["kept"] = BranchRules()
    assert refused(lambda: git.delete_ref(OWNER, NAME, "heads/kept")) == (422, "Cannot delete this branch")
