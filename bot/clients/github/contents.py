"""Files, branches and commits.

Commits go through GraphQL: one request, signed by GitHub, and it names the head it expects.

https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from github import GithubException
from github.ContentFile import ContentFile
from github.Repository import Repository as Remote

from bot.clients.github.calls import Calls
from bot.clients.github.errors import HeadMoved, Rejected, failure
from bot.config.repository import REPO_CONFIG_PATH
from bot.values.naming import COMMIT_TRAILER

Files = Mapping[str, str | bytes]
"""Path in the repository to a file's text or bytes."""

_COMMIT = "commit: createCommitOnBranch(input: $commit) { commit { oid } }"
_START = (
    "mutation Start($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) "
    "{ ref: createRef(input: $ref) { ref { id } } " + _COMMIT + " }"
)
_CONTINUE = "mutation Commit($commit: CreateCommitOnBranchInput!) { " + _COMMIT + " }"
_REPOSITORY = "query Repository($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }"


class Contents(Calls):
    """Verbs on what is in the repository."""

    # Asked for once: neither changes while a run lasts.
    _branch = ""
    _node_id = ""

    def default_branch(self) -> str:
        """Return the name of the branch that pull requests go to."""
        if not self._branch:
            self._branch = self._read("read the repository", lambda remote: remote.default_branch)
        return self._branch

    def config_text(self) -> str:
        """Return `.github/microservice.yml` of the default branch, or "" where there is none."""
        found = self._contents(REPO_CONFIG_PATH, None)
        return "" if found is None or isinstance(found, list) else _text(found) or ""

    def folder(self, path: str, ref: str) -> dict[str, str]:
        """Return the text files directly in a folder by name; {} where there is no such folder.

        Left out: folders in it (fixtures are never asked for), binary files, links, and files of more than 1 MB, which
        GitHub does not send along.
        """

        def read(remote: Remote) -> dict[str, str]:
            found = remote.get_contents(path, ref=ref)
            files = [item for item in found if item.type == "file"] if isinstance(found, list) else []
            texts = {item.name: _text(item) for item in files}
            return {name: text for name, text in texts.items() if text is not None}

        try:
            return self._read(f"read `{path}`", read)
        except Rejected as error:
            if error.status == 404:
                return {}
            raise

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

    def start_branch(self, branch: str, base_sha: str, message: str, files: Files, commit_id: str) -> str:
        """Create a branch at `base_sha` with one commit on it, in one request, and return the commit's sha.

        A branch whose head carries `commit_id` is an earlier try of this and taken as it is; one that was created
        but never got its commit gets it now.

        Raises:
            HeadMoved: there is a branch of that name with something else on it.
        """
        ref = {"repositoryId": self._repository_id(), "name": f"refs/heads/{branch}", "oid": base_sha}
        return self._commit(_START, {"ref": ref}, branch, base_sha, message, files, commit_id)

    def commit(self, branch: str, expected_head: str, message: str, files: Files, commit_id: str) -> str:
        """Put one commit on a branch that is at `expected_head`, and return the commit's sha.

        A head that carries `commit_id` is an earlier try of this and taken as it is.

        Args:
            files: path to new text or bytes; other files stay as they are.

        Raises:
            HeadMoved: somebody else pushed.
        """
        return self._commit(_CONTINUE, {}, branch, expected_head, message, files, commit_id)

    def _commit(
        self,
        mutation: str,
        variables: dict[str, Any],
        branch: str,
        expected_head: str,
        message: str,
        files: Files,
        commit_id: str,
    ) -> str:
        headline, _, rest = message.strip().partition("\n")
        commit = {
            "branch": {"repositoryNameWithOwner": self.full_name, "branchName": branch},
            "message": {"headline": headline, "body": f"{rest.strip()}\n\n{_trailer(commit_id)}".lstrip()},
            "expectedHeadOid": expected_head,
            "fileChanges": {
                "additions": [{"path": path, "contents": _base64(content)} for path, content in files.items()]
            },
        }

        def send(remote: Remote) -> tuple[str, Rejected | None]:
            """Return the new sha, or "" and why there is none."""
            try:
                _, answer = remote.requester.graphql_query(mutation, {**variables, "commit": commit})
            except GithubException as error:
                answer = error.data if isinstance(error.data, dict) else {}
                refusal = failure(f"commit to `{branch}`", error.status, error.headers or {}, error.data)
                # Mutations of one document run one by one: the ref may be refused (it exists) and the commit be made.
                if _oid(answer):
                    return _oid(answer), None
                if not isinstance(refusal, Rejected) or error.status == 401:
                    raise
                return "", refusal
            return _oid(answer), None

        oid, refusal = self._write(f"commit to `{branch}`", send)
        if refusal is None:
            return oid
        head = self.head(branch)
        if head is None or head == expected_head:
            raise refusal
        if _trailer(commit_id) in self._message(head).splitlines():
            return head
        raise HeadMoved(branch) from refusal

    def _message(self, sha: str) -> str:
        return self._read(f"read the commit {sha[:7]}", lambda remote: remote.get_git_commit(sha).message)

    def _repository_id(self) -> str:
        if self._node_id:
            return self._node_id
        owner, _, name = self.full_name.partition("/")

        def read(remote: Remote) -> str:
            _, answer = remote.requester.graphql_query(_REPOSITORY, {"owner": owner, "name": name})
            return str(answer["data"]["repository"]["id"])

        self._node_id = self._read("read the repository", read)
        return self._node_id

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


def _text(item: ContentFile) -> str | None:
    """Return a file's text, fetched if need be; None where it is binary or too large."""
    if item.encoding != "base64":
        return None
    try:
        return item.decoded_content.decode()
    except UnicodeDecodeError:
        return None


def _base64(content: str | bytes) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def _trailer(commit_id: str) -> str:
    return f"{COMMIT_TRAILER}: {commit_id}"


def _oid(answer: dict[str, Any]) -> str:
    made = (answer.get("data") or {}).get("commit") or {}
    return str((made.get("commit") or {}).get("oid") or "")
