"""Runs the workflow files for real: one act process for each attempt, its output made jobs, steps and logs."""

from bot.hub.act.order import Runner, WorkflowOrder
from bot.hub.act.runner import ActRunner

__all__ = ["ActRunner", "Runner", "WorkflowOrder"]
