"""What the embedded GitHub knows: plain values in memory. Whoever reads or changes them holds `State.lock`."""

from bot.hub.state.accounts import ROLES, App, User, now
from bot.hub.state.checks import Annotation, CheckRun
from bot.hub.state.comments import Comment, Reaction
from bot.hub.state.issues import Issue, Label, Labelled, Pull, Rename, Reopened
from bot.hub.state.repositories import ActionsSettings, Deployment, DeploymentStatus, Repository
from bot.hub.state.reviews import Place, Review, ReviewComment, ReviewThread
from bot.hub.state.rules import MERGE_METHODS, AutoMerge, BranchRules, MergeSettings
from bot.hub.state.store import State
from bot.hub.state.workflow_runs import Attempt, Job, Step, Trigger, WorkflowRun

__all__ = [
    "MERGE_METHODS",
    "ROLES",
    "ActionsSettings",
    "Annotation",
    "App",
    "Attempt",
    "AutoMerge",
    "BranchRules",
    "CheckRun",
    "Comment",
    "Deployment",
    "DeploymentStatus",
    "Issue",
    "Job",
    "Label",
    "Labelled",
    "MergeSettings",
    "Place",
    "Pull",
    "Reaction",
    "Rename",
    "Reopened",
    "Repository",
    "Review",
    "ReviewComment",
    "ReviewThread",
    "State",
    "Step",
    "Trigger",
    "User",
    "WorkflowRun",
    "now",
]
