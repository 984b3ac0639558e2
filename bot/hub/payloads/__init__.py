"""State as JSON in GitHub's own shape, complete enough for models generated from GitHub's OpenAPI description.

REST answers and webhooks share these: https://docs.github.com/en/rest and https://docs.github.com/en/webhooks.
"""

from bot.hub.payloads.accounts import ACTIONS_APP, EVENTS, app_json, installation_json, profile_json, user_json
from bot.hub.payloads.checks import (
    annotation_json,
    check_run_event_json,
    check_run_json,
    check_run_url,
    check_suite_json,
)
from bot.hub.payloads.deployments import deployment_json, deployment_status_json
from bot.hub.payloads.git import blob_json, commit_json, entry_json, file_json, git_commit_json, push_json, ref_json
from bot.hub.payloads.issues import REACTIONS, comment_json, history_json, issue_json, label_json, reaction_json
from bot.hub.payloads.pulls import COMMITS_IN_PULL, pull_json
from bot.hub.payloads.repositories import repository_json
from bot.hub.payloads.reviews import (
    review_comment_event_json,
    review_comment_json,
    review_event_json,
    review_json,
    thread_json,
)
from bot.hub.payloads.rules import branch_json, merging_json, protection_json, ruleset_rules_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.payloads.workflow_runs import job_json, workflow_json, workflow_run_json

__all__ = [
    "ACTIONS_APP",
    "COMMITS_IN_PULL",
    "EVENTS",
    "REACTIONS",
    "Json",
    "annotation_json",
    "app_json",
    "blob_json",
    "branch_json",
    "check_run_event_json",
    "check_run_json",
    "check_run_url",
    "check_suite_json",
    "comment_json",
    "commit_json",
    "deployment_json",
    "deployment_status_json",
    "entry_json",
    "file_json",
    "git_commit_json",
    "history_json",
    "installation_json",
    "issue_json",
    "job_json",
    "label_json",
    "merging_json",
    "profile_json",
    "protection_json",
    "pull_json",
    "push_json",
    "reaction_json",
    "ref_json",
    "repository_json",
    "review_comment_event_json",
    "review_comment_json",
    "review_event_json",
    "review_json",
    "ruleset_rules_json",
    "stamp",
    "thread_json",
    "user_json",
    "workflow_json",
    "workflow_run_json",
]
