"""The three kinds of failure: one that a person can correct, one that may pass by itself, and a bug."""

from __future__ import annotations

from enum import StrEnum

from bot.sentence import Sentence, sentence

EXIT_STATUS = 2
"""The status with which `gptdeploy` ends after a failure that is no bug; click uses it for a wrong option, too."""


class UserError(Exception):
    """A failure a person can do something about.

    That person reads its sentence, in a comment or on the terminal. It is Markdown of one or a few sentences that say
    what is wrong and what to type next; its text is a literal, as that of a `sentence`.

    Attributes:
        sentence: what `str` says in the language that is spoken.
    """

    def __init__(self, text: str | Sentence, /, **values: Sentence | int | str) -> None:
        self.sentence = text if isinstance(text, Sentence) else sentence(text, **values)
        super().__init__(self.sentence)


class TransientError(Exception):
    """A failure that may pass by itself (a network error, a 5xx answer, a rate limit).

    The step that raised it is tried again.

    Attributes:
        retry_after: seconds the other side asked to wait, or None where it did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Hindrance(StrEnum):
    """Why GitHub cannot be used."""

    OUTAGE = "outage"
    """It does not answer, or with an error of its own."""
    LIMIT = "limit"
    """It takes no more requests for a while."""
    ARCHIVED = "archived"
    SUSPENDED = "suspended"
    """The App's installation."""
    PERMISSION = "permission"
    """The App's installation has not granted it."""
    CREDENTIALS = "credentials"
    """Those of the App are refused."""

    @property
    def passes(self) -> bool:
        """Whether it ends without anybody doing anything."""
        return self in (Hindrance.OUTAGE, Hindrance.LIMIT)


class Unavailable(TransientError):
    """GitHub cannot be used for a while. A run waits for it, however long it takes.

    Attributes:
        permissions: what is missing, e.g. ("actions: write",), where GitHub says it.
        place: the owner or the repository ("owner/name") that it concerns: whoever waits for the same waits together.
    """

    def __init__(
        self,
        message: str,
        hindrance: Hindrance,
        retry_after: float | None = None,
        permissions: tuple[str, ...] = (),
        place: str = "",
    ) -> None:
        super().__init__(message, retry_after)
        self.hindrance = hindrance
        self.permissions = permissions
        self.place = place


class Gone(Exception):
    """The repository was deleted, or the App is not installed on it any more: work on it ends, with nobody to tell."""
