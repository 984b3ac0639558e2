"""What GitHub delivers, as it is sent, and the events of the bot that come of it."""

from __future__ import annotations

from typing import Any

from bot.values.github import WorkflowRun
from bot.values.hint import Hint
from bot.web import events

BRANCH = "gptdeploy/3-0123abcd/1-pillow-and-qrcode"
BASE: dict[str, Any] = {
    "repository": {"id": 1, "full_name": "octo/services", "private": False},
    "installation": {"id": 42, "node_id": "x"},
    "sender": {"login": "octo", "id": 7, "type": "User"},
}
BOT = {"login": "gptdeploy[bot]", "id": 8, "type": "Bot"}


def payload(action: str, **fields: Any) -> dict[str, Any]:
    return {"action": action, **BASE, **fields}


DEPLOYS = ".github/workflows/microservice-deploy.yml"


def workflow_run(
    branch: str | None,
    message: str | None,
    path: str = ".github/workflows/microservice-build.yml",
    event: str = "push",
) -> Any:
    commit = None if message is None else {"id": "f" * 40, "message": message}
    run = {"id": 9, "head_branch": branch, "head_sha": "a" * 40, "head_commit": commit, "conclusion": "failure"}
    run |= {"run_attempt": 2, "html_url": "https://x.y/9", "event": event}
    return payload("completed", workflow_run=run, workflow={"id": 5, "path": path})


def event(kind: type[Any], **fields: Any) -> Any:
    return kind(delivery="guid", repo="octo/services", repository=1, installation=42, **fields)


def ended(issue: int | None, workflow: str = "microservice-build.yml", **changes: Any) -> Any:
    said = {"id": 9, "attempt": 2, "head_sha": "a" * 40, "status": "completed", "conclusion": "failure"}
    said |= {"url": "https://x.y/9"}
    hint = Hint(workflow=workflow, workflow_run=WorkflowRun(**{**said, **changes}))
    return event(events.WorkflowRunFinished, issue=issue, hint=hint)


LABELED = payload("labeled", issue={"number": 3, "title": "x"}, label={"name": "microservice", "color": "fff"})
COMMENT = {"id": 99, "body": "/retry", "user": {}}
COMMENTED = payload("created", issue={"number": 3}, comment=COMMENT)
CLOSED = payload("closed", issue={"number": 3})
EDITED = payload("edited", issue={"number": 3}, changes={"body": {"from": "before"}})


PULL = {"number": 12, "head": {"ref": BRANCH, "sha": "b" * 40}}


def pull(action: str, **fields: Any) -> dict[str, Any]:
    return payload(action, **{"pull_request": PULL, **fields})


def opened_by(user: dict[str, Any]) -> dict[str, Any]:
    return {**PULL, "user": user, "auto_merge": None}


def ordered_by(user: dict[str, Any]) -> dict[str, Any]:
    return {**PULL, "user": user, "auto_merge": {"enabled_by": user, "merge_method": "squash"}}


PULLS = [{"number": 11, "head": {"ref": "feature"}}, {"number": 12, "head": {"ref": BRANCH}}]


def check_run(name: str = "gptdeploy", **fields: Any) -> dict[str, Any]:
    suite = {"id": 1, "head_branch": BRANCH, **fields}
    return payload("rerequested", check_run={"name": name, "check_suite": suite, "pull_requests": PULLS})


REVIEWED = pull("submitted", review={"id": 5, "state": "commented", "body": None})
LINE_COMMENTED = pull("created", comment={"id": 77, "pull_request_review_id": 5, "body": "Why?"})
