"""Files, branches and commits.

Commits are made through GraphQL: in one request, which names the head that the branch must have; GitHub signs them.

https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from github import GithubException
from github.ContentFile import ContentFile
from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls
from bot.clients.github.errors import HeadMoved, Rejected, failure, translated
from bot.clients.github.limits import GRAPHQL
from bot.clients.github.overview import DEFAULTS, OVERVIEW, entries, read_base, read_overview
from bot.config import DEFAULTS_REPOSITORY, HOUSE_RULES_PATH, REPO_CONFIG_PATH
from bot.errors import TransientError, UserError
from bot.foreign import Plain
from bot.init import WORKFLOWS
from bot.values.naming import BUILD_WORKFLOW, COMMIT_TRAILER, DEPLOY_WORKFLOW
from bot.values.overview import Base, Overview

Files = Mapping[str, str | bytes]
"""Path in the repository to a file's text or bytes."""

_SETTINGS = {"config": f"HEAD:{REPO_CONFIG_PATH}", "rules": f"HEAD:{HOUSE_RULES_PATH}"}
_COMMIT = "commit: createCommitOnBranch(input: $commit) { commit { oid } }"
_START = (
    "mutation Start($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) "
    "{ ref: createRef(input: $ref) { ref { id } } " + _COMMIT + " }"
)
_CONTINUE = "mutation Commit($commit: CreateCommitOnBranchInput!) { " + _COMMIT + " }"
_HEAD = """
query Head($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { id databaseId defaultBranchRef { name target { oid } } }
}
"""
_FOLDER = """
query Folder($owner: String!, $name: String!, $path: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    object(expression: $path) {
      ... on Tree { entries { name type mode object { ... on Blob { isBinary isTruncated text } } } }
    }
  }
}
"""
_UNSEEN = re.compile(r"expected branch to point to|could not resolve to a ref\b", re.IGNORECASE)
"""What GitHub says of a head, or of a branch, that it does not see yet."""
_LINK = 0o120000
"""The mode of a symbolic link in a tree."""


@dataclass(frozen=True)
class NewCommit:
    """A commit to be made.

    Attributes:
        message: its first line is the subject.
        files: new text or bytes; other files stay as they are.
        id: goes into a trailer of the message; an earlier try of the same commit is found by it.
        gone: paths of files that it removes.
    """

    message: Plain
    files: Files
    id: str
    gone: tuple[str, ...] = ()


@dataclass
class Contents(Calls):
    """Verbs on files, branches and commits."""

    # Read once, because it does not change during a run.
    _default_branch: str = field(default="", init=False, repr=False)
    _node_id: str = field(default="", init=False, repr=False)
    # Branches that this object has created and that have no pull request yet.
    _new_branches: set[str] = field(default_factory=set, init=False, repr=False)

    def default_branch(self) -> str:
        """Return the name of the branch that pull requests are merged into."""
        if not self._default_branch:
            self._default_branch = self._read("read the repository", lambda remote: remote.default_branch)
        return self._default_branch

    def overview(self, issue: int) -> Overview:
        """Return what a run has to know before it begins, in one request; a private repository of defaults takes more.

        Raises:
            Rejected: GitHub refused, or there is no issue with this number (pull requests do not count).
        """
        answer = self._answer(
            "read the repository and the issue",
            OVERVIEW,
            may_lack="defaults",
            issue=issue,
            defaults=DEFAULTS_REPOSITORY,
            services="HEAD:services",
            build=f"HEAD:{WORKFLOWS}/{BUILD_WORKFLOW}",
            deploy=f"HEAD:{WORKFLOWS}/{DEPLOY_WORKFLOW}",
            **_SETTINGS,
        )
        answer["defaults"] = answer["defaults"] or self._private_defaults()
        if answer["repository"]["issue"]["comments"]["totalCount"] == 0:
            self.own_comments.fill((self.key, issue), {})
        overview = read_overview(answer).model_copy(update={"lacking": self.credentials.lacking()})
        self._default_branch = overview.base.branch if overview.base else ""
        return overview

    def _private_defaults(self) -> dict[str, Any] | None:
        """Return what `OVERVIEW` asks of the owner's repository of defaults, by a token for that; None without one."""
        doing = "read the owner's defaults"
        with self._placed(), translated(doing):
            credentials = self.credentials.beside(f"{self.owner}/{DEFAULTS_REPOSITORY}")
        if credentials is None:
            return None
        there = replace(self, key=f"{self.owner}/{DEFAULTS_REPOSITORY}", credentials=credentials)
        try:
            return there._query(doing, DEFAULTS, **_SETTINGS)
        except Rejected as error:
            if error.status == 404:
                # The App was taken off it since the token was made.
                credentials.renew()
                return None
            raise

    def folder(self, path: str, ref: str) -> dict[str, str]:
        """Return the text files directly in a folder by name, in one request; {} if there is no such folder.

        Left out: folders in it, binary files, links, and files that GitHub does not send in full (over 512 kB).
        """
        answer = self._query(f"read `{path}`", _FOLDER, path=f"{ref}:{path}")
        return {
            entry["name"]: entry["object"]["text"]
            for entry in entries(answer["object"])
            if entry["type"] == "blob" and entry["mode"] != _LINK and _is_whole_text(entry["object"])
        }

    def binary_folder(self, path: str, ref: str) -> dict[str, bytes]:
        """Return all files directly in a folder by name, with one request for each; {} if there is no such folder."""
        files = [item for item in self._folder_items(path, ref) if item.type == "file"]

        def read(remote: Remote, sha: str) -> bytes:
            return base64.b64decode(remote.get_git_blob(sha).content)

        return {item.name: self._read(f"read `{item.path}`", partial(read, sha=item.sha)) for item in files}

    def services(self, ref: str) -> list[str]:
        """Return the slugs of the services that exist at `ref`."""
        return sorted(item.name for item in self._folder_items("services", ref) if item.type == "dir")

    def head(self, branch: str) -> str | None:
        """Return the sha of a branch's head, or None if there is no such branch."""
        try:
            return self._read(
                f"read the branch `{branch}`", lambda remote: remote.get_git_ref(f"heads/{branch}").object.sha
            )
        except Rejected as error:
            if error.status == 404:
                return None
            raise

    def descends(self, commit: str, ancestor: str) -> bool:
        """Return whether `commit` was made after `ancestor` and holds it; False where GitHub does not know one of them.

        https://docs.github.com/en/rest/commits/commits#compare-two-commits
        """

        def compare(remote: Remote) -> str:
            # From the second page on, GitHub leaves out what the commits change.
            pages = {"per_page": 1, "page": 2}
            path = f"{remote.url}/compare/{ancestor}...{commit}"
            return str(remote.requester.requestJsonAndCheck("GET", path, parameters=pages)[1]["status"])

        try:
            return self._read(f"compare {ancestor[:7]} and {commit[:7]}", compare) == "ahead"
        except Rejected as error:
            if error.status == 404:
                return False
            raise

    def start_branch(self, branch: str, commit: NewCommit, base: Base | None = None) -> str:
        """Create a branch with one commit on it, and return the commit's sha.

        A branch whose head carries the commit's id was made by an earlier try and is adopted. A branch that an earlier
        try created without its commit gets the commit now.

        Args:
            base: what the branch begins at; None for the head of the default branch as it is now, which is looked up.

        Raises:
            HeadMoved: there is a branch of that name with another commit at its head.
            UserError: the repository is empty.
        """
        base = base or read_base(self._query("read the repository", _HEAD))
        if base is None:
            raise UserError("The repository is empty: push a first commit, then `/retry`.")
        self._default_branch, self._node_id = base.branch, base.repository
        ref = {"repositoryId": base.repository, "name": f"refs/heads/{branch}", "oid": base.sha}
        sha, new = self._commit(_START, {"ref": ref}, branch, base.sha, commit)
        if new:
            self._new_branches.add(branch)
        return sha

    def commit(self, branch: str, expected_head: str, commit: NewCommit) -> str:
        """Put one commit on a branch that is at `expected_head`, and return the commit's sha.

        A head that carries the commit's id was made by an earlier try and is adopted.

        Raises:
            HeadMoved: somebody else pushed.
        """
        return self._commit(_CONTINUE, {}, branch, expected_head, commit)[0]

    def _commit(
        self, mutation: str, variables: dict[str, Any], branch: str, expected_head: str, commit: NewCommit
    ) -> tuple[str, bool]:
        """Return the commit's sha, and whether this request did everything in `mutation`."""
        subject, _, rest = commit.message.strip().partition("\n")
        trailer = _trailer(commit.id)
        name = self.full_name
        sent = {
            "branch": {"repositoryNameWithOwner": name, "branchName": branch},
            "message": {"headline": subject, "body": f"{rest.strip()}\n\n{trailer}".lstrip()},
            "expectedHeadOid": expected_head,
            "fileChanges": {
                "additions": [{"path": path, "contents": _base64(content)} for path, content in commit.files.items()],
                "deletions": [{"path": path} for path in commit.gone],
            },
        }

        def send(remote: Remote) -> tuple[str, Rejected | None]:
            """Return the new commit's sha or "", and GitHub's refusal if there was one."""
            try:
                _, answer = remote.requester.graphql_query(mutation, {**variables, "commit": sent})
            except GithubException as error:
                answer = error.data if isinstance(error.data, dict) else {}
                refusal = failure(f"commit to `{branch}`", error.status, error.headers or {}, error.data)
                # GitHub carries out the mutations one by one: it may refuse the ref, which exists, and make the commit.
                if not _oid(answer) and (not isinstance(refusal, Rejected) or error.status == 401):
                    raise
                return _oid(answer), refusal if isinstance(refusal, Rejected) else None
            return _oid(answer), None

        oid, refusal = self._write(f"commit to `{branch}`", send, GRAPHQL)
        if oid:
            return oid, refusal is None
        assert refusal is not None  # noqa: S101 (no sha without a refusal)
        head = self.head(branch)
        if refusal.status == 404 and self._is_renamed(name):
            return self._commit(mutation, variables, branch, expected_head, commit)
        if head in (None, expected_head) and _UNSEEN.search(refusal.reason):
            raise TransientError(f"GitHub does not see `{branch}` as it is yet: {refusal.reason}") from refusal
        if head is None or head == expected_head:
            raise refusal
        if trailer in self._message(head).splitlines():
            return head, False
        raise HeadMoved(branch) from refusal

    def _message(self, sha: str) -> str:
        return self._read(f"read the commit {sha[:7]}", lambda remote: remote.get_git_commit(sha).message)

    def _folder_items(self, path: str, ref: str) -> list[ContentFile]:
        """Return what is directly in a folder, without contents; [] if there is no such folder."""
        try:
            items = self._read(f"read `{path}`", lambda remote: remote.get_contents(path, ref=ref))
        except Rejected as error:
            if error.status == 404:
                return []
            raise
        # GitHub answers with a single item where `path` is a file.
        return items if isinstance(items, list) else []


def _is_whole_text(blob: dict[str, Any]) -> bool:
    return not blob["isBinary"] and not blob["isTruncated"] and blob["text"] is not None


def _base64(content: str | bytes) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _trailer(commit_id: str) -> str:
    return f"{COMMIT_TRAILER}: {commit_id}"


def _oid(answer: dict[str, Any]) -> str:
    payload = (answer.get("data") or {}).get("commit") or {}
    return str((payload.get("commit") or {}).get("oid") or "")
