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
    """An issue; `changed_at` is in seconds since the epoch."""

    number: int
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
