"""Pull requests as JSON."""

from __future__ import annotations

from bot.hub.judgement import merge_state
from bot.hub.payloads.accounts import user_json
from bot.hub.payloads.issues import issue_json
from bot.hub.payloads.repositories import repository_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.places import changes
from bot.hub.state import Pull, Repository, State

COMMITS_IN_PULL = 250
"""Commits GitHub lists of a pull request (https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request)."""


def pull_json(state: State, repo: Repository, pull: Pull) -> Json:
    # Its own head and base shas, not the branches': those may be gone or have moved on since it was closed.
    diff = changes(repo, pull)
    commits = repo.git.log(f"{pull.base_sha}..{pull.head_sha}", COMMITS_IN_PULL)
    url = f"{state.api_url(repo)}/pulls/{pull.number}"
    issue_url = f"{state.api_url(repo)}/issues/{pull.number}"
    html = f"{state.html_url(repo)}/pull/{pull.number}"
    common = (
        *("number", "title", "body", "labels", "user", "state", "locked", "active_lock_reason", "assignee"),
        *("assignees", "milestone", "comments", "author_association", "created_at", "updated_at", "closed_at"),
    )
    as_issue = issue_json(state, repo, pull)
    links = {
        "self": url,
        "html": html,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{url.rsplit('/', 1)[0]}/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{state.api_url(repo)}/statuses/{pull.head_sha}",
    }
    return {
        **{key: as_issue[key] for key in common},
        "id": pull.pull_id,
        "node_id": f"PR_{pull.pull_id}",
        "url": url,
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        **{f"{name}_url": href for name, href in links.items() if name not in ("self", "html")},
        "_links": {name: {"href": href} for name, href in links.items()},
        "head": _end_json(state, repo, pull.head_ref, pull.head_sha),
        "base": _end_json(state, repo, pull.base_ref, pull.base_sha),
        "draft": False,
        "auto_merge": _auto_merge_json(state, pull),
        "requested_reviewers": [user_json(state, user) for user in pull.requested],
        "requested_teams": [],
        "merged": pull.merged_at is not None,
        "merged_at": stamp(pull.merged_at),
        "merged_by": user_json(state, pull.merged_by) if pull.merged_by else None,
        "merge_commit_sha": pull.merge_sha,
        "mergeable": None if pull.merged_at else pull.merge_sha is not None,
        "mergeable_state": merge_state(repo, pull),
        "rebaseable": pull.merge_sha is not None and all(len(commit.parents) == 1 for commit in commits),
        "review_comments": sum(len(thread.comments) for thread in pull.threads),
        "maintainer_can_modify": False,
        "commits": len(commits),
        "additions": sum(file.additions for file in diff),
        "deletions": sum(file.deletions for file in diff),
        "changed_files": len(diff),
    }


def _auto_merge_json(state: State, pull: Pull) -> Json | None:
    ordered = pull.auto_merge
    if ordered is None:
        return None
    return {
        "enabled_by": user_json(state, ordered.by),
        "merge_method": ordered.method,
        "commit_title": ordered.title,
        "commit_message": ordered.message,
    }


def _end_json(state: State, repo: Repository, ref: str, sha: str) -> Json:
    """One end of a pull request: its head or its base."""
    return {
        "label": f"{repo.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user_json(state, repo.owner),
        "repo": repository_json(state, repo),
    }
