"""Workflow files run for real, with act; what a run is asked for, and what becomes of it, are values of the state."""

from bot.hub.act.order import Runner, WorkflowOrder
from bot.hub.act.runner import ActRunner

__all__ = ["ActRunner", "Runner", "WorkflowOrder"]
