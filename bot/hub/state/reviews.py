"""Reviews of pull requests, and the conversations on lines of their diffs.

https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/about-pull-request-reviews
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.hub.state.accounts import User, now
from bot.hub.state.comments import Comment


@dataclass(frozen=True)
class Place:
    """Where in a diff a conversation is.

    Attributes:
        side: "LEFT" for a line as it was, "RIGHT" for a line as it is.
        line: the last line, counted from 1; None for the file as a whole.
        start_line: the first line where there are several, else None.
    """

    path: str
    side: str = "RIGHT"
    line: int | None = None
    start_line: int | None = None


@dataclass(kw_only=True)
class ReviewComment(Comment):
    """A comment on a line; `review` is the id of the review it was submitted with."""

    review: int


@dataclass
class ReviewThread:
    """A conversation on a line: its first comment and the replies.

    Attributes:
        place: as it was written, in the diff from `base` (the merge base) to `commit`.
        hunk: the diff from the hunk's header to the line.
        position: lines from the file's first hunk header to the line; None for the file as a whole.
        resolved_by: who has marked it as resolved, None while it is open.
    """

    id: int
    place: Place
    base: str
    commit: str
    hunk: str
    position: int | None
    comments: list[ReviewComment] = field(default_factory=list)
    resolved_by: User | None = None


@dataclass
class Review:
    """A review.

    Attributes:
        state: "PENDING" until it is submitted, then "COMMENTED", "APPROVED", "CHANGES_REQUESTED" or "DISMISSED".
        commit: the head of the pull request that was reviewed.
        threads: the conversations it begins with.
    """

    id: int
    author: User
    state: str
    body: str
    commit: str
    by_app: bool = False
    threads: list[ReviewThread] = field(default_factory=list)
    submitted_at: datetime = field(default_factory=now)
