"""Issues and pull requests; on GitHub a pull request is an issue with branches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.hub.state.accounts import User, now


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
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    closed_at: datetime | None = None

    @property
    def pull(self) -> Pull | None:
        """The issue as the pull request it is, or None."""
        return self if isinstance(self, Pull) else None


@dataclass(kw_only=True)
class Pull(Issue):
    """A pull request.

    Attributes:
        pull_id: its id as a pull request; `id` is the one as an issue.
        base_sha: head of the base branch when last looked at.
        merge_sha: the test merge commit while it is open (None: conflicts), the squash commit once merged.
    """

    pull_id: int
    head_ref: str
    base_ref: str
    head_sha: str
    base_sha: str
    merge_sha: str | None = None
    merged_at: datetime | None = None
    merged_by: User | None = None
