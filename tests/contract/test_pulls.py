"""Branches, commits through GraphQL, pull requests and merges, as GitHub describes them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from githubkit.exception import GraphQLFailed, RequestFailed

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused

COMMIT = """
mutation Commit($commit: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $commit) { commit { oid } }
}
"""
START = """
mutation Start($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {
  ref: createRef(input: $ref) { ref { name target { oid } } }
  commit: createCommitOnBranch(input: $commit) { commit { oid } }
}
"""


def commit_input(branch: str, head: str, additions: dict[str, str], deletions: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "branch": {"repositoryNameWithOwner": REPOSITORY, "branchName": branch},
        "message": {"headline": "Change", "body": "GPT-Deploy-Commit: 1"},
        "expectedHeadOid": head,
        "fileChanges": {
            "additions": [
                {"path": path, "contents": base64.b64encode(text.encode()).decode()} for path, text in additions.items()
            ],
            "deletions": [{"path": path} for path in deletions],
        },
    }


def head_of(world: World, branch: str = "main") -> str:
    sha = world.hub.repository(REPOSITORY).git.head(branch)
    assert sha is not None
    return sha


def start(world: World, branch: str, additions: dict[str, str], deletions: tuple[str, ...] = ()) -> str:
    """Create a branch off main with one commit, as the bot does, and return the commit's sha."""
    github = world.as_bot()
    query = "query($o: String!, $n: String!) { repository(owner: $o, name: $n) { id } }"
    repository = github.graphql(query, {"o": OWNER, "n": NAME})["repository"]["id"]
    base = head_of(world)
    ref = {"repositoryId": repository, "name": f"refs/heads/{branch}", "oid": base}
    data = github.graphql(START, {"ref": ref, "commit": commit_input(branch, base, additions, deletions)})
    return str(data["commit"]["commit"]["oid"])


def test_branch_and_commit_in_one_request(world: World) -> None:
    sha = start(world, "bot/x", {"services/x/executor.py": "x = 1\n"}, ("services/one/executor.py",))

    commit = world.as_bot().rest.repos.get_commit(OWNER, NAME, sha).parsed_data
    assert head_of(world, "bot/x") == sha
    assert commit.commit.message == "Change\n\nGPT-Deploy-Commit: 1"
    assert commit.commit.author is not None
    assert commit.commit.author.name == "gptdeploy[bot]"
    assert commit.files is not None
    assert {(file.status, file.filename) for file in commit.files} == {
        ("added", "services/x/executor.py"),
        ("removed", "services/one/executor.py"),
    }
    assert world.hub.counted("gptdeploy[bot]")["content"] == 1


def test_commit_on_a_head_that_moved_is_stale(world: World) -> None:
    sha = start(world, "bot/x", {"a": "1\n"})
    github = world.as_bot()

    with pytest.raises(GraphQLFailed) as caught:
        github.graphql(COMMIT, {"commit": commit_input("bot/x", head_of(world), {"a": "2\n"})})

    (error,) = caught.value.response.errors or []
    assert error.type == "STALE_DATA"
    assert error.message == f'Expected branch to point to "{sha}" but it did not. Pull and try again.'
    assert caught.value.response.data == {"createCommitOnBranch": None}
    assert head_of(world, "bot/x") == sha


def test_ref_that_exists_is_refused_and_the_commit_still_made(world: World) -> None:
    start(world, "bot/x", {"a": "1\n"})
    git = world.as_bot().rest.git
    git.delete_ref(OWNER, NAME, "heads/bot/x")
    git.create_ref(OWNER, NAME, data={"ref": "refs/heads/bot/x", "sha": head_of(world)})

    with pytest.raises(GraphQLFailed) as caught:
        start(world, "bot/x", {"a": "1\n"})

    answer = caught.value.response
    assert [error.type for error in answer.errors or []] == ["UNPROCESSABLE"]
    assert answer.data is not None
    assert answer.data["commit"]["commit"]["oid"] == head_of(world, "bot/x")


@pytest.mark.parametrize("path", [".github/workflows/evil.yml", "../outside", ".git/config", "a//b"])
def test_paths_the_app_may_not_write(world: World, path: str) -> None:
    head = head_of(world)

    with pytest.raises(GraphQLFailed):
        world.as_bot().graphql(COMMIT, {"commit": commit_input("main", head, {path: "x\n"})})

    assert head_of(world) == head


def test_reader_cannot_commit(world: World) -> None:
    head = head_of(world)

    with pytest.raises(GraphQLFailed) as caught:
        world.as_person("visitor").graphql(COMMIT, {"commit": commit_input("main", head, {"a": "x\n"})})

    assert [error.type for error in caught.value.response.errors or []] == ["FORBIDDEN"]
    assert head_of(world) == head


def test_viewer_is_who_the_token_belongs_to(world: World) -> None:
    token = world.hub.parts.access.workflow_token(world.hub.repository(REPOSITORY), {})

    assert world.as_bot().graphql("{ viewer { login } }") == {"viewer": {"login": "gptdeploy[bot]"}}
    assert world.with_token(token).graphql("{ viewer { login } }") == {"viewer": {"login": "github-actions[bot]"}}


def test_pull_is_opened_found_read_and_merged_by_sha(world: World) -> None:
    sha = start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    pulls = world.as_bot().rest.pulls
    before = head_of(world)

    opened = pulls.create(
        OWNER, NAME, data={"title": "X", "body": "For #1", "head": "bot/x", "base": "main"}
    ).parsed_data
    found = pulls.list(OWNER, NAME, state="all", head="octo:bot/x").parsed_data
    files = pulls.list_files(OWNER, NAME, opened.number).parsed_data

    assert (opened.state, opened.mergeable, opened.commits, opened.additions) == ("open", True, 1, 1)
    assert [pull.number for pull in found] == [opened.number]
    assert pulls.list(OWNER, NAME, state="all", head="octo:bot/y").parsed_data == []
    assert [(file.status, file.filename, file.patch) for file in files] == [
        ("added", "services/x/executor.py", "@@ -0,0 +1 @@\n+x = 1")
    ]
    assert refused(lambda: pulls.merge(OWNER, NAME, opened.number, data={"sha": before, "merge_method": "squash"})) == (
        409,
        "Head branch was modified. Review and try the merge again.",
    )

    how = {"sha": sha, "merge_method": "squash"}
    words = {"commit_title": "Add x (#1)", "commit_message": "GPT-Deploy-Issue: 7"}
    merged = pulls.merge(OWNER, NAME, opened.number, data={**how, **words}).parsed_data

    commit = world.as_bot().rest.git.get_commit(OWNER, NAME, merged.sha).parsed_data
    after = pulls.get(OWNER, NAME, opened.number).parsed_data
    assert (merged.merged, head_of(world)) == (True, merged.sha)
    assert (commit.message, [parent.sha for parent in commit.parents]) == (
        "Add x (#1)\n\nGPT-Deploy-Issue: 7",
        [before],
    )
    assert commit.author.name == "gptdeploy[bot]"
    assert (after.merged, after.state, after.head.sha) == (True, "closed", sha)
    assert refused(lambda: pulls.merge(OWNER, NAME, opened.number, data=how))[0] == 405
    repos = world.as_bot().rest.repos
    for one in (merged.sha, sha):
        of_commit = repos.list_pull_requests_associated_with_commit(OWNER, NAME, one).parsed_data
        assert [pull.number for pull in of_commit] == [opened.number]


def test_pull_with_conflicts_is_not_mergeable(world: World) -> None:
    sha = start(world, "bot/x", {"README.md": "theirs\n"})
    pulls = world.as_bot().rest.pulls
    number = pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}).parsed_data.number

    world.as_bot().graphql(COMMIT, {"commit": commit_input("main", head_of(world), {"README.md": "ours\n"})})

    pull = pulls.get(OWNER, NAME, number).parsed_data
    assert (pull.mergeable, pull.mergeable_state) == (False, "dirty")
    assert refused(lambda: pulls.merge(OWNER, NAME, number, data={"sha": sha, "merge_method": "squash"})) == (
        405,
        "Pull Request is not mergeable",
    )


def test_what_cannot_become_a_pull(world: World) -> None:
    start(world, "bot/x", {"a": "1\n"})
    world.as_bot().rest.git.create_ref(OWNER, NAME, data={"ref": "refs/heads/same", "sha": head_of(world)})
    pulls = world.as_bot().rest.pulls
    pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"})

    reasons = []
    for head in ("bot/x", "same", "nowhere"):
        with pytest.raises(RequestFailed) as caught:
            pulls.create(OWNER, NAME, data={"title": "X", "head": head, "base": "main"})
        (error,) = caught.value.response.json()["errors"]
        reasons.append(error.get("message") or (error["field"], error["code"]))

    assert reasons == [
        "A pull request already exists for octo:bot/x.",
        "No commits between main and same",
        ("head", "invalid"),
    ]


def test_pull_is_closed_reopened_and_closed_with_its_branch(world: World) -> None:
    start(world, "bot/x", {"a": "1\n"})
    github = world.as_bot()
    number = github.rest.pulls.create(
        OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}
    ).parsed_data.number

    states = [
        github.rest.pulls.update(OWNER, NAME, number, data={"state": state}).parsed_data.state
        for state in ("closed", "open")
    ]
    github.rest.git.delete_ref(OWNER, NAME, "heads/bot/x")

    assert states == ["closed", "open"]
    assert github.rest.pulls.get(OWNER, NAME, number).parsed_data.state == "closed"
    assert refused(lambda: github.rest.pulls.update(OWNER, NAME, number, data={"state": "open"}))[0] == 422


def test_merging_closes_the_issues_that_the_pull_says_it_closes(world: World) -> None:
    for title in ("closed", "mentioned"):
        world.hub.open_issue(REPOSITORY, title, "text", [])
    sha = start(world, "bot/x", {"a": "1\n"})
    github = world.as_bot()
    body = "Closes #1, see #2"
    number = github.rest.pulls.create(
        OWNER, NAME, data={"title": "X", "body": body, "head": "bot/x", "base": "main"}
    ).parsed_data.number

    github.rest.pulls.merge(OWNER, NAME, number, data={"sha": sha, "merge_method": "squash"})

    states = [github.rest.issues.get(OWNER, NAME, issue).parsed_data.state for issue in (1, 2)]
    assert states == ["closed", "open"]
