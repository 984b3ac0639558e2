"""REST: issues, their labels, comments and reactions; pull requests are issues here too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from flask import request

from bot.hub.access import ApiError, invalid
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.issues import find_comment, find_issue
from bot.hub.payloads import Json, comment_json, history_json, issue_json, label_json, reaction_json, user_json
from bot.hub.state import Comment, Issue

Written = TypeVar("Written", Issue, Comment)

ENDPOINTS = Endpoints("issues")
_READ, _WRITE = "issues:read|pull_requests:read", "issues:write|pull_requests:write"


@ENDPOINTS.route("POST", "/issues", "issues:write")
def create_issue(call: Call) -> Answer:
    # GitHub drops the labels silently where the author may not set any.
    names = call.body.get("labels") or [] if call.by.may(call.repo, "issues:write", "triage") else []
    labels = [name if isinstance(name, str) else str(name.get("name")) for name in names]
    issue = call.parts.issues.open(call.repo, call.by, call.text("title"), call.text("body"), labels)
    return 201, issue_json(call.state, call.repo, issue)


@ENDPOINTS.route("GET", "/issues", _READ)
def list_issues(call: Call) -> Answer:
    since, state = _since(), request.args.get("state", "open")
    wanted = {name.casefold() for name in request.args.get("labels", "").split(",") if name}
    found = [
        issue
        for issue in call.repo.issues.values()
        if state in (issue.state, "all")
        and wanted <= {label.name.casefold() for label in issue.labels}
        and (since is None or issue.updated_at >= since)
    ]
    return call.page(_sorted(found), lambda issue: issue_json(call.state, call.repo, issue))


@ENDPOINTS.route("GET", "/issues/comments", _READ)
def list_all_comments(call: Call) -> Answer:
    since = _since()
    found = {
        comment.id: (issue, comment)
        for issue in call.repo.issues.values()
        for comment in issue.comments
        if since is None or comment.updated_at >= since
    }
    shown = _sorted([comment for _, comment in found.values()])
    return call.page(shown, lambda comment: comment_json(call.state, call.repo, *found[comment.id]))


@ENDPOINTS.route("GET", "/issues/<int:number>/events", _READ)
def list_events(call: Call, number: int) -> Answer:
    events = find_issue(call.repo, number).history
    return call.page(events, lambda event: history_json(call.state, call.repo, event))


@ENDPOINTS.route("GET", "/issues/<int:number>", _READ)
def get_issue(call: Call, number: int) -> Answer:
    return _whole(call, find_issue(call.repo, number))


@ENDPOINTS.route("PATCH", "/issues/<int:number>", _WRITE)
def edit_issue(call: Call, number: int) -> Answer:
    issue, issues = find_issue(call.repo, number), call.parts.issues
    call.must_change(issue)
    issues.edit(call.repo, issue, call.by, call.text("title", issue.title), call.text("body", issue.body))
    state = call.text("state", issue.state)
    if issue.pull:
        call.parts.pulls.set_state(call.repo, issue.pull, call.by, state)
    else:
        issues.set_state(call.repo, issue, call.by, state, call.text("state_reason") or None)
    return _whole(call, issue)


@ENDPOINTS.route("PUT", "/issues/<int:number>/lock", _WRITE, "write")
def lock_issue(call: Call, number: int) -> Answer:
    call.parts.issues.lock(call.repo, find_issue(call.repo, number), call.by, locked=True)
    return None


@ENDPOINTS.route("DELETE", "/issues/<int:number>/lock", _WRITE, "write")
def unlock_issue(call: Call, number: int) -> Answer:
    call.parts.issues.lock(call.repo, find_issue(call.repo, number), call.by, locked=False)
    return None


@ENDPOINTS.route("GET", "/issues/<int:number>/labels", _READ)
def list_labels(call: Call, number: int) -> Answer:
    labels = find_issue(call.repo, number).labels
    return call.page(labels, lambda label: label_json(call.state, call.repo, label))


@ENDPOINTS.route("POST", "/issues/<int:number>/labels", _WRITE, "triage")
def add_labels(call: Call, number: int) -> Answer:
    issue = find_issue(call.repo, number)
    call.parts.issues.add_labels(call.repo, issue, call.by, [str(name) for name in call.body.get("labels") or ()])
    return [label_json(call.state, call.repo, each) for each in issue.labels]


@ENDPOINTS.route("DELETE", "/issues/<int:number>/labels/<path:label>", _WRITE, "triage")
def remove_label(call: Call, number: int, label: str) -> Answer:
    issue = find_issue(call.repo, number)
    call.parts.issues.remove_label(call.repo, issue, call.by, label)
    return [label_json(call.state, call.repo, each) for each in issue.labels]


@ENDPOINTS.route("GET", "/issues/<int:number>/comments", _READ)
def list_comments(call: Call, number: int) -> Answer:
    issue, since = find_issue(call.repo, number), _since()
    # By when they were last changed: https://docs.github.com/en/rest/issues/comments#list-issue-comments
    comments = [comment for comment in issue.comments if since is None or comment.updated_at >= since]
    return call.page(comments, lambda comment: comment_json(call.state, call.repo, issue, comment))


@ENDPOINTS.route("POST", "/issues/<int:number>/comments", _WRITE)
def create_comment(call: Call, number: int) -> Answer:
    issue = find_issue(call.repo, number)
    comment = call.parts.issues.comment(call.repo, issue, call.by, call.text("body"))
    return 201, comment_json(call.state, call.repo, issue, comment)


@ENDPOINTS.route("GET", "/issues/comments/<int:comment_id>", _READ)
def get_comment(call: Call, comment_id: int) -> Answer:
    return comment_json(call.state, call.repo, *find_comment(call.repo, comment_id))


@ENDPOINTS.route("PATCH", "/issues/comments/<int:comment_id>", _WRITE)
def edit_comment(call: Call, comment_id: int) -> Answer:
    issue, comment = _changeable(call, comment_id)
    call.parts.issues.edit_comment(comment, call.by, call.text("body"))
    return comment_json(call.state, call.repo, issue, comment)


@ENDPOINTS.route("DELETE", "/issues/comments/<int:comment_id>", _WRITE)
def delete_comment(call: Call, comment_id: int) -> Answer:
    call.parts.issues.delete_comment(call.repo, *_changeable(call, comment_id), call.by)
    return None


def _changeable(call: Call, comment_id: int) -> tuple[Issue, Comment]:
    """Return a comment that the caller may change, and its issue."""
    issue, comment = find_comment(call.repo, comment_id)
    if comment.author != call.by.user and not call.by.may(call.repo, "administration:write", "write"):
        raise ApiError(403, "Resource not accessible by integration")
    return issue, comment


@ENDPOINTS.route("GET", "/issues/<int:number>/reactions", _READ)
def list_reactions(call: Call, number: int) -> Answer:
    return list_reactions_of(call, find_issue(call.repo, number))


@ENDPOINTS.route("POST", "/issues/<int:number>/reactions", _WRITE)
def react(call: Call, number: int) -> Answer:
    return react_to(call, find_issue(call.repo, number))


@ENDPOINTS.route("GET", "/issues/comments/<int:comment_id>/reactions", _READ)
def list_comment_reactions(call: Call, comment_id: int) -> Answer:
    return list_reactions_of(call, find_comment(call.repo, comment_id)[1])


@ENDPOINTS.route("POST", "/issues/comments/<int:comment_id>/reactions", _WRITE)
def react_to_comment(call: Call, comment_id: int) -> Answer:
    return react_to(call, find_comment(call.repo, comment_id)[1])


def list_reactions_of(call: Call, target: Issue | Comment) -> Answer:
    """Answer with the reactions to something."""
    return call.page(target.reactions, lambda reaction: reaction_json(call.state, reaction))


def react_to(call: Call, target: Issue | Comment) -> Answer:
    """Answer with the caller's new reaction to something, or the one that was there."""
    reaction, new = call.parts.issues.react(target, call.by, call.text("content"))
    return 201 if new else 200, reaction_json(call.state, reaction)


def _whole(call: Call, issue: Issue) -> Json:
    """Return an issue with what is said of it only where it is asked for by itself."""
    closed_by = user_json(call.state, issue.closed_by) if issue.closed_by else None
    return {**issue_json(call.state, call.repo, issue), "closed_by": closed_by}


def _sorted(items: list[Written]) -> list[Written]:
    """Return issues or comments in the order that the request asks for; the newest first where it does not."""
    by = "updated_at" if request.args.get("sort") == "updated" else "created_at"
    newest_first = request.args.get("direction", "desc") == "desc"
    return sorted(items, key=lambda item: (getattr(item, by), item.id), reverse=newest_first)


def _since() -> datetime | None:
    """Return the time that the request's `since` names, or None."""
    text = request.args.get("since")
    if text is None:
        return None
    try:
        since = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("IssueComment", "since", "invalid") from error
    return since if since.tzinfo else since.replace(tzinfo=UTC)
