"""Merging and the rules of branches: what GitHub refuses, in its words, and what it does by itself later."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from githubkit.exception import GraphQLFailed

from bot.hub.act import WorkflowOrder
from bot.hub.state import BranchRules
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_pulls import COMMIT, commit_input, head_of, start
from tests.contract.test_reviews import RESOLVE, commit, review

REVIEW_MISSING = "At least 1 approving review is required by reviewers with write access."
CONVERSATION = "A conversation must be resolved before this pull request can be merged."
SITUATION = """
query Situation($o: String!, $n: String!, $number: Int!) {
  repository(owner: $o, name: $n) {
    squashMergeAllowed mergeCommitAllowed rebaseMergeAllowed autoMergeAllowed viewerPermission
    pullRequest(number: $number) {
      id mergeable mergeStateStatus reviewDecision isMergeQueueEnabled viewerCanEnableAutoMerge viewerCanUpdateBranch
      autoMergeRequest { mergeMethod enabledBy { login } }
      baseRef { refUpdateRule { requiredApprovingReviewCount requiredStatusCheckContexts viewerCanPush } }
    }
  }
}
"""
AUTO = """
mutation A($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}
"""
QUEUE = "mutation Q($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { mergeQueueEntry { id } } }"


@pytest.fixture
def number(world: World) -> int:
    """The number of a pull request of the bot's, whose build waits for `world.runner.script`."""
    world.hub.add_collaborator(REPOSITORY, "mona", "write")
    start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    data = {"title": "X", "body": "", "head": "bot/x", "base": "main"}
    return int(world.as_bot().rest.pulls.create(OWNER, NAME, data=data).parsed_data.number)


def protect(world: World, **rules: Any) -> None:
    with world.hub.parts.state.lock:
        world.hub.repository(REPOSITORY).protections["main"] = BranchRules(**rules)


def add_ruleset(world: World, **rules: Any) -> None:
    with world.hub.parts.state.lock:
        world.hub.repository(REPOSITORY).rulesets["main"] = BranchRules(**rules)


def merge(world: World, number: int, login: str = "", **data: Any) -> Any:
    client = world.as_person(login) if login else world.as_bot()
    return client.rest.pulls.merge(OWNER, NAME, number, data=data).parsed_data


def state_of(world: World, number: int) -> str:
    return str(world.as_bot().rest.pulls.get(OWNER, NAME, number).parsed_data.mergeable_state)


def situation(world: World, number: int) -> dict[str, Any]:
    answer = world.as_bot().graphql(SITUATION, {"o": OWNER, "n": NAME, "number": number})
    return dict(answer["repository"])


def built(world: World) -> None:
    runs = world.hub.repository(REPOSITORY).workflow_runs
    assert world.hub.parts.state.wait_for(lambda: bool(runs) and all(run.latest.conclusion for run in runs), 10)


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


def test_rulesets_refuse_in_their_own_words(world: World, number: int) -> None:
    cases = json.loads((Path(__file__).parents[1] / "data/merge_refusals.json").read_text())
    add_ruleset(world, merge_queue=True)
    assert refused(lambda: merge(world, number)) == (405, cases["messages"][2])
    assert refused(lambda: merge(world, number, "octo")) == (405, cases["messages"][2])
    add_ruleset(world, approvals=1, conversations=True)
    assert refused(lambda: merge(world, number)) == (405, f"Repository rule violations found\n\n{REVIEW_MISSING}")


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
