"""Issues and pull requests; on GitHub a pull request is an issue with branches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.hub.state.accounts import User, now
from bot.hub.state.comments import Comment, Reaction
from bot.hub.state.reviews import Review, ReviewThread
from bot.hub.state.rules import AutoMerge


@dataclass
class Label:
    id: int
    name: str
    color: str = "8250df"
    description: str = ""


@dataclass(frozen=True)
class Labelled:
    """That somebody has put a label on an issue."""

    id: int
    label: Label
    by: User
    at: datetime = field(default_factory=now)


@dataclass
class Reopened:
    """That somebody has opened an issue or a pull request again."""

    id: int
    by: User
    at: datetime = field(default_factory=now)


@dataclass
class Rename:
    """A change of a title."""

    by: User
    before: str
    after: str
    at: datetime = field(default_factory=now)


@dataclass
class Issue:
    id: int
    number: int
    title: str
    body: str
    author: User
    by_app: bool = False
    labels: list[Label] = field(default_factory=list)
    history: list[Labelled | Reopened] = field(default_factory=list)
    state: str = "open"
    state_reason: str | None = None
    locked: bool = False
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    closed_at: datetime | None = None
    closed_by: User | None = None
    editor: User | None = None
    edited_at: datetime | None = None
    renames: list[Rename] = field(default_factory=list)

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
        merge_sha: the test merge commit while it is open (None: conflicts), the commit it became once merged.
        reviews: in the order in which they were begun; pending ones are their author's business.
        threads: the conversations of all submitted reviews, in the order in which they were begun.
        requested: whose review is asked for and has not come.
    """

    pull_id: int
    head_ref: str
    base_ref: str
    head_sha: str
    base_sha: str
    merge_sha: str | None = None
    reviews: list[Review] = field(default_factory=list)
    threads: list[ReviewThread] = field(default_factory=list)
    requested: list[User] = field(default_factory=list)
    auto_merge: AutoMerge | None = None
    merged_at: datetime | None = None
    merged_by: User | None = None
