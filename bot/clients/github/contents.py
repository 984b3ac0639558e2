"""Files, branches and commits.

Commits go through GraphQL: one request, signed by GitHub, and it names the head it expects.

https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from github import GithubException
from github.ContentFile import ContentFile
from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls
from bot.clients.github.errors import HeadMoved, Rejected, failure
from bot.config.repository import REPO_CONFIG_PATH
from bot.errors import UserError
from bot.values.github import Issue, Overview
from bot.values.naming import COMMIT_TRAILER

Files = Mapping[str, str | bytes]
"""Path in the repository to a file's text or bytes."""

_COMMIT = "commit: createCommitOnBranch(input: $commit) { commit { oid } }"
_START = (
    "mutation Start($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) "
    "{ ref: createRef(input: $ref) { ref { id } } " + _COMMIT + " }"
)
_CONTINUE = "mutation Commit($commit: CreateCommitOnBranchInput!) { " + _COMMIT + " }"
_OVERVIEW = """
query Overview($owner: String!, $name: String!, $issue: Int!, $config: String!, $services: String!) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name }
    config: object(expression: $config) { ... on Blob { text } }
    services: object(expression: $services) { ... on Tree { entries { name type } } }
    issue(number: $issue) {
      number title body state url author { __typename login } labels(first: 100) { nodes { name } }
      comments { totalCount }
    }
  }
}
"""
_HEAD = """
query Head($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { id defaultBranchRef { name target { oid } } }
}
"""
_FOLDER = """
query Folder($owner: String!, $name: String!, $path: String!) {
  repository(owner: $owner, name: $name) {
    object(expression: $path) {
      ... on Tree { entries { name type mode object { ... on Blob { isBinary isTruncated text } } } }
    }
  }
}
"""
_LINK = 0o120000
"""The mode of a symbolic link in a tree."""


@dataclass(frozen=True)
class NewCommit:
    """A commit to be made.

    Attributes:
        message: its first line is the subject.
        files: new text or bytes; other files stay as they are.
        id: goes into a trailer of the message, by which an earlier try of the same commit is found again.
    """

    message: str
    files: Files
    id: str


@dataclass
class Contents(Calls):
    """Verbs on what is in the repository."""

    # Asked for once: it does not change while a run lasts.
    _default_branch: str = field(default="", init=False, repr=False)
    # Branches that this object has made: they have no pull request yet.
    _new_branches: set[str] = field(default_factory=set, init=False, repr=False)

    def default_branch(self) -> str:
        """Return the name of the branch that pull requests go to."""
        if not self._default_branch:
            self._default_branch = self._read("read the repository", lambda remote: remote.default_branch)
        return self._default_branch

    def overview(self, issue: int) -> Overview:
        """Return what a run has to know before it begins, in one request.

        Raises:
            Rejected: also where `issue` is none, or a pull request.
        """
        found = self._query(
            "read the repository and the issue",
            _OVERVIEW,
            issue=issue,
            config=f"HEAD:{REPO_CONFIG_PATH}",
            services="HEAD:services",
        )
        if found["issue"]["comments"]["totalCount"] == 0:
            self.own_comments.fill((self.full_name, issue), {})
        self._default_branch = (found["defaultBranchRef"] or {}).get("name", "")
        return Overview(
            default_branch=self._default_branch,
            config=(found["config"] or {}).get("text") or "",
            services=tuple(sorted(entry["name"] for entry in _entries(found["services"]) if entry["type"] == "tree")),
            issue=_issue(found["issue"]),
        )

    def folder(self, path: str, ref: str) -> dict[str, str]:
        """Return the text files directly in a folder by name, in one request; {} where there is no such folder.

        Left out: folders in it, binary files, links, and files that GitHub does not send in full (over 512 kB).
        """
        found = self._query(f"read `{path}`", _FOLDER, path=f"{ref}:{path}")
        return {
            entry["name"]: entry["object"]["text"]
            for entry in _entries(found["object"])
            if entry["type"] == "blob" and entry["mode"] != _LINK and _is_whole_text(entry["object"])
        }

    def binary_folder(self, path: str, ref: str) -> dict[str, bytes]:
        """Return the files directly in a folder by name, of whatever kind, one request each; {} where there is none."""
        found = self._contents(path, ref)
        files = [item for item in found if item.type == "file"] if isinstance(found, list) else []

        def read(remote: Remote, sha: str) -> bytes:
            return base64.b64decode(remote.get_git_blob(sha).content)

        return {item.name: self._read(f"read `{item.path}`", partial(read, sha=item.sha)) for item in files}

    def services(self, ref: str) -> list[str]:
        """Return the slugs of the services that exist at `ref`."""
        found = self._contents("services", ref)
        return sorted(item.name for item in found if item.type == "dir") if isinstance(found, list) else []

    def head(self, branch: str) -> str | None:
        """Return the sha a branch points to, or None where there is no such branch."""
        try:
            return self._read(
                f"read the branch `{branch}`", lambda remote: remote.get_git_ref(f"heads/{branch}").object.sha
            )
        except Rejected as error:
            if error.status == 404:
                return None
            raise

    def branches(self, prefix: str) -> list[str]:
        """Return the names of the branches that begin with `prefix`."""

        def read(remote: Remote) -> list[str]:
            refs = remote.get_git_matching_refs(f"heads/{prefix}")
            return [ref.ref.removeprefix("refs/heads/") for ref in refs]

        return self._read("list the branches", read)

    def delete_branch(self, name: str) -> None:
        """Delete a branch; it is fine if there is none."""
        # PyGithub's lazy GitRef would send this to /git/ref/, which is the address for reading only.
        path = f"/git/refs/heads/{quote(name)}"
        try:
            self._write(f"delete the branch `{name}`", lambda remote: self._json(remote, "DELETE", path))
        except Rejected as error:
            if error.status != 404 and "does not exist" not in error.reason.lower():
                raise

    def start_branch(self, branch: str, commit: NewCommit) -> str:
        """Create a branch at the head of the default branch with one commit on it, and return the commit's sha.

        A branch whose head carries the commit's id is an earlier try of this and taken as it is; one that was created
        but never got its commit gets it now.

        Raises:
            HeadMoved: there is a branch of that name with something else on it.
            UserError: the repository is empty.
        """
        found = self._query("read the repository", _HEAD)
        if found["defaultBranchRef"] is None:
            raise UserError("The repository is empty: push a first commit, then `/retry`.")
        head = str(found["defaultBranchRef"]["target"]["oid"])
        ref = {"repositoryId": found["id"], "name": f"refs/heads/{branch}", "oid": head}
        sha, new = self._commit(_START, {"ref": ref}, branch, head, commit)
        if new:
            self._new_branches.add(branch)
        return sha

    def commit(self, branch: str, expected_head: str, commit: NewCommit) -> str:
        """Put one commit on a branch that is at `expected_head`, and return the commit's sha.

        A head that carries the commit's id is an earlier try of this and taken as it is.

        Raises:
            HeadMoved: somebody else pushed.
        """
        return self._commit(_CONTINUE, {}, branch, expected_head, commit)[0]

    def _commit(
        self, mutation: str, variables: dict[str, Any], branch: str, expected_head: str, commit: NewCommit
    ) -> tuple[str, bool]:
        """Return the commit's sha, and whether everything in `mutation` was done by this very request."""
        subject, _, rest = commit.message.strip().partition("\n")
        trailer = _trailer(commit.id)
        sent = {
            "branch": {"repositoryNameWithOwner": self.full_name, "branchName": branch},
            "message": {"headline": subject, "body": f"{rest.strip()}\n\n{trailer}".lstrip()},
            "expectedHeadOid": expected_head,
            "fileChanges": {
                "additions": [{"path": path, "contents": _base64(content)} for path, content in commit.files.items()]
            },
        }

        def send(remote: Remote) -> tuple[str, Rejected | None]:
            """Return the new sha, or "", and what GitHub refused."""
            try:
                _, answer = remote.requester.graphql_query(mutation, {**variables, "commit": sent})
            except GithubException as error:
                answer = error.data if isinstance(error.data, dict) else {}
                refusal = failure(f"commit to `{branch}`", error.status, error.headers or {}, error.data)
                # Mutations of one document run one by one: the ref may be refused (it exists) and the commit be made.
                if not _oid(answer) and (not isinstance(refusal, Rejected) or error.status == 401):
                    raise
                return _oid(answer), refusal if isinstance(refusal, Rejected) else None
            return _oid(answer), None

        oid, refusal = self._write(f"commit to `{branch}`", send)
        if oid:
            return oid, refusal is None
        assert refusal is not None  # noqa: S101 (no sha without a refusal)
        head = self.head(branch)
        if head is None or head == expected_head:
            raise refusal
        if trailer in self._message(head).splitlines():
            return head, False
        raise HeadMoved(branch) from refusal

    def _message(self, sha: str) -> str:
        return self._read(f"read the commit {sha[:7]}", lambda remote: remote.get_git_commit(sha).message)

    def _contents(self, path: str, ref: str | None) -> list[ContentFile] | ContentFile | None:
        """Return what is at `path`, or None; not to be completed later, so only what the answer itself holds."""
        try:
            return self._read(
                f"read `{path}`",
                lambda remote: remote.get_contents(path) if ref is None else remote.get_contents(path, ref=ref),
            )
        except Rejected as error:
            if error.status == 404:
                return None
            raise


def _entries(tree: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the entries of a tree; none of what is no tree."""
    return (tree or {}).get("entries") or []


def _is_whole_text(blob: dict[str, Any]) -> bool:
    return not blob["isBinary"] and not blob["isTruncated"] and blob["text"] is not None


def _issue(found: dict[str, Any]) -> Issue:
    author = found["author"] or {"__typename": "User", "login": "ghost"}
    # GraphQL leaves out the "[bot]" that REST and webhooks put behind an App's login.
    suffix = "[bot]" if author["__typename"] == "Bot" else ""
    return Issue(
        number=found["number"],
        title=found["title"],
        body=found["body"],
        author=f"{author['login']}{suffix}",
        state=found["state"].lower(),
        labels=tuple(label["name"] for label in found["labels"]["nodes"]),
        url=found["url"],
    )


def _base64(content: str | bytes) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _trailer(commit_id: str) -> str:
    return f"{COMMIT_TRAILER}: {commit_id}"


def _oid(answer: dict[str, Any]) -> str:
    made = (answer.get("data") or {}).get("commit") or {}
    return str((made.get("commit") or {}).get("oid") or "")
