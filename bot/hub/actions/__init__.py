"""GitHub Actions: what starts workflow runs, when they may run, and what people and the bot do to them."""

from bot.hub.actions.log_archive import log_archive
from bot.hub.actions.scheduler import Scheduler
from bot.hub.actions.workflow_runs import WorkflowRuns, find_job, find_run

__all__ = ["Scheduler", "WorkflowRuns", "find_job", "find_run", "log_archive"]
