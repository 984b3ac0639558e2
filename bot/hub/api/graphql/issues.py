"""What GraphQL answers of issues, and of what they have in common with pull requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.hub.access import Caller
from bot.hub.api.graphql.connection import page
from bot.hub.api.graphql.nodes import author
from bot.hub.api.graphql.refused import Refused
from bot.hub.parts import Parts
from bot.hub.payloads import comment_json, stamp
from bot.hub.state import Comment, Issue, Reaction, Rename, Repository

_CONTENTS = {
    **{"+1": "THUMBS_UP", "-1": "THUMBS_DOWN", "laugh": "LAUGH", "hooray": "HOORAY", "confused": "CONFUSED"},
    **{"heart": "HEART", "rocket": "ROCKET", "eyes": "EYES"},
}


def issue_of(parts: Parts, by: Caller, repo: Repository, number: int) -> Any:
    """Return an issue, or refuse where there is none of that number."""
    issue = repo.issues.get(number)
    if issue is None or issue.pull is not None:
        raise Refused("NOT_FOUND", f"Could not resolve to an Issue with the number of {number}.")
    return {
        **written(parts, by, repo, issue),
        "__typename": "Issue",
        "id": f"I_{issue.id}",
        "locked": issue.locked,
        "state": issue.state.upper(),
        "stateReason": lambda _, **__: issue.state_reason and issue.state_reason.upper(),
        "url": f"{parts.state.html_url(repo)}/issues/{issue.number}",
        "lastEditedAt": stamp(issue.edited_at),
        "editor": author(issue.editor) if issue.editor else None,
        "timelineItems": lambda _, **wanted: _timeline(issue, **wanted),
    }


def written(parts: Parts, by: Caller, repo: Repository, issue: Issue) -> Any:
    """Return what issues and pull requests have in common."""
    return {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "author": author(issue.author),
        "createdAt": stamp(issue.created_at),
        "updatedAt": stamp(issue.updated_at),
        "milestone": None,
        "assignees": lambda _, **wanted: page([], **wanted),
        "projectCards": lambda _, **wanted: page([], **wanted),
        "labels": lambda _, **wanted: page([{**vars(each), "id": f"LA_{each.id}"} for each in issue.labels], **wanted),
        "reactionGroups": reaction_groups(issue.reactions),
        "comments": lambda _, **wanted: page(
            [comment_of(parts, by, repo, issue, comment) for comment in issue.comments], **wanted
        ),
    }


def comment_of(parts: Parts, by: Caller, repo: Repository, issue: Issue, comment: Comment) -> Any:
    as_rest = comment_json(parts.state, repo, issue, comment)
    return {
        "__typename": "IssueComment",
        "id": as_rest["node_id"],
        "databaseId": comment.id,
        "author": author(comment.author),
        "authorAssociation": as_rest["author_association"],
        "body": comment.body,
        "createdAt": as_rest["created_at"],
        "lastEditedAt": stamp(comment.edited_at),
        "editor": author(comment.editor) if comment.editor else None,
        "includesCreatedEdit": comment.edited_at is not None,
        "isMinimized": False,
        "reactionGroups": reaction_groups(comment.reactions),
        "url": as_rest["html_url"],
        "viewerDidAuthor": comment.author == by.user,
    }


def reaction_groups(reactions: Sequence[Reaction]) -> Any:
    """Return how many people have reacted in which way: all ways that there are."""
    counts = Counter(_CONTENTS[reaction.content] for reaction in reactions)
    return [
        {"content": content, "users": lambda _, count=counts[content], **__: {"totalCount": count}}
        for content in _CONTENTS.values()
    ]


def _timeline(issue: Issue, itemTypes: list[str] | None = None, **wanted: Any) -> Any:
    """Return what has happened to an issue, of the kinds that are asked for; of the hub these are the titles."""
    renames = issue.renames if itemTypes is None or "RENAMED_TITLE_EVENT" in itemTypes else []
    return page([_rename(rename) for rename in renames], **wanted)


def _rename(rename: Rename) -> Any:
    return {
        "__typename": "RenamedTitleEvent",
        "actor": author(rename.by),
        "createdAt": stamp(rename.at),
        "previousTitle": rename.before,
        "currentTitle": rename.after,
    }
