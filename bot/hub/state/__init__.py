"""What the embedded GitHub knows: plain values in memory. Whoever reads or changes them holds `State.lock`."""

from bot.hub.state.accounts import ROLES, App, User, now
from bot.hub.state.issues import Comment, Issue, Label, Pull, Reaction
from bot.hub.state.repositories import Deployment, DeploymentStatus, Repository
from bot.hub.state.store import State
from bot.hub.state.workflow_runs import Attempt, Job, Step, Trigger, WorkflowRun

__all__ = [
    "ROLES",
    "App",
    "Attempt",
    "Comment",
    "Deployment",
    "DeploymentStatus",
    "Issue",
    "Job",
    "Label",
    "Pull",
    "Reaction",
    "Repository",
    "State",
    "Step",
    "Trigger",
    "User",
    "WorkflowRun",
    "now",
]
