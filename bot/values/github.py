"""What is on GitHub: issues, pull requests, workflow runs, deployments."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

from bot.values.edits import Edit, fingerprint
from bot.values.jobs import Job
from bot.values.value import Value

MergeMethod = Literal["squash", "merge", "rebase"]
WRITERS = frozenset({"admin", "write"})
"""What GitHub calls the access of people who may change a repository."""

MERGE_METHODS: tuple[MergeMethod, ...] = ("squash", "merge", "rebase")
"""How a pull request can become part of its base; the first one that is allowed is taken."""

_SUGGESTION = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})suggestion[^\n]*\n(?P<lines>.*?)^ {0,3}(?P=fence)", re.M | re.S)
"""https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request"""


class Issue(Value):
    """An issue as GitHub has it now.

    Attributes:
        edits: the last change of its text and the last one of its title, as far as there were any.
    """

    number: int
    title: str
    body: str
    author: str
    state: str
    locked: bool = False
    labels: tuple[str, ...] = ()
    url: str
    edits: tuple[Edit, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What tells its title and text from any others."""
        return fingerprint(self.title, self.body)


class Standing(Value):
    """What people have left of an issue and, where there is one, of the pull request that is at work for it.

    Attributes:
        issue: "gone" where it was deleted or is in another repository now.
        pull: None without a pull request; `merge_sha` is the commit it was merged as.
        branch: the pull request's branch is there; body: its description, where that was asked for.
    """

    issue: Literal["open", "closed", "gone"]
    locked: bool = False
    labels: tuple[str, ...] = ()
    pull: Literal["open", "closed", "merged"] | None = None
    head_sha: str = ""
    branch: bool = True
    merge_sha: str | None = None
    body: str = ""


class IssueComment(Value):
    """A comment of a person on an issue.

    Attributes:
        edited: somebody without write access has changed it since it was written, which was heard.
    """

    id: int
    author: str
    body: str
    edited: bool = False


class Pull(Value):
    """A pull request as GitHub has it now.

    Attributes:
        state: "open" or "closed".
        head_ref: branch name; head_sha: its 40-digit commit.
        merge_sha: the commit it was merged as, or None while it is not merged.
        fork: the branch is in another repository, whatever it is called.
        author: login of who has opened it; base_ref: the branch it is for.
        body: its description, in Markdown.
    """

    number: int
    title: str
    state: str
    merged: bool
    head_ref: str
    head_sha: str
    merge_sha: str | None = None
    fork: bool = False
    author: str = ""
    base_ref: str = ""
    url: str
    body: str = ""
    labels: tuple[str, ...] = ()


class Review(Value):
    """A submitted review of a pull request.

    Attributes:
        state: "dismissed" is a verdict that was taken back, by a person or by a push.
        body: what it says as a whole; "" for line comments alone.
        sha: the commit that was reviewed.
        bot: an App or a workflow has written it.
        at: when it was submitted (ISO 8601, UTC, whole seconds).
    """

    id: int
    author: str
    bot: bool = False
    state: Literal["approved", "changes_requested", "commented", "dismissed"]
    body: str
    sha: str
    url: str
    at: str = ""


class LineComment(Value):
    """A comment on lines of a pull request's diff, or on a file as a whole.

    Attributes:
        review: id of the review it was submitted with; an answer has one of its own.
        bot: an App or a workflow has written it.
        side: "RIGHT" for lines as they are in the pull request, "LEFT" for lines as they were before it.
        line: the last line, counted from 1, in the file at the pull request's head; None where that line was changed
            since (the comment is outdated), or where the comment is on the file as a whole.
        start_line: the first line where there are several, else None.
        original_line, original_start_line: the same in the commit that the comment was written on, `original_sha`.
        hunk: the diff that it was written under; its last line is the commented one.
        reply_to: id of the comment that begins the conversation; None where this is it.
    """

    id: int
    review: int
    author: str
    bot: bool = False
    body: str
    path: str
    side: Literal["LEFT", "RIGHT"] = "RIGHT"
    line: int | None = None
    start_line: int | None = None
    original_line: int | None = None
    original_start_line: int | None = None
    original_sha: str
    hunk: str
    outdated: bool = False
    reply_to: int | None = None
    url: str

    @property
    def words(self) -> str:
        """What it says beside its suggestions."""
        return _SUGGESTION.sub("", self.body.replace("\r\n", "\n")).strip()

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The texts that are suggested in place of the commented lines, each with its line ends; "" takes them away."""
        return tuple(match["lines"] for match in _SUGGESTION.finditer(self.body.replace("\r\n", "\n")))


def newest_verdicts(reviews: tuple[Review, ...]) -> dict[str, Review]:
    """Return each person's newest verdict by login; a comment leaves the verdict before it as it is."""
    return {review.author: review for review in reviews if review.state != "commented" and not review.bot}


class MergeState(Value):
    """Whether and how a pull request may be merged, as GitHub has it now.

    Attributes:
        state: "open", "closed" or "merged"; `merge_sha` is the commit it was merged as.
        mergeable: False with conflicts; None while GitHub has not found out.
        status: "clean", "blocked" (a rule asks for more), "behind" (the base has to be merged in first), "dirty"
            (conflicts), "unstable" (checks that are not required are not green), "unknown", ...
        decision: "approved", "changes_requested" or "review_required"; None where nobody asks for a review.
        methods: those that the repository allows, the preferred one first.
        auto_merge_allowed: the repository lets a merge wait; `auto_merge`: this one waits already.
        queue: merges into the base go through a merge queue.
        checks: names of the required checks, as far as the bot may read the rules.
        unresolved: conversations that are not resolved (of the first 100).
    """

    node_id: str
    state: Literal["open", "closed", "merged"]
    head_sha: str
    merge_sha: str | None = None
    mergeable: bool | None
    status: str
    decision: Literal["approved", "changes_requested", "review_required"] | None = None
    methods: tuple[MergeMethod, ...] = MERGE_METHODS
    auto_merge_allowed: bool = False
    auto_merge: bool = False
    queue: bool = False
    checks: tuple[str, ...] = ()
    unresolved: int = 0


class Obstacle(StrEnum):
    """What stands in the way of a merge, in the order in which something is done about it."""

    MOVED = "moved"
    """The head is another commit than the tested one."""
    CONFLICT = "conflict"
    METHOD = "method"
    """The merge method is not allowed; `MergeRefusal.methods` are."""
    QUEUE = "queue"
    """The merge has to go through the merge queue."""
    BEHIND = "behind"
    """The base has commits that the branch has not, and checks count on top of them only."""
    CHECK = "check"
    """A required check is missing, running or red."""
    REVIEW = "review"
    """An approving review is missing, or somebody has requested changes."""
    CONVERSATIONS = "conversations"
    """Conversations have to be resolved."""
    OTHER = "other"


class MergeRefusal(Value):
    """Why GitHub refused a merge.

    Attributes:
        obstacles: at least one, in the order of `Obstacle`.
        reason: GitHub's own words on one line.
        methods: the allowed merge methods, the preferred one first.
    """

    obstacles: tuple[Obstacle, ...]
    reason: str
    methods: tuple[MergeMethod, ...] = ()

    @property
    def first(self) -> Obstacle:
        """What has to be dealt with first."""
        return self.obstacles[0]


class MergeOutcome(Value):
    """How an attempt to merge ended: with the sha of the merge commit, or with a refusal.

    Attributes:
        ended: nothing was attempted, because people have ended the work on it.
    """

    ended: bool = False
    sha: str | None = None
    refusal: MergeRefusal | None = None


class DeploymentStatus(Value):
    """What GitHub shows of a deployment.

    Attributes:
        state: "pending", "success", "failure", ...
        url: where people use the service; "" where it is not live.
        description: one line, at most 140 characters on GitHub.
    """

    state: str
    url: str = ""
    description: str = ""


class WorkflowRun(Value):
    """A workflow run on GitHub Actions.

    Attributes:
        status: "queued", "in_progress", "completed", ...
        conclusion: "success", "failure", "cancelled", "timed_out", ..., or None while it runs.
        attempt: 1 for the first; running its jobs again makes the next.
        jobs: those of the attempt; deployment: what it has deployed; where they have shown how it ended.
    """

    id: int
    attempt: int
    head_sha: str
    status: str
    conclusion: str | None
    url: str
    jobs: tuple[Job, ...] | None = None
    deployment: DeploymentStatus | None = None

    @property
    def done(self) -> bool:
        return self.status == "completed"

    @property
    def green(self) -> bool:
        return self.conclusion == "success"
