"""What a GraphQL request may ask of a repository's branches, files, issues and deployments."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from bot.hub.access import Caller, check_not_archived
from bot.hub.api.graphql.changes import Changes
from bot.hub.api.graphql.issues import issue_of
from bot.hub.api.graphql.lists import Lists
from bot.hub.api.graphql.nodes import author, commit, ref, repository
from bot.hub.api.graphql.pulls import pull_request
from bot.hub.api.graphql.refused import Refused, refusing
from bot.hub.git import NO_COMMIT, Entry
from bot.hub.parts import Parts
from bot.hub.state import Deployment, Repository

_LONGEST_TEXT = 512_000
"""Bytes of a blob that `text` holds; the rest of it is cut off."""


class Resolvers(Changes):
    """The root value: one request of one caller."""

    def __init__(self, parts: Parts, by: Caller) -> None:
        super().__init__(parts, by)
        self._lists = Lists(parts, by)

    def viewer(self, _: Any) -> Any:
        return {**author(self._by.user), "login": self._by.user.login}

    def node(self, _: Any, id: str) -> Any:
        repo, issue = self._subject(id)
        return self._lists.one(repo, issue)

    def search(self, _: Any, query: str, **wanted: Any) -> Any:
        return self._lists.search(query, wanted)

    def repository(self, _: Any, owner: str, name: str) -> Any:
        # Whoever has any token may read what is public.
        # Renames are followed: https://docs.github.com/en/graphql/reference/queries#repository
        repo = self._parts.state.found(f"{owner}/{name}")
        if repo is None or (repo.private and not self._by.sees(repo)):
            raise Refused("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return {
            **repository(repo),
            "ref": lambda _, qualifiedName: ref(self._parts, self._by, repo, qualifiedName.removeprefix("refs/heads/")),
            "defaultBranchRef": lambda _: ref(self._parts, self._by, repo, repo.default_branch),
            "object": lambda _, expression: self._object(repo, expression),
            "issue": lambda _, number: issue_of(self._parts, self._by, repo, number),
            "issueOrPullRequest": lambda _, number: self._either(repo, number),
            "issues": lambda _, **wanted: self._lists.issues(repo, **wanted),
            "pullRequests": lambda _, **wanted: self._lists.pull_requests(repo, **wanted),
            "pullRequest": lambda _, number: pull_request(self._parts, self._by, repo, number),
            "squashMergeAllowed": "squash" in repo.merging.methods,
            "mergeCommitAllowed": "merge" in repo.merging.methods,
            "rebaseMergeAllowed": "rebase" in repo.merging.methods,
            "autoMergeAllowed": repo.merging.auto_merge,
            "deleteBranchOnMerge": repo.merging.delete_branch,
            # An App or workflow has no role; GitHub says what its token comes to.
            "viewerPermission": self._permission(repo),
            "deployments": lambda _, **wanted: self._deployments(repo, **wanted),
        }

    def createRef(self, _: Any, input: dict[str, Any]) -> Any:
        repo = self._named(input["repositoryId"])
        name = input["name"]
        if not name.startswith("refs/heads/"):
            raise Refused("UNPROCESSABLE", f"Reference name '{name}' must start with 'refs/heads/'.")
        branch = name.removeprefix("refs/heads/")
        if repo.git.head(branch):
            raise Refused("UNPROCESSABLE", f'A ref named "{name}" already exists in the repository.')
        with refusing():
            self._parts.pulls.create_branch(repo, self._by, branch, input["oid"])
        return {"clientMutationId": input.get("clientMutationId"), "ref": ref(self._parts, self._by, repo, branch)}

    def updateRefs(self, _: Any, input: dict[str, Any]) -> Any:
        """Change several refs, all of them or none."""
        repo, updates = self._named(input["repositoryId"]), input["refUpdates"]
        for update in updates:
            head = repo.git.head(update["name"].removeprefix("refs/heads/")) or NO_COMMIT
            if update.get("beforeOid") not in (None, head):
                raise Refused("UNPROCESSABLE", f"{update['name']} is at {head} but expected {update['beforeOid']}")
            if update["afterOid"] != NO_COMMIT:
                raise Refused("UNPROCESSABLE", "The hub does not move refs.")
        with refusing():
            for update in updates:
                self._parts.pulls.delete_branch(repo, self._by, update["name"].removeprefix("refs/heads/"))
        return {"clientMutationId": input.get("clientMutationId")}

    def deleteIssue(self, _: Any, input: dict[str, Any]) -> Any:
        for repo in self._visible():
            for issue in [issue for issue in repo.issues.values() if f"I_{issue.id}" == input["issueId"]]:
                if issue.pull or not self._by.may(repo, "administration:write", "admin"):
                    raise Refused("FORBIDDEN", f"{self._by.user.login} does not have the correct permissions")
                self._parts.issues.delete(repo, issue, self._by)
                return {"clientMutationId": input.get("clientMutationId"), "repository": None}
        raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{input['issueId']}'")

    def createCommitOnBranch(self, _: Any, input: dict[str, Any]) -> Any:
        full_name = input["branch"].get("repositoryNameWithOwner") or ""
        repo = self._parts.state.repository(full_name)
        if repo is None or not self._by.sees(repo):
            raise Refused("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")
        changes = input.get("fileChanges") or {"additions": [], "deletions": []}
        files: dict[str, bytes | None] = {file["path"]: None for file in changes["deletions"] or ()}
        files |= {file["path"]: _decoded(file) for file in changes["additions"] or ()}
        self._check(repo, *files)
        branch = input["branch"].get("branchName", "").removeprefix("refs/heads/")
        head, expected = repo.git.head(branch), input["expectedHeadOid"]
        if head is None:
            raise Refused("NOT_FOUND", f"Could not resolve to a Ref with the name '{branch}'.")
        if head != expected:
            message = f'Expected branch to point to "{head}" but it did not. Pull and try again.'
            raise Refused("STALE_DATA", message)
        message = f"{input['message']['headline']}\n\n{input['message']['body'] or ''}".strip() + "\n"
        with refusing():
            sha = self._parts.pulls.commit(repo, self._by, branch, message, files)
        return {
            "clientMutationId": input.get("clientMutationId"),
            "commit": commit(self._parts, repo, sha),
            "ref": ref(self._parts, self._by, repo, branch),
        }

    def _object(self, repo: Repository, expression: str) -> Any:
        revision, _, path = expression.partition(":")
        sha = repo.git.resolve(revision)
        if sha is None:
            return None
        entries = repo.git.entries(sha, path)
        if entries is not None:
            return {"__typename": "Tree", "oid": sha, "entries": [self._entry(repo, entry) for entry in entries]}
        content = repo.git.show(sha, path)
        return None if content is None else _blob(sha, content)

    def _entry(self, repo: Repository, entry: Entry) -> Any:
        folder = entry.kind == "dir"
        return {
            "name": entry.path.rpartition("/")[2],
            "type": "tree" if folder else "blob",
            "mode": entry.mode,
            "object": None if folder else lambda _: _blob(entry.sha, repo.git.blob(entry.sha)),
        }

    def _either(self, repo: Repository, number: int) -> Any:
        if number not in repo.issues:
            raise Refused("NOT_FOUND", f"Could not resolve to an issue or pull request with the number of {number}.")
        return self._lists.one(repo, repo.issues[number])

    def _deployments(self, repo: Repository, environments: list[str] | None = None, first: int = 100, **_: Any) -> Any:
        newest_first = sorted(repo.deployments, key=lambda deployment: deployment.id, reverse=True)
        matching = [item for item in newest_first if environments is None or item.environment in environments]
        return {"nodes": [_deployment(item) for item in matching[:first]]}

    def _named(self, node: str) -> Repository:
        """Return the repository with a node id, whose branches the caller may change."""
        repo = next((repo for repo in self._parts.state.repositories.values() if f"R_{repo.id}" == node), None)
        if repo is None or not self._by.sees(repo):
            raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
        self._check(repo)
        return repo

    def _check(self, repo: Repository, *paths: str) -> None:
        with refusing():
            check_not_archived(repo)
        if not self._by.may(repo, "contents:write", "write"):
            raise Refused("FORBIDDEN", "Resource not accessible by integration")
        # Workflow files take a permission of their own, which the bot does not ask for.
        if any(path.startswith(".github/workflows/") for path in paths) and not self._by.may(
            repo, "workflows:write", "write"
        ):
            raise Refused("FORBIDDEN", "Resource not accessible by integration")

    def _permission(self, repo: Repository) -> str | None:
        if self._by.permissions is not None:
            return "WRITE" if self._by.may(repo, "contents:write", "write") else "READ"
        role = repo.role(self._by.user)
        return None if role == "none" else role.upper()


def _blob(sha: str, content: bytes) -> dict[str, Any]:
    binary = b"\0" in content[:8_000]
    start = content[:_LONGEST_TEXT]
    return {
        "__typename": "Blob",
        "oid": sha,
        "byteSize": len(content),
        "isBinary": binary,
        "isTruncated": len(start) < len(content),
        "text": None if binary else start.decode(errors="replace"),
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    newest = deployment.statuses[-1] if deployment.statuses else None
    return {
        "commitOid": deployment.sha,
        "environment": deployment.environment,
        "latestStatus": newest
        and {
            "state": newest.state.upper(),
            "environmentUrl": newest.environment_url or None,
            "description": newest.description or None,
        },
    }


def _decoded(file: dict[str, str]) -> bytes:
    try:
        return base64.b64decode(file["contents"], validate=True)
    except binascii.Error as error:
        raise Refused("UNPROCESSABLE", f"{file['path']} is not valid Base64") from error
