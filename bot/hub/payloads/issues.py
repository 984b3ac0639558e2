"""Issues, comments, labels and reactions as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.hub.payloads.accounts import app_json, user_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.state import Comment, Issue, Label, Labelled, Reaction, Reopened, Repository, State, User

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def label_json(state: State, repo: Repository, label: Label) -> Json:
    return {
        "id": label.id,
        "node_id": f"LA_{label.id}",
        "url": f"{state.api_url(repo)}/labels/{label.name}",
        "name": label.name,
        "description": label.description,
        "color": label.color,
        "default": False,
        "archived_at": None,
        "archived_by": None,
    }


def reaction_json(state: State, reaction: Reaction) -> Json:
    return {
        "id": reaction.id,
        "node_id": f"REA_{reaction.id}",
        "user": user_json(state, reaction.user),
        "content": reaction.content,
        "created_at": stamp(reaction.created_at),
    }


def issue_json(state: State, repo: Repository, issue: Issue) -> Json:
    url = f"{state.api_url(repo)}/issues/{issue.number}"
    html = f"{state.html_url(repo)}/{'pull' if issue.pull else 'issues'}/{issue.number}"
    pull = {
        "url": f"{state.api_url(repo)}/pulls/{issue.number}",
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "merged_at": stamp(issue.pull.merged_at) if issue.pull else None,
    }
    return {
        **_written_json(state, repo, issue, url),
        "id": issue.id,
        "node_id": f"I_{issue.id}",
        "url": url,
        "repository_url": state.api_url(repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": html,
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "labels": [label_json(state, repo, label) for label in issue.labels],
        "state": issue.state,
        "state_reason": issue.state_reason,
        "locked": issue.locked,
        "active_lock_reason": None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(issue.comments),
        "closed_at": stamp(issue.closed_at),
        **({"pull_request": pull, "draft": False} if issue.pull else {}),
    }


def comment_json(state: State, repo: Repository, issue: Issue, comment: Comment) -> Json:
    url = f"{state.api_url(repo)}/issues/comments/{comment.id}"
    kind = "pull" if issue.pull else "issues"
    return {
        **_written_json(state, repo, comment, url),
        "id": comment.id,
        "node_id": f"IC_{comment.id}",
        "url": url,
        "html_url": f"{state.html_url(repo)}/{kind}/{issue.number}#issuecomment-{comment.id}",
        "issue_url": f"{state.api_url(repo)}/issues/{issue.number}",
        "body": comment.body,
    }


def history_json(state: State, repo: Repository, event: Labelled | Reopened) -> Json:
    """An event in the history of an issue or a pull request."""
    url = f"{state.api_url(repo)}/issues/events/{event.id}"
    what: Json = {"event": "reopened", "state_reason": None}
    if isinstance(event, Labelled):
        what = {"event": "labeled", "label": {"name": event.label.name, "color": event.label.color}}
    return {
        "id": event.id,
        "node_id": f"{'LE' if isinstance(event, Labelled) else 'REE'}_{event.id}",
        "url": url,
        "actor": user_json(state, event.by),
        "commit_id": None,
        "commit_url": None,
        "created_at": stamp(event.at),
        "performed_via_github_app": None,
        **what,
    }


def association(repo: Repository, user: User) -> str:
    """Return how GitHub calls a person's relation to a repository."""
    if user == repo.owner or repo.role(user) == "admin":
        return "OWNER"
    return "NONE" if repo.role(user) in ("none", "read") else "COLLABORATOR"


def reactions_json(reactions: Sequence[Reaction], url: str) -> Json:
    """How often there is which reaction to what is at `url`."""
    counts = Counter(reaction.content for reaction in reactions)
    return {
        "url": f"{url}/reactions",
        "total_count": len(reactions),
        **{content: counts[content] for content in REACTIONS},
    }


def _written_json(state: State, repo: Repository, text: Issue | Comment, url: str) -> Json:
    """What issues and comments have in common."""
    return {
        "user": user_json(state, text.author),
        "author_association": association(repo, text.author),
        "performed_via_github_app": app_json(state, state.app) if text.by_app and state.app else None,
        "reactions": reactions_json(text.reactions, url),
        "created_at": stamp(text.created_at),
        "updated_at": stamp(text.updated_at),
    }
