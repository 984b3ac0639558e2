"""Commits, pushes, refs and files as JSON; accounts are found by the addresses commits carry."""

from __future__ import annotations

import base64
from typing import Any

from bot.hub.git import NO_COMMIT, Commit, Committer, Entry, FileDiff
from bot.hub.payloads.accounts import user_json
from bot.hub.payloads.values import Json
from bot.hub.state import Repository, State

COMMITS_IN_PUSH = 20
"""Commits the hub lists of a push, the newest ones."""
LARGEST_CONTENT = 1024 * 1024
"""Bytes of a file that are sent along (https://docs.github.com/en/rest/repos/contents#get-repository-content)."""


def simple_commit_json(commit: Commit) -> Json:
    """A commit as check suites, workflow runs and pushes hold it."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.committed_at,
        "author": {"name": commit.author, "email": commit.author_email},
        "committer": {"name": commit.committer, "email": commit.committer_email},
    }


def git_commit_json(state: State, repo: Repository, commit: Commit) -> Json:
    """A commit as the git database endpoints have it."""
    url = state.api_url(repo)
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "url": f"{url}/git/commits/{commit.sha}",
        "html_url": f"{state.html_url(repo)}/commit/{commit.sha}",
        "author": {"name": commit.author, "email": commit.author_email, "date": commit.authored_at},
        "committer": {"name": commit.committer, "email": commit.committer_email, "date": commit.committed_at},
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
        "parents": [
            {
                "sha": parent,
                "url": f"{url}/git/commits/{parent}",
                "html_url": f"{state.html_url(repo)}/commit/{parent}",
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


def blob_json(state: State, repo: Repository, sha: str) -> Json:
    """A file's content as the git database endpoints have it; a `GitError` where there is no such blob."""
    content = repo.git.blob(sha)
    return {
        "sha": sha,
        "node_id": f"B_{sha}",
        "url": f"{state.api_url(repo)}/git/blobs/{sha}",
        "size": len(content),
        "encoding": "base64",
        "content": base64.b64encode(content).decode(),
    }


def commit_json(state: State, repo: Repository, commit: Commit) -> Json:
    """A commit as the commits endpoints have it."""
    inner = git_commit_json(state, repo, commit)
    url = f"{state.api_url(repo)}/commits/{commit.sha}"
    return {
        **{key: inner[key] for key in ("sha", "node_id", "html_url", "parents")},
        "url": url,
        "comments_url": f"{url}/comments",
        "commit": {
            **{key: inner[key] for key in ("url", "author", "committer", "message", "tree", "verification")},
            "comment_count": 0,
        },
        "author": _account_json(state, commit.author_email),
        "committer": _account_json(state, commit.committer_email),
    }


def push_json(state: State, repo: Repository, branch: str, before: str, after: str) -> Json:
    """Return the body of a push event, without what all events share and without who has pushed.

    `before` and `after` are the branch's heads; `NO_COMMIT` stands for a branch that does not exist.
    """
    pushed, head = [], None
    if after != NO_COMMIT:
        known = repo.git.head(repo.default_branch) if before == NO_COMMIT else before
        commits = repo.git.log(f"{known}..{after}" if known else after, COMMITS_IN_PUSH)
        pushed = [_pushed_commit_json(state, repo, commit) for commit in reversed(commits) if commit.parents]
        head = pushed[-1] if pushed else _pushed_commit_json(state, repo, repo.git.log(after, 1)[0])
    return {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "base_ref": None,
        "compare": f"{state.html_url(repo)}/compare/{before[:12]}...{after[:12]}",
        "created": before == NO_COMMIT,
        "deleted": after == NO_COMMIT,
        "forced": NO_COMMIT not in (before, after) and not repo.git.contains(after, before),
        "commits": pushed,
        "head_commit": head,
    }


def ref_json(state: State, repo: Repository, name: str, sha: str) -> Json:
    """`name` is the full one, such as "refs/heads/main"."""
    url = f"{state.api_url(repo)}/git"
    return {
        "ref": name,
        "node_id": f"REF_{name}",
        "url": f"{url}/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{url}/commits/{sha}"},
    }


def file_json(state: State, repo: Repository, file: FileDiff, sha: str) -> Json:
    html = state.html_url(repo)
    return {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{html}/blob/{sha}/{file.path}",
        "raw_url": f"{html}/raw/{sha}/{file.path}",
        "contents_url": f"{state.api_url(repo)}/contents/{file.path}?ref={sha}",
        **({"patch": file.patch} if file.patch else {}),
        **({"previous_filename": file.previous} if file.previous else {}),
    }


def entry_json(state: State, repo: Repository, ref: str, entry: Entry, content: bytes | None = None) -> Json:
    """A file or folder as the contents endpoint has it; with `content` as when it is asked for alone."""
    html = state.html_url(repo)
    url = f"{state.api_url(repo)}/contents/{entry.path}?ref={ref}"
    git = f"{state.api_url(repo)}/git/{'trees' if entry.kind == 'dir' else 'blobs'}/{entry.sha}"
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


def _account_json(state: State, email: str) -> Json | None:
    if email == Committer().email:
        return user_json(state, state.user("web-flow"))
    found = next((user for user in state.users.values() if user.email == email), None)
    return user_json(state, found) if found else None


def _pushed_commit_json(state: State, repo: Repository, commit: Commit) -> Json:
    """Return a commit as push payloads have it; the first of a repository has no paths there."""
    paths = repo.git.diff(commit.parents[0], commit.sha) if commit.parents else []
    return {
        **simple_commit_json(commit),
        "distinct": True,
        "url": f"{state.html_url(repo)}/commit/{commit.sha}",
        "added": [file.path for file in paths if file.status == "added"],
        "removed": [file.path for file in paths if file.status == "removed"],
        "modified": [file.path for file in paths if file.status not in ("added", "removed")],
    }
