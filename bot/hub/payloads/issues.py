"""State as JSON in GitHub's own shape, complete enough for models generated from GitHub's OpenAPI description.

REST answers and webhooks share these: https://docs.github.com/en/rest and https://docs.github.com/en/webhooks.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from bot.hub.state.store import App, Comment, Issue, Label, Reaction, Repository, User

Json = dict[str, Any]

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
EVENTS = ("issue_comment", "issues", "pull_request", "push", "workflow_run")
"""The webhook events the hub sends."""

_USER_LINKS = (
    *(("followers", ""), ("following", "{/other_user}"), ("gists", "{/gist_id}"), ("starred", "{/owner}{/repo}")),
    *(("subscriptions", ""), ("organizations", ""), ("repos", ""), ("events", "{/privacy}"), ("received_events", "")),
)
_SAME = (
    *("contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges", "stargazers"),
    *("subscribers", "subscription", "tags", "teams"),
)
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


def stamp(time: datetime | None) -> str | None:
    """Return a time as GitHub writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


class Payloads:
    """Builds JSON; `web` is the hub's address, below which everything has its own."""

    def __init__(self, web: str) -> None:
        self.web = web
        self.api = f"{web}/api/v3"

    def html_url(self, repo: Repository) -> str:
        return f"{self.web}/{repo.full_name}"

    def api_url(self, repo: Repository) -> str:
        return f"{self.api}/repos/{repo.full_name}"

    def user(self, user: User) -> Json:
        url = f"{self.api}/users/{user.login}"
        return {
            "login": user.login,
            "id": user.id,
            "node_id": f"U_{user.id}",
            "avatar_url": f"{self.web}/_hub/avatars/{user.login}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.web}/{user.login}",
            **{f"{name}_url": f"{url}/{name}{rest}" for name, rest in _USER_LINKS},
            "type": user.kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def app(self, app: App) -> Json:
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": f"A_{app.id}",
            "owner": self.user(app.owner),
            "name": app.name,
            "description": "",
            "external_url": self.web,
            "html_url": f"{self.web}/apps/{app.slug}",
            "created_at": stamp(app.created_at),
            "updated_at": stamp(app.created_at),
            "permissions": dict(app.permissions),
            "events": list(EVENTS),
            "installations_count": 1,
        }

    def installation(self, app: App) -> Json:
        url = f"{self.api}/app/installations/{app.installation_id}"
        return {
            "id": app.installation_id,
            "account": self.user(app.owner),
            "repository_selection": "all",
            "access_tokens_url": f"{url}/access_tokens",
            "repositories_url": f"{self.api}/installation/repositories",
            "html_url": f"{self.web}/settings/installations/{app.installation_id}",
            "app_id": app.id,
            "app_slug": app.slug,
            "target_id": app.owner.id,
            "target_type": app.owner.kind,
            "permissions": dict(app.permissions),
            "events": list(EVENTS),
            "created_at": stamp(app.created_at),
            "updated_at": stamp(app.created_at),
            "single_file_name": None,
            "suspended_by": None,
            "suspended_at": None,
        }

    def repository(self, repo: Repository) -> Json:
        url, html = self.api_url(repo), self.html_url(repo)
        issues = sum(issue.state == "open" for issue in repo.issues.values())
        zero = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size", "subscribers_count")
        no = ("private", "fork", "has_projects", "has_wiki", "has_pages", "has_discussions", "archived", "disabled")
        return {
            "id": repo.id,
            "node_id": f"R_{repo.id}",
            "name": repo.name,
            "full_name": repo.full_name,
            "owner": self.user(repo.owner),
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
            "visibility": "public",
            "default_branch": repo.default_branch,
            "has_issues": True,
            **dict.fromkeys(no, False),
            **dict.fromkeys(zero, 0),
            "network_count": 0,
            "open_issues": issues,
            "open_issues_count": issues,
            "created_at": stamp(repo.created_at),
            "updated_at": stamp(repo.created_at),
            "pushed_at": stamp(repo.created_at),
        }

    def label(self, repo: Repository, label: Label) -> Json:
        return {
            "id": label.id,
            "node_id": f"LA_{label.id}",
            "url": f"{self.api_url(repo)}/labels/{label.name}",
            "name": label.name,
            "description": label.description,
            "color": label.color,
            "default": False,
            "archived_at": None,
            "archived_by": None,
        }

    def reaction(self, reaction: Reaction) -> Json:
        return {
            "id": reaction.id,
            "node_id": f"REA_{reaction.id}",
            "user": self.user(reaction.user),
            "content": reaction.content,
            "created_at": stamp(reaction.created_at),
        }

    def issue(self, repo: Repository, issue: Issue, app: App | None) -> Json:
        """`app` is the one that may have written it."""
        url = f"{self.api_url(repo)}/issues/{issue.number}"
        html = f"{self.html_url(repo)}/{'pull' if issue.pull else 'issues'}/{issue.number}"
        pull = {
            "url": f"{self.api_url(repo)}/pulls/{issue.number}",
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": stamp(issue.pull.merged_at) if issue.pull else None,
        }
        return {
            **self._written(repo, issue, app, url),
            "id": issue.id,
            "node_id": f"I_{issue.id}",
            "url": url,
            "repository_url": self.api_url(repo),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": html,
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "labels": [self.label(repo, label) for label in issue.labels],
            "state": issue.state,
            "state_reason": issue.state_reason,
            "locked": False,
            "active_lock_reason": None,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(issue.comments),
            "closed_at": stamp(issue.closed_at),
            **({"pull_request": pull, "draft": False} if issue.pull else {}),
        }

    def comment(self, repo: Repository, issue: Issue, comment: Comment, app: App | None) -> Json:
        url = f"{self.api_url(repo)}/issues/comments/{comment.id}"
        kind = "pull" if issue.pull else "issues"
        return {
            **self._written(repo, comment, app, url),
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "url": url,
            "html_url": f"{self.html_url(repo)}/{kind}/{issue.number}#issuecomment-{comment.id}",
            "issue_url": f"{self.api_url(repo)}/issues/{issue.number}",
            "body": comment.body,
        }

    def _written(self, repo: Repository, thing: Issue | Comment, app: App | None, url: str) -> Json:
        """What issues and comments have in common."""
        counts = Counter(reaction.content for reaction in thing.reactions)
        return {
            "user": self.user(thing.author),
            "author_association": {"admin": "OWNER", "write": "COLLABORATOR"}.get(repo.role(thing.author), "NONE"),
            "performed_via_github_app": self.app(app) if thing.by_app and app else None,
            "reactions": {
                "url": f"{url}/reactions",
                "total_count": len(thing.reactions),
                **{content: counts[content] for content in REACTIONS},
            },
            "created_at": stamp(thing.created_at),
            "updated_at": stamp(thing.updated_at),
        }
