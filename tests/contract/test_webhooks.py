"""Webhooks as GitHub describes them: every payload is parsed by the models of its event."""

from __future__ import annotations

from pathlib import Path

from githubkit import webhooks
from githubkit_schemas.latest import models

from bot.hub import Hub
from bot.hub.merging import MergeOrder
from bot.hub.pulls import find_pull
from bot.hub.state import BranchRules, Repository
from tests.contract.conftest import NAME, OWNER, REPOSITORY, SECRET, World
from tests.contract.test_pulls import COMMIT, commit_input, head_of, start
from tests.fakes.runner import FakeRunner
from tests.word.front import Word

# `webhooks.parse` would find these itself, after seconds of building the models of all other actions. These here take
# seconds, too: they are built where they are used, and not by every process that reads this.
MODELS: dict[tuple[str, str | None], str] = {
    ("issues", "opened"): "WebhookIssuesOpened",
    ("issues", "labeled"): "WebhookIssuesLabeled",
    ("issues", "unlabeled"): "WebhookIssuesUnlabeled",
    ("issues", "edited"): "WebhookIssuesEdited",
    ("issues", "closed"): "WebhookIssuesClosed",
    ("issues", "locked"): "WebhookIssuesLocked",
    ("issues", "unlocked"): "WebhookIssuesUnlocked",
    ("issues", "deleted"): "WebhookIssuesDeleted",
    ("issues", "transferred"): "WebhookIssuesTransferred",
    ("issue_comment", "created"): "WebhookIssueCommentCreated",
    ("push", None): "WebhookPush",
    ("repository", "archived"): "WebhookRepositoryArchived",
    ("repository", "unarchived"): "WebhookRepositoryUnarchived",
    ("repository", "renamed"): "WebhookRepositoryRenamed",
    ("repository", "transferred"): "WebhookRepositoryTransferred",
    ("repository", "deleted"): "WebhookRepositoryDeleted",
    ("installation", "suspend"): "WebhookInstallationSuspend",
    ("installation", "unsuspend"): "WebhookInstallationUnsuspend",
    ("installation", "new_permissions_accepted"): "WebhookInstallationNewPermissionsAccepted",
    ("installation", "deleted"): "WebhookInstallationDeleted",
    ("installation", "created"): "WebhookInstallationCreated",
    ("installation_repositories", "added"): "WebhookInstallationRepositoriesAdded",
    ("pull_request", "opened"): "WebhookPullRequestOpened",
    ("pull_request", "synchronize"): "WebhookPullRequestSynchronize",
    ("pull_request", "reopened"): "WebhookPullRequestReopened",
    ("pull_request", "closed"): "WebhookPullRequestClosed",
    ("pull_request", "edited"): "WebhookPullRequestEdited",
    ("pull_request", "labeled"): "WebhookPullRequestLabeled",
    ("pull_request", "review_requested"): "WebhookPullRequestReviewRequestedOneof0",
    ("pull_request", "review_request_removed"): "WebhookPullRequestReviewRequestRemovedOneof0",
    ("pull_request", "auto_merge_enabled"): "WebhookPullRequestAutoMergeEnabled",
    ("pull_request", "auto_merge_disabled"): "WebhookPullRequestAutoMergeDisabled",
    ("pull_request", "enqueued"): "WebhookPullRequestEnqueued",
    ("pull_request_review", "submitted"): "WebhookPullRequestReviewSubmitted",
    ("pull_request_review", "edited"): "WebhookPullRequestReviewEdited",
    ("pull_request_review", "dismissed"): "WebhookPullRequestReviewDismissed",
    ("issue_comment", "deleted"): "WebhookIssueCommentDeleted",
    ("pull_request_review_comment", "created"): "WebhookPullRequestReviewCommentCreated",
    ("pull_request_review_comment", "edited"): "WebhookPullRequestReviewCommentEdited",
    ("pull_request_review_comment", "deleted"): "WebhookPullRequestReviewCommentDeleted",
    ("pull_request_review_thread", "resolved"): "WebhookPullRequestReviewThreadResolved",
    ("pull_request_review_thread", "unresolved"): "WebhookPullRequestReviewThreadUnresolved",
    ("check_run", "created"): "WebhookCheckRunCreated",
    ("check_run", "completed"): "WebhookCheckRunCompleted",
    ("check_run", "rerequested"): "WebhookCheckRunRerequested",
    ("check_suite", "completed"): "WebhookCheckSuiteCompleted",
    ("check_suite", "rerequested"): "WebhookCheckSuiteRerequested",
    ("workflow_run", "requested"): "WebhookWorkflowRunRequested",
    ("workflow_run", "in_progress"): "WebhookWorkflowRunInProgress",
    ("workflow_run", "completed"): "WebhookWorkflowRunCompleted",
}


def all_events(world: World) -> None:
    """Make every kind of event happen."""
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["microservice"])
    comment = world.hub.comment(REPOSITORY, 1, "/status", "visitor")
    world.as_person("visitor").rest.issues.delete_comment(OWNER, NAME, comment)
    github = world.as_bot()
    sha = start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    pulls = github.rest.pulls
    number = pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}).parsed_data.number
    sha = github.graphql(COMMIT, {"commit": commit_input("bot/x", sha, {"services/x/b.py": "\n"})})[
        "createCommitOnBranch"
    ]["commit"]["oid"]
    for state in ("closed", "open"):
        pulls.update(OWNER, NAME, number, data={"state": state})
    github.rest.issues.add_labels(OWNER, NAME, number, data={"labels": ["qr"]})
    pulls.update(OWNER, NAME, number, data={"title": "Better", "body": "text"})
    reviewed(world, number)
    run = github.rest.checks.create(
        OWNER, NAME, data={"name": "gptdeploy", "head_sha": sha, "conclusion": "success"}
    ).parsed_data
    github.rest.checks.rerequest_run(OWNER, NAME, run.id)
    assert run.check_suite
    github.rest.checks.rerequest_suite(OWNER, NAME, run.check_suite.id)
    idle(world)
    ordered(world, number)
    pulls.merge(OWNER, NAME, number, data={"sha": sha, "merge_method": "squash"})
    github.rest.git.delete_ref(OWNER, NAME, "heads/bot/x")
    github.rest.issues.remove_label(OWNER, NAME, 1, "microservice")
    world.as_person("octo").rest.issues.update(OWNER, NAME, 1, data={"body": "another text"})
    github.rest.issues.update(OWNER, NAME, 1, data={"state": "closed", "state_reason": "completed"})
    github.rest.issues.lock(OWNER, NAME, 1)
    github.rest.issues.unlock(OWNER, NAME, 1)
    with world.hub.parts.state.lock:
        repo = world.hub.repository(REPOSITORY)
        world.hub.parts.issues.delete(repo, repo.issues[1], world.hub.caller("octo"))
    world.hub.open_issue(REPOSITORY, "Another idea", "text", [])
    elsewhere = world.hub.create_repository(f"{OWNER}/elsewhere", {"README.md": "Elsewhere"})
    with world.hub.parts.state.lock:
        world.hub.parts.issues.transfer(repo, list(repo.issues.values())[-1], world.hub.caller("octo"), elsewhere)
    idle(world)
    owned(world, elsewhere)


def owned(world: World, elsewhere: Repository) -> None:
    """Make every kind of event happen that an owner causes."""
    owning = world.hub.parts.owning
    with world.hub.parts.state.lock:
        for archived in (True, False):
            owning.archive(elsewhere, archived=archived)
        for name in (f"{OWNER}/renamed", "acme/renamed", f"{OWNER}/elsewhere"):
            owning.move(elsewhere, name)
        owning.delete(elsewhere)
        for suspended in (True, False):
            owning.suspend(suspended=suspended)
        owning.grant({"issues": "write"})
        owning.uninstall()
        owning.install()
        owning.include(world.hub.repository(REPOSITORY))


def reviewed(world: World, number: int) -> None:
    """Make every kind of event happen that belongs to reviews."""
    bot, octo = world.as_bot(), world.as_person("octo")
    pulls = octo.rest.pulls
    asked = {"reviewers": ["octo"]}
    bot.rest.pulls.request_reviewers(OWNER, NAME, number, data=asked)
    bot.rest.pulls.remove_requested_reviewers(OWNER, NAME, number, data=asked)
    place = {"path": "services/x/executor.py", "line": 1}
    said = {"event": "REQUEST_CHANGES", "body": "No", "comments": [{**place, "body": "why?"}]}
    review = pulls.create_review(OWNER, NAME, number, data=said).parsed_data
    pulls.update_review(OWNER, NAME, number, review.id, data={"body": "No!"})
    pulls.dismiss_review(OWNER, NAME, number, review.id, data={"message": "Mended"})
    (comment,) = pulls.list_review_comments(OWNER, NAME, number).parsed_data
    reply = pulls.create_reply_for_review_comment(OWNER, NAME, number, comment.id, data={"body": "So."}).parsed_data
    pulls.update_review_comment(OWNER, NAME, reply.id, data={"body": "Because."})
    (thread,) = find_pull(world.hub.repository(REPOSITORY), number).threads
    for verb in ("resolve", "unresolve"):
        octo.graphql(
            f"mutation R($id: ID!) {{ {verb}ReviewThread(input: {{threadId: $id}}) {{ clientMutationId }} }}",
            {"id": f"PRRT_{thread.id}"},
        )
    pulls.delete_review_comment(OWNER, NAME, reply.id)


def ordered(world: World, number: int) -> None:
    """Make every kind of event happen that belongs to merges that wait."""
    repo, octo = world.hub.repository(REPOSITORY), world.hub.caller("octo")
    pull = find_pull(repo, number)
    with world.hub.parts.state.lock:
        merging = world.hub.parts.merging
        repo.merging.auto_merge = True
        repo.protections["main"] = BranchRules(approvals=1)
        merging.enable_auto_merge(repo, pull, octo, MergeOrder("squash"))
        merging.disable_auto_merge(repo, pull, octo)
    start(world, "bot/y", {"y": "1\n"})
    pulls = world.as_bot().rest.pulls
    queued = pulls.create(OWNER, NAME, data={"title": "Y", "head": "bot/y", "base": "main"}).parsed_data.number
    with world.hub.parts.state.lock:
        repo.protections.clear()
        repo.rulesets["main"] = BranchRules(merge_queue=True)
        merging.enqueue(repo, find_pull(repo, queued), octo, "")
        repo.rulesets.clear()


def idle(world: World) -> None:
    runs = world.hub.repository(REPOSITORY).workflow_runs
    assert world.hub.parts.state.wait_for(lambda: all(run.latest.conclusion for run in runs), 10)


def test_every_payload_is_what_github_describes(world: World) -> None:
    all_events(world)

    assert set(world.events()) == set(MODELS)
    for received in world.received:
        getattr(models, MODELS[received.event, received.payload.get("action")]).model_validate_json(received.body)
        assert received.payload["installation"]["id"] == world.app.installation_id
        if not received.event.startswith("installation"):
            assert received.payload["repository"]["full_name"] in (
                *(REPOSITORY, f"{OWNER}/elsewhere", f"{OWNER}/renamed", "acme/renamed"),
            )
        assert received.payload["sender"]["login"] in ("octo", "visitor", "acme", "gptdeploy[bot]")


def test_deliveries_are_signed_and_named(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["microservice"])
    world.events()

    for received in world.received:
        assert webhooks.verify(SECRET, received.body, received.headers["X-Hub-Signature-256"])
        assert not webhooks.verify("wrong", received.body, received.headers["X-Hub-Signature-256"])
        assert received.headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
        assert received.headers["X-GitHub-Hook-Installation-Target-ID"] == str(world.app.app_id)
    guids = [received.headers["X-GitHub-Delivery"] for received in world.received]
    assert len(set(guids)) == len(guids) == 2
    assert [(item.guid, item.status) for item in world.hub.deliveries] == [(guid, 202) for guid in guids]


def test_changes_of_an_issue_are_announced_once_and_with_what_was_there(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["one"])
    issues = world.as_person("octo").rest.issues
    issues.update(OWNER, NAME, 1, data={"title": "An idea", "body": "more text"})
    issues.update(OWNER, NAME, 1, data={"title": "An idea", "body": "more text"})
    issues.remove_label(OWNER, NAME, 1, "one")

    assert world.events()[2:] == [("issues", "edited"), ("issues", "unlabeled")]
    edited, unlabeled = world.payload("issues", "edited"), world.payload("issues", "unlabeled")
    assert edited["changes"] == {"body": {"from": "text"}}
    assert (edited["issue"]["body"], edited["sender"]["login"]) == ("more text", "octo")
    assert (unlabeled["label"]["name"], unlabeled["issue"]["labels"]) == ("one", [])


def test_labels_set_on_opening_are_announced_after_it(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["one", "two"])

    assert world.events() == [("issues", "opened"), ("issues", "labeled"), ("issues", "labeled")]
    assert world.payload("issues", "labeled")["label"]["name"] == "two"


def test_comment_on_a_pull_request_says_so(world: World) -> None:
    start(world, "bot/x", {"a": "1\n"})
    pulls = world.as_bot().rest.pulls
    number = pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"}).parsed_data.number
    world.hub.comment(REPOSITORY, number, "/retry")

    payload = world.payload("issue_comment", "created")
    assert payload["issue"]["pull_request"]["url"].endswith(f"/pulls/{number}")
    assert payload["comment"]["body"] == "/retry"


def test_synchronize_and_push_name_both_heads(world: World) -> None:
    before = start(world, "bot/x", {"a": "1\n"})
    github = world.as_bot()
    github.rest.pulls.create(OWNER, NAME, data={"title": "X", "head": "bot/x", "base": "main"})
    github.graphql(COMMIT, {"commit": commit_input("bot/x", before, {"a": "2\n", "b": "1\n"})})
    after = head_of(world, "bot/x")

    moved, push = world.payload("pull_request", "synchronize"), world.payload("push")
    assert (moved["before"], moved["after"], moved["pull_request"]["head"]["sha"]) == (before, after, after)
    assert (push["ref"], push["before"], push["after"]) == ("refs/heads/bot/x", before, after)
    (commit,) = push["commits"]
    assert (commit["id"], commit["modified"], commit["added"]) == (after, ["a"], ["b"])


def test_delivery_nobody_takes_is_recorded(tmp_path: Path, word: Word) -> None:
    with word.hold(Hub(tmp_path, 0, FakeRunner())) as hub:
        hub.create_repository(REPOSITORY, {"README.md": "x\n"})
        # Not an address at all, so there is nothing to wait for.
        hub.install_app("http://127.0.0.1:99999/", SECRET)
        hub.open_issue(REPOSITORY, "An idea", "text", [])
        hub.parts.deliveries.drain()

        (delivery,) = hub.deliveries
        assert delivery.status is None
        assert delivery.error
