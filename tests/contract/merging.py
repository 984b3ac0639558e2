"""A pull request that is to be merged, and what stands in its way."""

from __future__ import annotations

from typing import Any

import pytest

from bot.hub.state import BranchRules
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World
from tests.contract.test_pulls import start

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
