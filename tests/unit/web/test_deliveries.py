"""A delivery becomes a typed event or nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.values.edits import fingerprint
from bot.web import events
from bot.web.deliveries import parse
from tests.unit.web.delivered import (
    BASE,
    BOT,
    BRANCH,
    CLOSED,
    COMMENT,
    COMMENTED,
    DEPLOYS,
    EDITED,
    LABELED,
    LINE_COMMENTED,
    PULL,
    PULLS,
    REVIEWED,
    check_run,
    ended,
    event,
    opened_by,
    ordered_by,
    payload,
    pull,
    workflow_run,
)


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
            ended(3),
        ),
        (
            "workflow_run",
            {
                **workflow_run(BRANCH, None),
                "workflow": None,
                "workflow_run": {
                    "id": 9,
                    "path": ".github/workflows/microservice-build.yml",
                    "head_branch": BRANCH,
                    "head_sha": "a" * 40,
                },
            },
            ended(3, attempt=1, conclusion=None, url=""),
        ),
        (
            "workflow_run",
            workflow_run("main", "QR codes\n\nGPT-Deploy-Issue: 7", ".github/workflows/microservice-deploy.yml@main"),
            ended(7, "microservice-deploy.yml"),
        ),
        (
            "workflow_run",
            workflow_run("main", "By hand", DEPLOYS),
            ended(None, "microservice-deploy.yml"),
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
        # A preview is taken down.
        ("workflow_run", workflow_run(BRANCH, "Fix it", DEPLOYS, event="pull_request_target")),
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
        ("issues", {**LABELED, "repository": {"id": 1, "full_name": "../../etc"}}, "repository.full_name"),
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


BY_FORM = "### Description\n\nA QR code\n\n### Test scenarios\n\n_No response_"


@pytest.mark.parametrize(
    ("body", "sender", "heard"),
    [(BY_FORM, {}, True), ("A bug", {}, False), (None, {}, False), (BY_FORM, {"sender": BOT}, False)],
)
def test_an_issue_counts_that_a_person_opens_by_the_form(body: str | None, sender: dict[str, Any], heard: bool) -> None:
    issue = {"number": 3, "title": "QR", "body": body, "labels": [{"name": "bug", "color": "fff"}]}
    found = parse("issues", "guid", payload("opened", issue=issue, **sender))
    expected = event(events.IssueOpened, issue=3, labels=("bug",), actor="octo", seen=fingerprint("QR", body or ""))
    assert found == (expected if heard else None)
