"""What the embedded GitHub knows: plain values in memory. Whoever reads or changes them holds `State.lock`."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.hub.act.runner import Job
from bot.hub.git.repository import BareRepository

ROLES = ("none", "read", "write", "admin")
"""What a person may do in a repository, in ascending order."""


def now() -> datetime:
    """Return the time GitHub would write down: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class User:
    """An account; `kind` is GitHub's `type`: "User", "Organization" or "Bot"."""

    id: int
    login: str
    kind: str = "User"

    @property
    def email(self) -> str:
        """The address commits made through the API carry
        (https://docs.github.com/en/account-and-profile/reference/email-addresses-reference)."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass
class Label:
    id: int
    name: str
    color: str = "8250df"
    description: str = ""


@dataclass
class Reaction:
    id: int
    user: User
    content: str
    created_at: datetime = field(default_factory=now)


@dataclass
class Comment:
    id: int
    author: User
    body: str
    by_app: bool = False
    reactions: list[Reaction] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass
class Pull:
    """What an issue has on top when it is a pull request.

    Attributes:
        base_sha: head of the base branch when last looked at.
        merge_sha: the test merge commit while it is open (None: conflicts), the squash commit once merged.
    """

    id: int
    head_ref: str
    base_ref: str
    head_sha: str
    base_sha: str
    merge_sha: str | None = None
    merged_at: datetime | None = None
    merged_by: User | None = None


@dataclass
class Issue:
    id: int
    number: int
    title: str
    body: str
    author: User
    by_app: bool = False
    labels: list[Label] = field(default_factory=list)
    state: str = "open"
    state_reason: str | None = None
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    pull: Pull | None = None
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    closed_at: datetime | None = None


@dataclass
class Attempt:
    """One attempt at a workflow run; `jobs` pairs each job with its id.

    Attributes:
        status: "queued", "in_progress" or "completed"; `conclusion` is None until then.
        group: the concurrency group it runs in, if any.
        kept: the jobs that the attempt before did and this one does not do again; they count as its own.
    """

    number: int
    logs: Path
    actor: User
    group: str | None = None
    status: str = "queued"
    conclusion: str | None = None
    jobs: dict[int, Job] = field(default_factory=dict)
    kept: dict[int, Job] = field(default_factory=dict)
    cancelled: threading.Event = field(default_factory=threading.Event)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Occasion:
    """What made a workflow run.

    Attributes:
        payload: the webhook's; for workflow_dispatch with `inputs`.
        branch: the pushed one, or a pull request's head branch.
        head_sha: what the run is listed under; differs from what it checks out for pull requests (see RunRequest).
    """

    event: str
    payload: dict[str, Any]
    branch: str
    head_sha: str
    checkout_sha: str
    ref: str
    title: str
    pull: int | None = None


@dataclass
class Run:
    """A workflow run; `workflow` is the text of the file it runs."""

    id: int
    number: int
    workflow_id: int
    path: str
    name: str
    actor: User
    workflow: str
    occasion: Occasion
    attempts: list[Attempt] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)

    @property
    def latest(self) -> Attempt:
        return self.attempts[-1]


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
    id: int
    sha: str
    ref: str
    environment: str
    description: str
    creator: User
    statuses: list[DeploymentStatus] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)


@dataclass
class Repository:
    """A repository: `roles` holds what a login may do; everybody else may read."""

    id: int
    owner: User
    name: str
    git: BareRepository
    default_branch: str = "main"
    roles: dict[str, str] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    workflows: dict[str, int] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def role(self, user: User) -> str:
        """Return what a person may do here; an App's rights are its token's, so a bot account has "none"."""
        return self.roles.get(user.login, "none" if user.kind == "Bot" else "read")

    def pulls(self) -> list[tuple[Issue, Pull]]:
        """Return all pull requests, oldest first."""
        return [(issue, issue.pull) for issue in self.issues.values() if issue.pull]


@dataclass(frozen=True)
class App:
    """A registered GitHub App with its one installation."""

    id: int
    slug: str
    name: str
    owner: User
    bot: User
    installation_id: int
    public_key_pem: bytes
    webhook_url: str
    secret: str
    permissions: Mapping[str, str]
    created_at: datetime = field(default_factory=now)


class State:
    """Everything, and the lock that guards it; waiters are woken at every change."""

    def __init__(self) -> None:
        self.lock = threading.Condition(threading.RLock())
        self.users: dict[str, User] = {}
        self.repositories: dict[str, Repository] = {}
        self.app: App | None = None
        self._ids = itertools.count(1_000_001)

    def new_id(self) -> int:
        return next(self._ids)

    def user(self, login: str, kind: str = "User") -> User:
        """Return the account called `login`, making it the first time."""
        if login not in self.users:
            self.users[login] = User(self.new_id(), login, kind)
        return self.users[login]

    def repository(self, full_name: str) -> Repository | None:
        return self.repositories.get(full_name.lower())

    def wait_for(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until `condition` holds, at most `timeout` seconds; return whether it does."""
        with self.lock:
            return self.lock.wait_for(condition, timeout)
