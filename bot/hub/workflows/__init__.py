"""What a workflow file says, read by GitHub's rules: triggers, jobs, permissions, concurrency."""

from bot.hub.workflows.concurrency import concurrency_group
from bot.hub.workflows.file import (
    giving,
    load,
    needs,
    run_title,
    timeouts,
    token_permissions,
    with_empty_outputs,
    without_jobs,
    workflow_name,
)
from bot.hub.workflows.triggers import dispatch_inputs, matches, triggered

__all__ = [
    "concurrency_group",
    "dispatch_inputs",
    "giving",
    "load",
    "matches",
    "needs",
    "run_title",
    "timeouts",
    "token_permissions",
    "triggered",
    "with_empty_outputs",
    "without_jobs",
    "workflow_name",
]
