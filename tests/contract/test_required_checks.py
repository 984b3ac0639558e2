"""What check runs come to for a merge, and for the commit as a whole."""

from __future__ import annotations

from typing import Any

from bot.hub.judgement import merge_state
from bot.hub.pulls import find_pull
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.merging import protect
from tests.contract.test_checks import NOTE, PATH, create, output, sha
from tests.contract.test_pulls import head_of

__all__ = ["sha"]


def test_required_check_run_is_asked_for_until_it_is_green(world: World, sha: str) -> None:
    protect(world, checks=("build", "gptdeploy"), enforce_admins=True)
    pulls = world.as_bot().rest.pulls
    merge = {"sha": sha, "merge_method": "squash"}

    def refusal() -> tuple[int, str]:
        return refused(lambda: pulls.merge(OWNER, NAME, 1, data=merge))

    assert refusal() == (405, 'Required status check "gptdeploy" is expected.')
    run = create(world, sha, status="in_progress")
    assert refusal() == (405, 'Required status check "gptdeploy" is in progress.')
    world.as_bot().rest.checks.update(OWNER, NAME, run.id, data={"conclusion": "failure"})
    assert refusal() == (405, 'Required status check "gptdeploy" is failing.')
    create(world, sha, conclusion="success")
    assert pulls.merge(OWNER, NAME, 1, data=merge).parsed_data.merged


def test_auto_merge_follows_a_check_run(world: World, sha: str) -> None:
    protect(world, checks=("gptdeploy",))
    repo = world.hub.repository(REPOSITORY)
    repo.merging.auto_merge = True
    pull = find_pull(repo, 1)
    enable = "mutation E($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id}) { clientMutationId } }"
    world.as_bot().graphql(enable, {"id": f"PR_{pull.pull_id}"})
    before = head_of(world)
    create(world, sha, conclusion="success")
    assert head_of(world) != before


def test_check_run_that_nobody_requires_makes_a_pull_request_unstable(world: World, sha: str) -> None:
    repo = world.hub.repository(REPOSITORY)
    assert merge_state(repo, find_pull(repo, 1)) == "clean"
    create(world, sha, conclusion="failure")
    assert merge_state(repo, find_pull(repo, 1)) == "unstable"
    create(world, sha, conclusion="skipped")
    assert merge_state(repo, find_pull(repo, 1)) == "clean"


ROLLUP = """
query Rollup($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: 1) {
      statusCheckRollup {
        state
        contexts(first: 10) {
          totalCount checkRunCount
          nodes {
            ... on CheckRun {
              name status conclusion title isRequired(pullRequestNumber: 1)
              annotations(first: 5) { nodes { path message annotationLevel location { start { line } } } }
            }
          }
        }
      }
    }
  }
}
"""


def test_rollup_of_a_commit(world: World, sha: str) -> None:
    def rollup() -> Any:
        answer = world.as_bot().graphql(ROLLUP, {"owner": OWNER, "name": NAME})
        return answer["repository"]["pullRequest"]["statusCheckRollup"]

    assert rollup()["state"] == "SUCCESS"
    protect(world, checks=("gptdeploy",))
    run = create(world, sha, status="in_progress")
    assert rollup()["state"] == "PENDING"
    body = {"conclusion": "failure", "output": output(NOTE)}
    world.as_bot().rest.checks.update(OWNER, NAME, run.id, data=body)
    red = rollup()
    assert (red["state"], red["contexts"]["checkRunCount"]) == ("FAILURE", 2)
    assert red["contexts"]["nodes"][1] == {
        "name": "gptdeploy",
        "status": "COMPLETED",
        "conclusion": "FAILURE",
        "title": "It is red",
        "isRequired": True,
        "annotations": {
            "nodes": [
                {
                    "path": PATH,
                    "message": "NameError: <y>",
                    "annotationLevel": "FAILURE",
                    "location": {"start": {"line": 2}},
                }
            ]
        },
    }
