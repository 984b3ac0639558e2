"""Repositories and the deployments of what is in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.hub.git import BareRepository
from bot.hub.state.accounts import User, now
from bot.hub.state.checks import CheckRun
from bot.hub.state.issues import Issue, Label, Pull
from bot.hub.state.rules import BranchRules, MergeSettings
from bot.hub.state.workflow_runs import WorkflowRun


@dataclass
class DeploymentStatus:
    id: int
    state: str
    creator: User
    environment_url: str
    log_url: str
    description: str
    created_at: datetime = field(default_factory=now)


@dataclass
class Deployment:
    """A deployment of a commit; `statuses` are in the order in which they were set."""

    id: int
    sha: str
    ref: str
    environment: str
    description: str
    creator: User
    statuses: list[DeploymentStatus] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)


@dataclass
class ActionsSettings:
    """What a repository lets GitHub Actions do.

    Attributes:
        disabled: paths of the workflows that somebody has disabled.
        approval: workflow runs of pull requests wait until somebody approves them.
        variables, secrets: what is set for workflows, by the name of an environment, "" for the repository itself.
        runners: labels of the self-hosted runners by their names; `offline` has the names of those that do not answer.
    """

    enabled: bool = True
    disabled: set[str] = field(default_factory=set)
    approval: bool = False
    variables: dict[str, dict[str, str]] = field(default_factory=lambda: {"": {}})
    secrets: dict[str, set[str]] = field(default_factory=lambda: {"": set()})
    runners: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offline: set[str] = field(default_factory=set)


@dataclass
class Repository:
    """A repository.

    Attributes:
        archived: nobody can change anything any more.
        private: who has no role, and no token for it, does not see that it is there.
        roles: what a login may do; everybody else may read what is public.
        workflows: ids of the workflows by the paths of their files.
        check_runs: those that Apps have created, oldest first; the jobs of workflow runs are check runs as well.
        deleted: numbers of the issues that were deleted; they are not given again.
        moved: where the API has the issues that were transferred to other repositories, by their number here.
        protections: the protected branches; rulesets: the same as rulesets, of which everybody may read.
    """

    id: int
    owner: User
    name: str
    git: BareRepository
    default_branch: str = "main"
    archived: bool = False
    private: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    moved: dict[int, str] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    workflow_runs: list[WorkflowRun] = field(default_factory=list)
    workflows: dict[str, int] = field(default_factory=dict)
    actions: ActionsSettings = field(default_factory=ActionsSettings)
    check_runs: list[CheckRun] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    merging: MergeSettings = field(default_factory=MergeSettings)
    protections: dict[str, BranchRules] = field(default_factory=dict)
    rulesets: dict[str, BranchRules] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def role(self, user: User) -> str:
        """Return what a person may do here; an App's rights are its token's, so a bot account has "none"."""
        return self.roles.get(user.login, "none" if user.kind == "Bot" or self.private else "read")

    def pulls(self) -> list[Pull]:
        """Return all pull requests, oldest first."""
        return [issue for issue in self.issues.values() if isinstance(issue, Pull)]
