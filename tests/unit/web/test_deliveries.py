"""A delivery becomes a typed event or nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.values.edits import fingerprint
from bot.web import events
from bot.web.deliveries import parse

BRANCH = "gptdeploy/3-0123abcd/1-pillow-and-qrcode"
BASE: dict[str, Any] = {
    "repository": {"id": 1, "full_name": "octo/services", "private": False},
    "installation": {"id": 42, "node_id": "x"},
    "sender": {"login": "octo", "id": 7, "type": "User"},
}
BOT = {"login": "gptdeploy[bot]", "id": 8, "type": "Bot"}


def payload(action: str, **fields: Any) -> dict[str, Any]:
    return {"action": action, **BASE, **fields}


def workflow_run(
    branch: str | None, message: str | None, path: str = ".github/workflows/microservice-build.yml"
) -> Any:
    commit = None if message is None else {"id": "f" * 40, "message": message}
    run = {"id": 9, "head_branch": branch, "head_sha": "a" * 40, "head_commit": commit, "conclusion": "failure"}
    return payload("completed", workflow_run=run, workflow={"id": 5, "path": path})


def event(kind: type[Any], **fields: Any) -> Any:
    return kind(delivery="guid", repo="octo/services", installation=42, **fields)


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


@pytest.mark.parametrize(
    ("name", "delivered", "expected"),
    [
        (
            "issues",
            LABELED,
            event(events.LabelAdded, issue=3, label="microservice", actor="octo", seen=fingerprint("x", "")),
        ),
        (
            "issue_comment",
            COMMENTED,
            event(events.CommentCreated, number=3, is_pull=False, comment_id=99, body="/retry", actor="octo"),
        ),
        (
            "issue_comment",
            payload("created", issue={"number": 12, "pull_request": {"url": "u"}}, comment={"id": 1, "body": "hi"}),
            event(events.CommentCreated, number=12, is_pull=True, comment_id=1, body="hi", actor="octo"),
        ),
        (
            "issue_comment",
            {**COMMENTED, "sender": BOT},
            event(
                events.CommentCreated,
                number=3,
                is_pull=False,
                comment_id=99,
                body="/retry",
                actor="gptdeploy[bot]",
                bot=8,
            ),
        ),
        ("issues", CLOSED, event(events.IssueClosed, issue=3)),
        ("issues", EDITED, event(events.IssueEdited, issue=3)),
        (
            "pull_request",
            pull("closed", pull_request={**PULL, "merged": True}),
            event(events.PullClosed, issue=3, pull=12, merged=True, actor="octo"),
        ),
        *[
            ("issues", payload(action, issue={"number": 3}, label={"name": "x"}), event(events.IssueClosed, issue=3))
            for action in ("locked", "unlabeled", "deleted", "transferred")
        ],
        ("pull_request", pull("closed"), event(events.PullClosed, issue=3, pull=12, merged=False, actor="octo")),
        ("pull_request", pull("synchronize"), event(events.PullPushed, issue=3, pull=12, actor="octo")),
        ("pull_request", pull("reopened"), event(events.PullReopened, issue=3, pull=12, actor="octo")),
        ("pull_request_review", REVIEWED, event(events.ReviewSubmitted, issue=3, pull=12, review=5)),
        (
            "pull_request_review",
            {**REVIEWED, "sender": BOT},
            event(events.ReviewSubmitted, issue=3, pull=12, review=5, bot=8),
        ),
        ("pull_request_review_comment", LINE_COMMENTED, event(events.ReviewSubmitted, issue=3, pull=12, review=5)),
        ("pull_request_review", pull("dismissed", review={"id": 5}), event(events.ReviewDismissed, issue=3, pull=12)),
        (
            "workflow_run",
            workflow_run(BRANCH, "Fix it"),
            event(events.WorkflowRunFinished, issue=3, workflow="microservice-build.yml", head_sha="a" * 40),
        ),
        (
            "workflow_run",
            {
                **workflow_run(BRANCH, None),
                "workflow": None,
                "workflow_run": {
                    "path": ".github/workflows/microservice-build.yml",
                    "head_branch": BRANCH,
                    "head_sha": "a" * 40,
                },
            },
            event(events.WorkflowRunFinished, issue=3, workflow="microservice-build.yml", head_sha="a" * 40),
        ),
        (
            "workflow_run",
            workflow_run("main", "QR codes\n\nGPT-Deploy-Issue: 7", ".github/workflows/microservice-deploy.yml@main"),
            event(events.WorkflowRunFinished, issue=7, workflow="microservice-deploy.yml", head_sha="a" * 40),
        ),
        (
            "workflow_run",
            workflow_run("main", "By hand", ".github/workflows/microservice-deploy.yml"),
            event(events.WorkflowRunFinished, issue=None, workflow="microservice-deploy.yml", head_sha="a" * 40),
        ),
        # A merge may wait for checks, for a review, for a conversation, and for what the bot has ordered before.
        (
            "workflow_run",
            workflow_run(BRANCH, "Fix it", ".github/workflows/ci.yml"),
            event(events.ChecksFinished, issue=3),
        ),
        (
            "check_suite",
            payload("completed", check_suite={"head_branch": BRANCH, "app": {"slug": "ci"}}),
            event(events.ChecksFinished, issue=3),
        ),
        (
            "check_suite",
            payload("completed", check_suite={"head_branch": BRANCH, "app": {"slug": "ci", "id": 5}}),
            event(events.ChecksFinished, issue=3, app=5),
        ),
        ("check_run", check_run(), event(events.RerunAsked, pull=12, actor="octo")),
        ("check_run", {**check_run(), "sender": BOT}, event(events.RerunAsked, pull=12, actor="gptdeploy[bot]", bot=8)),
        (
            "check_suite",
            payload("rerequested", check_suite={"head_branch": BRANCH, "pull_requests": PULLS}),
            event(events.RerunAsked, pull=12, actor="octo"),
        ),
        ("pull_request_review_thread", pull("resolved"), event(events.PullChanged, issue=3, pull=12)),
        (
            "pull_request",
            pull("closed", sender=BOT, pull_request=ordered_by(BOT)),
            event(events.PullClosed, issue=3, pull=12, merged=False, actor="gptdeploy[bot]"),
        ),
        (
            "pull_request",
            pull("closed", sender={**BOT, "login": "github-merge-queue[bot]"}, pull_request=opened_by(BOT)),
            event(events.PullClosed, issue=3, pull=12, merged=False, actor="github-merge-queue[bot]"),
        ),
    ],
)
def test_what_the_bot_uses(name: str, delivered: dict[str, Any], expected: events.Event) -> None:
    assert name in events.EVENTS
    assert parse(name, "guid", delivered) == expected


def test_a_comment_is_made_under_the_text_of_that_moment() -> None:
    at = "2026-01-01T10:00:00Z"
    issue = {"number": 3, "title": "QR codes", "body": "Make QR codes\r\n"}
    heard = parse("issue_comment", "guid", payload("created", issue=issue, comment={**COMMENT, "created_at": at}))
    assert isinstance(heard, events.CommentCreated)
    assert (heard.seen, heard.at) == (fingerprint("QR codes", "Make QR codes\n"), at)


@pytest.mark.parametrize(
    ("name", "delivered"),
    [
        ("ping", {"zen": "Keep it logically awesome.", "hook_id": 1}),
        ("issues", payload("opened", issue={"number": 3})),
        ("issue_comment", payload("edited", issue={"number": 3}, comment={"id": 1, "body": "/retry"})),
        ("issues", {**BASE}),
        ("issues", {**LABELED, "action": ["labeled"]}),
        # What bots do, the bot itself among them.
        ("pull_request", pull("synchronize", sender=BOT)),
        ("pull_request", pull("closed", sender=BOT, pull_request=opened_by(BOT))),
        ("issues", {**CLOSED, "sender": BOT}),
        ("pull_request_review", pull("edited", review={"id": 5})),
        ("pull_request_review", pull("dismissed", review={"id": 5}, sender=BOT)),
        ("pull_request_review_comment", pull("deleted", comment={"id": 77, "pull_request_review_id": 5})),
        # A comment of before there were reviews.
        ("pull_request_review_comment", pull("created", comment={"id": 77, "pull_request_review_id": None})),
        ("issues", {**EDITED, "sender": BOT}),
        # Somebody else's branches, workflows and commits.
        ("pull_request", payload("closed", pull_request={"number": 1, "head": {"ref": "feature"}})),
        ("workflow_run", workflow_run("main", "Fix it", ".github/workflows/ci.yml")),
        (
            "pull_request_review",
            payload("submitted", review={"id": 5}, pull_request={"number": 1, "head": {"ref": "feature"}}),
        ),
        ("workflow_run", workflow_run("main", "Anything")),
        ("check_suite", payload("completed", check_suite={"head_branch": "feature", "app": {"slug": "ci"}})),
        ("check_suite", payload("completed", check_suite={"head_branch": None})),
        # It comes as a workflow run, too.
        ("check_suite", payload("completed", check_suite={"head_branch": BRANCH, "app": {"slug": "github-actions"}})),
        ("workflow_run", workflow_run(None, None)),
        # Other check runs and branches, closed pull requests, and what the bot has said itself.
        ("check_run", check_run("lint")),
        ("check_run", check_run(head_branch="feature")),
        ("check_run", check_run(head_branch=None)),
        ("check_suite", payload("rerequested", check_suite={"head_branch": BRANCH, "pull_requests": []})),
        ("check_run", {**check_run(), "action": "created"}),
        ("check_run", {**check_run(), "action": "completed"}),
    ],
)
def test_what_means_nothing(name: str, delivered: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    assert parse(name, "guid", delivered) is None
    assert caplog.records == []


@pytest.mark.parametrize(
    ("name", "delivered", "fault"),
    [
        ("issues", {**LABELED, "label": None}, "label"),
        ("issues", {**LABELED, "issue": {"number": "3"}}, "issue.number"),
        ("issues", {key: value for key, value in LABELED.items() if key != "installation"}, "installation"),
        ("issues", {**LABELED, "repository": {"full_name": "../../etc"}}, "repository.full_name"),
        ("issue_comment", {**COMMENTED, "comment": {"id": 1, "body": None}}, "comment.body"),
        ("pull_request", payload("closed", pull_request=[]), "pull_request"),
        ("pull_request_review", pull("submitted", review={"id": "5"}), "review.id"),
        ("workflow_run", payload("completed", workflow_run={}, workflow={"path": "x"}), "workflow_run.head_sha"),
    ],
)
def test_a_bad_shape_is_logged_and_means_nothing(
    name: str, delivered: dict[str, Any], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert parse(name, "guid", delivered) is None
    assert "delivery guid" in caplog.text
    assert fault in caplog.text


def pushed(ref: str, *commits: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a push, which has no action."""
    repository = {**BASE["repository"], "default_branch": "trunk"}
    return {**BASE, "repository": repository, "ref": ref, "commits": list(commits), **fields}


SETTINGS = ".github/microservice.yml"


@pytest.mark.parametrize(
    ("delivered", "heard"),
    [
        (pushed("refs/heads/trunk", {"id": "a", "added": [SETTINGS], "modified": [], "removed": []}), True),
        (pushed("refs/heads/trunk", {"modified": ["README.md"]}, {"modified": [SETTINGS]}), True),
        (pushed("refs/heads/trunk", {"removed": [SETTINGS]}, sender=BOT), True),
        (pushed("refs/heads/trunk", {"modified": ["services/x/.github/microservice.yml"]}), False),
        (pushed("refs/heads/trunk"), False),
        (pushed("refs/heads/main", {"modified": [SETTINGS]}), False),
        (pushed("refs/tags/trunk", {"modified": [SETTINGS]}), False),
    ],
)
def test_a_push_counts_where_it_changes_the_settings(delivered: dict[str, Any], heard: bool) -> None:
    assert parse("push", "guid", delivered) == (event(events.SettingsPushed) if heard else None)


@pytest.mark.parametrize(
    ("name", "action", "place"),
    [
        ("installation", "unsuspend", "octo"),
        ("installation", "new_permissions_accepted", "octo"),
        ("installation", "deleted", "octo"),
        ("installation_repositories", "removed", "octo"),
        ("repository", "unarchived", "octo/services"),
        ("repository", "deleted", "octo/services"),
    ],
)
def test_what_the_app_may_do_has_changed(name: str, action: str, place: str) -> None:
    delivered = payload(action, installation={"id": 42, "account": {"login": "octo"}})
    if name != "repository":
        # GitHub names no single repository there.
        del delivered["repository"]
    assert parse(name, "guid", delivered) == events.PlaceChanged(delivery="guid", place=place)
