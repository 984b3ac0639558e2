"""The events that the bot knows. They are hints: what acts on one reads the present state from GitHub first."""

from __future__ import annotations

from bot.values.hint import Hint
from bot.values.value import Value

EVENTS = (
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
    "repository",
    "workflow_run",
)
"""The events the GitHub App subscribes to; `app.yml` is checked against it."""


class Delivered(Value):
    """What every event holds.

    Attributes:
        delivery: GUID of the delivery.
        repo: "owner/name"; once it is routed, what the bot calls the repository.
        repository: its id.
        installation: the GitHub App's installation id.
    """

    delivery: str
    repo: str
    repository: int
    installation: int


class LabelAdded(Delivered):
    """An issue got a label. GitHub also sends this for each label that an issue is opened with.

    Attributes:
        by_bot: a bot has put it there; it may be this one.
        seen: fingerprint of the issue's title and text as they were then.
    """

    issue: int
    label: str
    actor: str
    by_bot: bool = False
    seen: str = ""


class IssueOpened(Delivered):
    """A person opened an issue that has the headings of the issue form, whatever labels it has.

    Attributes:
        labels: those that it was opened with; GitHub leaves out what the repository lacks, or the person may not set.
        seen: fingerprint of the issue's title and text.
    """

    issue: int
    labels: tuple[str, ...]
    actor: str
    seen: str = ""


class CommentCreated(Delivered):
    """Somebody commented on an issue or, with `is_pull`, on a pull request; `bot` is the id of a bot's account.

    Attributes:
        seen: fingerprint of the issue's title and text as they were then.
        at: when that was (ISO 8601, UTC).
    """

    number: int
    is_pull: bool
    comment_id: int
    body: str
    actor: str
    bot: int | None = None
    seen: str = ""
    at: str = ""


class WorkflowRunFinished(Delivered):
    """A workflow run of one of our workflow files ended.

    Attributes:
        issue: whose branch or merge it was for; None for a commit on the default branch that does not say.
        hint: what the delivery says of it.
    """

    issue: int | None
    hint: Hint


class ChecksFinished(Delivered):
    """Checks of a branch of the bot's ended that are no build: a merge may have waited for them.

    Attributes:
        app: id of the App whose checks they are; None for a workflow's.
    """

    issue: int
    app: int | None = None


class RerunAsked(Delivered):
    """Somebody pressed "Re-run" on the check run of a build; `bot` is the id of a bot's account.

    GitHub sends this to the App that has created the check run, and to nobody else.
    """

    pull: int
    actor: str
    bot: int | None = None


class PullClosed(Delivered):
    """Somebody else closed or merged a pull request of the bot's."""

    issue: int
    pull: int
    merged: bool
    actor: str


class PullChanged(Delivered):
    """Somebody else resolved a conversation on a pull request of the bot's."""

    issue: int
    pull: int


class PullPushed(Delivered):
    """Somebody else pushed to the branch of a pull request of the bot's; `bot` is the id of a bot's account."""

    issue: int
    pull: int
    actor: str
    bot: int | None = None


class PullReopened(Delivered):
    """Somebody else opened a pull request of the bot's again."""

    issue: int
    pull: int
    actor: str


class ReviewSubmitted(Delivered):
    """Somebody submitted a review of a pull request of the bot's; `bot` is the id of a bot's account.

    GitHub sends one for the review and one for each of its comments on lines, also for a single comment and an answer.
    """

    issue: int
    pull: int
    review: int
    bot: int | None = None


class ReviewDismissed(Delivered):
    """A verdict on a pull request of the bot's was taken back."""

    issue: int
    pull: int


class IssueClosed(Delivered):
    """A person closed, locked, deleted or transferred an issue, or took a label off it."""

    issue: int


class IssueEdited(Delivered):
    """A person edited an issue's title or description."""

    issue: int


class SettingsPushed(Delivered):
    """The settings file on the default branch of a repository may have changed."""


class RepositoryChanged(Delivered):
    """A repository was deleted or can be changed again, or it has another name or owner; `before` is what it was called
    until then."""

    before: str = ""


class PlaceChanged(Value):
    """What the App may do in all repositories of an owner may have changed."""

    delivery: str
    place: str


class Installed(Value):
    """The App was installed for an owner, or on more of its repositories: ids and names."""

    delivery: str
    place: str
    installation: int
    repositories: tuple[tuple[int, str], ...]


Event = (
    LabelAdded
    | IssueOpened
    | CommentCreated
    | WorkflowRunFinished
    | ChecksFinished
    | RerunAsked
    | PullClosed
    | PullChanged
    | PullPushed
    | PullReopened
    | ReviewSubmitted
    | ReviewDismissed
    | IssueClosed
    | IssueEdited
    | SettingsPushed
    | RepositoryChanged
    | PlaceChanged
    | Installed
)
