"""What the bot finds on GitHub by itself, where it looks for what it was not told."""

from __future__ import annotations

from typing import Generic, TypeVar

from bot.values.value import Value

T = TypeVar("T")


class HookDelivery(Value):
    """One attempt of GitHub to deliver a webhook.

    Attributes:
        guid: of the delivery; all attempts have the same.
        at: seconds since the epoch.
        pending: there is no result yet.
        ok: it was taken.
    """

    id: int
    guid: str
    at: float
    pending: bool
    ok: bool


class Installation(Value):
    """The App's installation for an owner; `since` is when it was made, in seconds since the epoch."""

    id: int
    since: float


class Labelled(Value):
    """That `actor` has put a label on an issue: event `id` of its history; `at` is in seconds since the epoch."""

    id: int
    actor: str
    at: float


class FoundIssue(Value):
    """An issue, or a pull request.

    Attributes:
        by_form: it has the headings of the issue form.
        at: when it was opened, and `changed_at` when it was changed last, in seconds since the epoch.
    """

    number: int
    is_pull: bool
    labels: tuple[str, ...]
    by_form: bool
    author: str
    by_bot: bool
    at: float
    changed_at: float

    def has_label(self, label: str) -> bool:
        """Return whether it carries a label; to GitHub, labels that differ only in case are the same."""
        return label.casefold() in {name.casefold() for name in self.labels}


class FoundPull(Value):
    """A pull request.

    Attributes:
        head_sha: of the newest commit on its branch.
        fork: its branch is in another repository.
        changed_at, closed_at: in seconds since the epoch; `closed_at` is None while it is open.
        merged: it was merged, and closed by that.
    """

    number: int
    head_ref: str
    head_sha: str
    fork: bool
    changed_at: float
    closed_at: float | None = None
    merged: bool = False


class Person(Value):
    """Who has done something: a login, "ghost" where GitHub does not tell; `bot` is the id of a bot's account."""

    login: str
    bot: int | None = None


class Reopened(Value):
    """That somebody has opened an issue or a pull request again: event `id` of its history.

    Attributes:
        at: in seconds since the epoch.
    """

    id: int
    by: Person
    at: float


class FoundSuite(Value):
    """The check runs of the bot on one commit.

    Attributes:
        asked_again: somebody has pressed "Re-run", and no new check run has come of it yet.
        changed_at: in seconds since the epoch.
    """

    id: int
    asked_again: bool
    changed_at: float


class FoundComment(Value):
    """A comment on an issue or a pull request.

    Attributes:
        number: of the issue or pull request.
        bot: id of the account of a bot.
        seen: somebody has put eyes on it, as the bot does where it carries out commands.
        at: when it was made, and `changed_at` when it was edited last, in seconds since the epoch.
    """

    id: int
    number: int
    is_pull: bool
    body: str
    actor: str
    bot: int | None
    seen: bool
    at: float
    changed_at: float

    @property
    def edited(self) -> bool:
        """Whether it is not as it was made."""
        return self.changed_at != self.at


class Changed(Value, Generic[T]):
    """What is in a list since it was last looked at.

    Attributes:
        items: None where nothing has changed.
        tag: of the list as it is now, for the next look.
    """

    items: tuple[T, ...] | None
    tag: str
