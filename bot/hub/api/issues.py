"""REST: issues, comments, labels and reactions."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, request

from bot.hub.access import ApiError
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.issues import invalid
from bot.hub.parts import Parts
from bot.hub.state.store import Issue, Repository

ISSUES_READ, ISSUES_WRITE = "issues:read|pull_requests:read", "issues:write|pull_requests:write"


def issue_endpoints(parts: Parts) -> Blueprint:
    """Endpoints about issues; pull requests are issues here too."""
    endpoints = Endpoints(parts, "issues")
    route = endpoints.route

    def as_json(repo: Repository, issue: Issue) -> dict[str, object]:
        return parts.payloads.issue(repo, issue, parts.state.app)

    @route("POST", "/issues", "issues:write", "read")
    def create(call: Call) -> Answer:
        # GitHub drops the labels silently where the author may not set any.
        names = call.body.get("labels") or [] if call.by.may(call.repo, "issues:write", "write") else []
        labels = [name if isinstance(name, str) else str(name.get("name")) for name in names]
        issue = parts.issues.open(call.repo, call.by, call.text("title"), call.text("body"), labels)
        return 201, as_json(call.repo, issue)

    @route("GET", "/issues/<int:number>", ISSUES_READ, "read")
    def get(call: Call, number: int) -> Answer:
        return as_json(call.repo, find_issue(call.repo, number))

    @route("PATCH", "/issues/<int:number>", ISSUES_WRITE, "write")
    def edit(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        parts.issues.edit(call.repo, issue, call.by, call.text("title", issue.title), call.text("body", issue.body))
        state = call.text("state", issue.state)
        if issue.pull:
            parts.pulls.set_state(call.repo, issue, issue.pull, call.by, state)
        else:
            parts.issues.set_state(call.repo, issue, call.by, state, call.text("state_reason") or None)
        return as_json(call.repo, issue)

    @route("GET", "/issues/<int:number>/labels", ISSUES_READ, "read")
    def labels(call: Call, number: int) -> Answer:
        found = find_issue(call.repo, number).labels
        return call.page(found, lambda label: parts.payloads.label(call.repo, label))

    @route("POST", "/issues/<int:number>/labels", ISSUES_WRITE, "write")
    def add_labels(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        parts.issues.add_labels(call.repo, issue, call.by, [str(name) for name in call.body.get("labels") or ()])
        return [parts.payloads.label(call.repo, each) for each in issue.labels]

    @route("DELETE", "/issues/<int:number>/labels/<path:label>", ISSUES_WRITE, "write")
    def remove_label(call: Call, number: int, label: str) -> Answer:
        issue = find_issue(call.repo, number)
        parts.issues.remove_label(call.repo, issue, call.by, label)
        return [parts.payloads.label(call.repo, each) for each in issue.labels]

    @route("GET", "/issues/<int:number>/comments", ISSUES_READ, "read")
    def comments(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        app = parts.state.app
        since = _since()
        # By when they were last changed: https://docs.github.com/en/rest/issues/comments#list-issue-comments
        found = [comment for comment in issue.comments if since is None or comment.updated_at >= since]
        return call.page(found, lambda comment: parts.payloads.comment(call.repo, issue, comment, app))

    @route("POST", "/issues/<int:number>/comments", ISSUES_WRITE, "read")
    def create_comment(call: Call, number: int) -> Answer:
        issue = find_issue(call.repo, number)
        comment = parts.issues.comment(call.repo, issue, call.by, call.text("body"))
        return 201, parts.payloads.comment(call.repo, issue, comment, parts.state.app)

    @route("GET", "/issues/comments/<int:comment_id>", ISSUES_READ, "read")
    def get_comment(call: Call, comment_id: int) -> Answer:
        issue, comment = parts.issues.find_comment(call.repo, comment_id)
        return parts.payloads.comment(call.repo, issue, comment, parts.state.app)

    @route("PATCH", "/issues/comments/<int:comment_id>", ISSUES_WRITE, "read")
    def edit_comment(call: Call, comment_id: int) -> Answer:
        issue, comment = parts.issues.find_comment(call.repo, comment_id)
        if comment.author != call.by.user and not call.by.may(call.repo, "administration:write", "write"):
            raise ApiError(403, "Resource not accessible by integration")
        parts.issues.edit_comment(comment, call.text("body"))
        return parts.payloads.comment(call.repo, issue, comment, parts.state.app)

    @route("GET", "/issues/<int:number>/reactions", ISSUES_READ, "read")
    def reactions(call: Call, number: int) -> Answer:
        return call.page(find_issue(call.repo, number).reactions, parts.payloads.reaction)

    @route("POST", "/issues/<int:number>/reactions", ISSUES_WRITE, "read")
    def react(call: Call, number: int) -> Answer:
        reaction, new = parts.issues.react(find_issue(call.repo, number), call.by, call.text("content"))
        return 201 if new else 200, parts.payloads.reaction(reaction)

    @route("GET", "/issues/comments/<int:comment_id>/reactions", ISSUES_READ, "read")
    def comment_reactions(call: Call, comment_id: int) -> Answer:
        return call.page(parts.issues.find_comment(call.repo, comment_id)[1].reactions, parts.payloads.reaction)

    @route("POST", "/issues/comments/<int:comment_id>/reactions", ISSUES_WRITE, "read")
    def react_to_comment(call: Call, comment_id: int) -> Answer:
        comment = parts.issues.find_comment(call.repo, comment_id)[1]
        reaction, new = parts.issues.react(comment, call.by, call.text("content"))
        return 201 if new else 200, parts.payloads.reaction(reaction)

    return endpoints.blueprint


def find_issue(repo: Repository, number: int) -> Issue:
    if number not in repo.issues:
        raise ApiError(404, "Not Found")
    return repo.issues[number]


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
