"""How a verified webhook delivery becomes an event, or nothing: by its name first, then by what the bot reads of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.values.edits import fingerprint
from bot.values.form import is_by_form
from bot.values.hint import Hint
from bot.values.naming import BUILD_WORKFLOW, CHECK, DEPLOY_WORKFLOW, issue_of_branch, issue_of_message
from bot.web.events import (
    ChecksFinished,
    CommentCreated,
    Event,
    IssueClosed,
    IssueEdited,
    IssueOpened,
    LabelAdded,
    PullChanged,
    PullClosed,
    PullPushed,
    PullReopened,
    RerunAsked,
    ReviewDismissed,
    ReviewSubmitted,
    WorkflowRunFinished,
)
from bot.web.payloads import (
    CheckedPull,
    CheckRunPayload,
    CheckSuitePayload,
    CommentPayload,
    IssuePayload,
    LabelPayload,
    Payload,
    PullPayload,
    ReviewCommentPayload,
    ReviewPayload,
    WorkflowRunPayload,
)
from bot.web.places import installation_changed, installed, repository_changed, settings_pushed

log = logging.getLogger(__name__)

_ACTION = re.compile(rb'\s*\{\s*"action"\s*:\s*"([a-z_]*)"')


def concerns(name: str, body: bytes) -> bool:
    """Return whether a delivery may concern the bot, by its event's name and its action alone.

    GitHub writes the action first, so that it is read without the rest. Where something else comes first, or nothing
    that is JSON, the payload has to be parsed.
    """
    if all(name != known for known, _ in _READERS):
        return False
    begin = _ACTION.match(body)
    return begin is None or (name, begin[1].decode()) in _READERS


def parse(name: str, delivery: str, payload: Mapping[str, Any]) -> Event | None:
    """Return the event of a verified delivery, or None if it is none that the bot knows.

    Fields that are not used are ignored. A delivery that lacks a field, or has one of a wrong type, is logged; it
    gives None.

    Args:
        name: header X-GitHub-Event.
        delivery: header X-GitHub-Delivery.
    """
    action = payload.get("action", "")
    reader = _READERS.get((name, action)) if isinstance(action, str) else None
    if reader is None:
        return None
    try:
        return reader(delivery, payload)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
        log.warning("delivery %s: %s.%s has an unexpected shape: %s", delivery, name, action, where)
        return None


def _label_added(delivery: str, payload: Mapping[str, Any]) -> LabelAdded:
    data = LabelPayload.model_validate(payload)
    return LabelAdded(
        **data.delivered(delivery),
        issue=data.issue.number,
        label=data.label.name,
        actor=data.sender.login,
        by_bot=data.by_bot,
        seen=_seen(data),
    )


def _issue_opened(delivery: str, payload: Mapping[str, Any]) -> IssueOpened | None:
    data = IssuePayload.model_validate(payload)
    # Forms are filled in by people.
    if data.by_bot or not is_by_form(data.issue.body or ""):
        return None
    labels = tuple(label.name for label in data.issue.labels)
    return IssueOpened(
        **data.delivered(delivery), issue=data.issue.number, labels=labels, actor=data.sender.login, seen=_seen(data)
    )


def _comment_created(delivery: str, payload: Mapping[str, Any]) -> CommentCreated:
    data = CommentPayload.model_validate(payload)
    return CommentCreated(
        **data.delivered(delivery),
        number=data.issue.number,
        is_pull=data.issue.pull_request is not None,
        comment_id=data.comment.id,
        body=data.comment.body,
        actor=data.sender.login,
        bot=data.sender.id if data.by_bot else None,
        seen=_seen(data),
        at=data.comment.created_at,
    )


def _seen(data: IssuePayload) -> str:
    """Return the fingerprint of the issue's title and text as a delivery has them; "" where it has none."""
    return fingerprint(data.issue.title, data.issue.body or "") if data.issue.title else ""


def _workflow_run_finished(delivery: str, payload: Mapping[str, Any]) -> WorkflowRunFinished | ChecksFinished | None:
    data = WorkflowRunPayload.model_validate(payload)
    workflow_run = data.workflow_run
    # Older servers name the file only in `workflow`, and newer ones may write ".github/workflows/x.yml@branch".
    path = workflow_run.path or (data.workflow.path if data.workflow else "")
    workflow = path.partition("@")[0].removeprefix(".github/workflows/")
    if workflow not in (BUILD_WORKFLOW, DEPLOY_WORKFLOW):
        return _checks(data, delivery, workflow_run.head_branch)
    # A build is for a branch of the bot's; a deployment is for the default branch, whose squash commit names the issue.
    issue = issue_of_branch(workflow_run.head_branch or "")
    if issue is None and workflow_run.head_commit is not None:
        issue = issue_of_message(workflow_run.head_commit.message)
    # Nobody waits for what takes a preview down.
    if (issue is None and workflow == BUILD_WORKFLOW) or workflow_run.event == "pull_request_target":
        return None
    hint = Hint(workflow=workflow, workflow_run=workflow_run.ended)
    return WorkflowRunFinished(**data.delivered(delivery), issue=issue, hint=hint)


def _checks_finished(delivery: str, payload: Mapping[str, Any]) -> ChecksFinished | None:
    data = CheckSuitePayload.model_validate(payload)
    app = data.check_suite.app
    # Those of GitHub Actions come as workflow runs, too.
    own = app is not None and app.slug == "github-actions"
    return None if own else _checks(data, delivery, data.check_suite.head_branch, app.id if app else None)


def _checks(data: Payload, delivery: str, branch: str | None, app: int | None = None) -> ChecksFinished | None:
    issue = issue_of_branch(branch or "")
    return None if issue is None else ChecksFinished(**data.delivered(delivery), issue=issue, app=app)


def _check_run_asked(delivery: str, payload: Mapping[str, Any]) -> RerunAsked | None:
    data = CheckRunPayload.model_validate(payload)
    run = data.check_run
    return _rerun(delivery, data, run.check_suite.head_branch, run.pull_requests) if run.name == CHECK else None


def _check_suite_asked(delivery: str, payload: Mapping[str, Any]) -> RerunAsked | None:
    data = CheckSuitePayload.model_validate(payload)
    return _rerun(delivery, data, data.check_suite.head_branch, data.check_suite.pull_requests)


def _rerun(delivery: str, data: Payload, branch: str | None, pulls: Sequence[CheckedPull]) -> RerunAsked | None:
    number = next((pull.number for pull in pulls if pull.head.ref == branch), None)
    # GitHub names the pull requests of the branch that are open.
    if number is None or issue_of_branch(branch or "") is None:
        return None
    bot = data.sender.id if data.by_bot else None
    return RerunAsked(**data.delivered(delivery), pull=number, actor=data.sender.login, bot=bot)


def _pull_fields(delivery: str, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fields of an event on a pull request, or None if it is not the bot's or if the bot has done it."""
    data = PullPayload.model_validate(payload)
    pull = data.pull_request
    issue = issue_of_branch(pull.head.ref)
    # The bot opened the pull request. What it has ordered before, GitHub does in its name.
    by_author = pull.user is None or pull.user.login == data.sender.login
    own = data.by_bot and by_author and pull.auto_merge is None
    if issue is None or own:
        return None
    return {**data.delivered(delivery), "issue": issue, "pull": pull.number}


def _pull_closed(delivery: str, payload: Mapping[str, Any]) -> PullClosed | None:
    fields = _pull_fields(delivery, payload)
    if fields is None:
        return None
    data = PullPayload.model_validate(payload)
    return PullClosed(**fields, merged=data.pull_request.merged, actor=data.sender.login)


def _pull_changed(delivery: str, payload: Mapping[str, Any]) -> PullChanged | None:
    fields = _pull_fields(delivery, payload)
    return PullChanged(**fields) if fields else None


def _pull_pushed(delivery: str, payload: Mapping[str, Any]) -> PullPushed | None:
    fields = _pull_fields(delivery, payload)
    if fields is None:
        return None
    data = PullPayload.model_validate(payload)
    return PullPushed(**fields, actor=data.sender.login, bot=data.sender.id if data.by_bot else None)


def _pull_reopened(delivery: str, payload: Mapping[str, Any]) -> PullReopened | None:
    fields = _pull_fields(delivery, payload)
    return PullReopened(**fields, actor=PullPayload.model_validate(payload).sender.login) if fields else None


def _review_submitted(delivery: str, payload: Mapping[str, Any]) -> ReviewSubmitted | None:
    data = ReviewPayload.model_validate(payload)
    return _reviewed(delivery, data, data.review.id)


def _line_commented(delivery: str, payload: Mapping[str, Any]) -> ReviewSubmitted | None:
    data = ReviewCommentPayload.model_validate(payload)
    review = data.comment.pull_request_review_id
    return _reviewed(delivery, data, review) if review is not None else None


def _reviewed(delivery: str, data: PullPayload, review: int) -> ReviewSubmitted | None:
    issue = issue_of_branch(data.pull_request.head.ref)
    if issue is None:
        return None
    return ReviewSubmitted(
        **data.delivered(delivery),
        issue=issue,
        pull=data.pull_request.number,
        review=review,
        bot=data.sender.id if data.by_bot else None,
    )


def _review_dismissed(delivery: str, payload: Mapping[str, Any]) -> ReviewDismissed | None:
    fields = _pull_fields(delivery, payload)
    return ReviewDismissed(**fields) if fields else None


def _issue_closed(delivery: str, payload: Mapping[str, Any]) -> IssueClosed | None:
    data = IssuePayload.model_validate(payload)
    return None if data.by_bot else IssueClosed(**data.delivered(delivery), issue=data.issue.number)


def _issue_edited(delivery: str, payload: Mapping[str, Any]) -> IssueEdited | None:
    data = IssuePayload.model_validate(payload)
    return None if data.by_bot else IssueEdited(**data.delivered(delivery), issue=data.issue.number)


_READERS: dict[tuple[str, str], Callable[[str, Mapping[str, Any]], Event | None]] = {
    ("issues", "opened"): _issue_opened,
    ("issues", "labeled"): _label_added,
    ("issues", "closed"): _issue_closed,
    ("issues", "locked"): _issue_closed,
    ("issues", "unlabeled"): _issue_closed,
    ("issues", "deleted"): _issue_closed,
    ("issues", "transferred"): _issue_closed,
    ("issues", "edited"): _issue_edited,
    ("issue_comment", "created"): _comment_created,
    ("pull_request", "closed"): _pull_closed,
    ("pull_request", "synchronize"): _pull_pushed,
    ("pull_request", "reopened"): _pull_reopened,
    ("pull_request_review_thread", "resolved"): _pull_changed,
    ("check_suite", "completed"): _checks_finished,
    ("check_suite", "rerequested"): _check_suite_asked,
    ("check_run", "rerequested"): _check_run_asked,
    ("pull_request_review", "submitted"): _review_submitted,
    ("pull_request_review", "dismissed"): _review_dismissed,
    ("pull_request_review_comment", "created"): _line_commented,
    ("push", ""): settings_pushed,
    ("installation", "created"): installed,
    ("installation", "deleted"): installation_changed,
    ("installation", "new_permissions_accepted"): installation_changed,
    ("installation", "unsuspend"): installation_changed,
    ("installation_repositories", "added"): installed,
    ("installation_repositories", "removed"): installation_changed,
    ("repository", "deleted"): repository_changed,
    ("repository", "renamed"): repository_changed,
    ("repository", "transferred"): repository_changed,
    ("repository", "unarchived"): repository_changed,
    ("workflow_run", "completed"): _workflow_run_finished,
}
