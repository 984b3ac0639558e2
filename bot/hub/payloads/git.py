"""Commits, files, refs and pull requests as JSON in GitHub's own shape."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from bot.hub.git.diff import FileDiff
from bot.hub.git.repository import NO_COMMIT, Commit, Entry
from bot.hub.payloads.issues import Json, Payloads, stamp
from bot.hub.state.store import Issue, Pull, Repository, State, User

LARGEST_CONTENT = 1024 * 1024
"""Bytes of a file that are sent along (https://docs.github.com/en/rest/repos/contents#get-repository-content)."""


class GitPayloads:
    """Builds JSON about what is in a repository; accounts are found by the addresses commits carry."""

    def __init__(self, payloads: Payloads, state: State) -> None:
        self._payloads = payloads
        self._state = state

    def git_commit(self, repo: Repository, commit: Commit) -> Json:
        """A commit as the git database endpoints have it."""
        url = self._payloads.api_url(repo)
        return {
            "sha": commit.sha,
            "node_id": f"C_{commit.sha}",
            "url": f"{url}/git/commits/{commit.sha}",
            "html_url": f"{self._payloads.html_url(repo)}/commit/{commit.sha}",
            "author": {"name": commit.author, "email": commit.author_email, "date": commit.authored_at},
            "committer": {"name": commit.committer, "email": commit.committer_email, "date": commit.committed_at},
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "parents": [
                {
                    "sha": parent,
                    "url": f"{url}/git/commits/{parent}",
                    "html_url": f"{self._payloads.html_url(repo)}/commit/{parent}",
                }
                for parent in commit.parents
            ],
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        }

    def blob(self, repo: Repository, sha: str, content: bytes) -> Json:
        """A file's content as the git database endpoints have it."""
        return {
            "sha": sha,
            "node_id": f"B_{sha}",
            "url": f"{self._payloads.api_url(repo)}/git/blobs/{sha}",
            "size": len(content),
            "encoding": "base64",
            "content": base64.b64encode(content).decode(),
        }

    def commit(self, repo: Repository, commit: Commit) -> Json:
        """A commit as the commits endpoints have it."""
        inner = self.git_commit(repo, commit)
        url = f"{self._payloads.api_url(repo)}/commits/{commit.sha}"
        return {
            **{key: inner[key] for key in ("sha", "node_id", "html_url", "parents")},
            "url": url,
            "comments_url": f"{url}/comments",
            "commit": {
                **{key: inner[key] for key in ("url", "author", "committer", "message", "tree", "verification")},
                "comment_count": 0,
            },
            "author": self._account(commit.author_email),
            "committer": self._account(commit.committer_email),
        }

    def push_commit(self, repo: Repository, commit: Commit, paths: Sequence[FileDiff]) -> Json:
        """A commit as push and workflow_run payloads have it."""
        return {
            "id": commit.sha,
            "tree_id": commit.tree,
            "distinct": True,
            "message": commit.message,
            "timestamp": commit.committed_at,
            "url": f"{self._payloads.html_url(repo)}/commit/{commit.sha}",
            "author": {"name": commit.author, "email": commit.author_email},
            "committer": {"name": commit.committer, "email": commit.committer_email},
            "added": [file.path for file in paths if file.status == "added"],
            "removed": [file.path for file in paths if file.status == "removed"],
            "modified": [file.path for file in paths if file.status not in ("added", "removed")],
        }

    def push(
        self, repo: Repository, ref: str, before: str, after: str, pusher: User, commits: list[Json], head: Json | None
    ) -> Json:
        """The body of a push event, without what all events share; `commits` oldest first, `head` None: deleted."""
        return {
            "ref": ref,
            "before": before,
            "after": after,
            "base_ref": None,
            "compare": f"{self._payloads.html_url(repo)}/compare/{before[:12]}...{after[:12]}",
            "created": before == NO_COMMIT,
            "deleted": after == NO_COMMIT,
            "forced": False,
            "commits": commits,
            "head_commit": head,
            "pusher": {"name": pusher.login, "email": pusher.email},
        }

    def ref(self, repo: Repository, name: str, sha: str) -> Json:
        """`name` is the full one, such as "refs/heads/main"."""
        url = f"{self._payloads.api_url(repo)}/git"
        return {
            "ref": name,
            "node_id": f"REF_{name}",
            "url": f"{url}/{name}",
            "object": {"type": "commit", "sha": sha, "url": f"{url}/commits/{sha}"},
        }

    def file(self, repo: Repository, file: FileDiff, sha: str) -> Json:
        html = self._payloads.html_url(repo)
        return {
            "sha": file.sha,
            "filename": file.path,
            "status": file.status,
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "blob_url": f"{html}/blob/{sha}/{file.path}",
            "raw_url": f"{html}/raw/{sha}/{file.path}",
            "contents_url": f"{self._payloads.api_url(repo)}/contents/{file.path}?ref={sha}",
            **({"patch": file.patch} if file.patch else {}),
            **({"previous_filename": file.previous} if file.previous else {}),
        }

    def entry(self, repo: Repository, ref: str, entry: Entry, content: bytes | None = None) -> Json:
        """A file or folder as the contents endpoint has it; with `content` as when it is asked for alone."""
        html = self._payloads.html_url(repo)
        url = f"{self._payloads.api_url(repo)}/contents/{entry.path}?ref={ref}"
        git = f"{self._payloads.api_url(repo)}/git/{'trees' if entry.kind == 'dir' else 'blobs'}/{entry.sha}"
        page = f"{html}/{'tree' if entry.kind == 'dir' else 'blob'}/{ref}/{entry.path}"
        data: dict[str, Any] = {
            "type": entry.kind,
            "size": entry.size,
            "name": entry.path.rsplit("/", 1)[-1],
            "path": entry.path,
            "sha": entry.sha,
            "url": url,
            "git_url": git,
            "html_url": page,
            "download_url": f"{html}/raw/{ref}/{entry.path}" if entry.kind == "file" else None,
            "_links": {"self": url, "git": git, "html": page},
        }
        if content is not None and len(content) > LARGEST_CONTENT:
            data |= {"encoding": "none", "content": ""}
        elif content is not None:
            data |= {"encoding": "base64", "content": base64.encodebytes(content).decode()}
        return data

    def pull(self, repo: Repository, issue: Issue, pull: Pull, diff: Sequence[FileDiff], commits: int) -> Json:
        """`diff` and `commits` are what the head has over the base."""
        url = f"{self._payloads.api_url(repo)}/pulls/{issue.number}"
        issue_url = f"{self._payloads.api_url(repo)}/issues/{issue.number}"
        html = f"{self._payloads.html_url(repo)}/pull/{issue.number}"
        common = (
            *("number", "title", "body", "labels", "user", "state", "locked", "active_lock_reason", "assignee"),
            *("assignees", "milestone", "comments", "author_association", "created_at", "updated_at", "closed_at"),
        )
        as_issue = self._payloads.issue(repo, issue, None)
        links = {
            "self": url,
            "html": html,
            "issue": issue_url,
            "comments": f"{issue_url}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{url.rsplit('/', 1)[0]}/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": f"{self._payloads.api_url(repo)}/statuses/{pull.head_sha}",
        }
        return {
            **{key: as_issue[key] for key in common},
            "id": pull.id,
            "node_id": f"PR_{pull.id}",
            "url": url,
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            **{f"{name}_url": href for name, href in links.items() if name not in ("self", "html")},
            "_links": {name: {"href": href} for name, href in links.items()},
            "head": self._end(repo, pull.head_ref, pull.head_sha),
            "base": self._end(repo, pull.base_ref, pull.base_sha),
            "draft": False,
            "auto_merge": None,
            "requested_reviewers": [],
            "requested_teams": [],
            "merged": pull.merged_at is not None,
            "merged_at": stamp(pull.merged_at),
            "merged_by": self._payloads.user(pull.merged_by) if pull.merged_by else None,
            "merge_commit_sha": pull.merge_sha,
            "mergeable": None if pull.merged_at else pull.merge_sha is not None,
            "mergeable_state": "unknown" if pull.merged_at else "clean" if pull.merge_sha else "dirty",
            "rebaseable": False,
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": commits,
            "additions": sum(file.additions for file in diff),
            "deletions": sum(file.deletions for file in diff),
            "changed_files": len(diff),
        }

    def _end(self, repo: Repository, ref: str, sha: str) -> Json:
        """One end of a pull request: its head or its base."""
        return {
            "label": f"{repo.owner.login}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self._payloads.user(repo.owner),
            "repo": self._payloads.repository(repo),
        }

    def _account(self, email: str) -> Json | None:
        found = next((user for user in self._state.users.values() if user.email == email), None)
        return self._payloads.user(found) if found else None
