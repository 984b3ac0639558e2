"""A repository as JSON."""

from __future__ import annotations

from bot.hub.payloads.accounts import user_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.state import Repository, State

_SAME = (
    *("contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges", "stargazers"),
    *("subscribers", "subscription", "tags", "teams"),
)
_SWITCHED_OFF = ("has_projects", "has_wiki", "has_pages", "has_discussions", "has_downloads")
_REPOSITORY_LINKS = {
    **{name: f"/{name}" for name in _SAME},
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "statuses": "/statuses/{sha}",
    "trees": "/git/trees{/sha}",
}


def repository_json(state: State, repo: Repository) -> Json:
    url, html = state.api_url(repo), state.html_url(repo)
    issues = sum(issue.state == "open" for issue in repo.issues.values())
    zero = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size", "subscribers_count")
    no = ("fork", *_SWITCHED_OFF, "disabled")
    return {
        "id": repo.id,
        "node_id": f"R_{repo.id}",
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user_json(state, repo.owner),
        "html_url": html,
        "description": None,
        "url": url,
        **{f"{name}_url": url + path for name, path in _REPOSITORY_LINKS.items()},
        "clone_url": f"{html}.git",
        "git_url": f"{html}.git",
        "ssh_url": f"{html}.git",
        "svn_url": html,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "topics": [],
        "private": repo.private,
        "visibility": "private" if repo.private else "public",
        "default_branch": repo.default_branch,
        "has_issues": True,
        "archived": repo.archived,
        **dict.fromkeys(no, False),
        **dict.fromkeys(zero, 0),
        "network_count": 0,
        "open_issues": issues,
        "open_issues_count": issues,
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.created_at),
        "pushed_at": stamp(repo.created_at),
    }
