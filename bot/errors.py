"""The three kinds of failure: one that a person can correct, one that may pass by itself, and a bug."""

EXIT_STATUS = 2
"""The status with which `gptdeploy` ends after a failure that is no bug; click uses it for a wrong option, too."""


class UserError(Exception):
    """A failure a person can do something about.

    That person reads the text unchanged, in a comment or on the terminal. It is Markdown of one or a few sentences that
    say what is wrong and what to type next.
    """


class TransientError(Exception):
    """A failure that may pass by itself (a network error, a 5xx answer, a rate limit).

    The step that raised it is tried again.

    Attributes:
        retry_after: seconds the other side asked to wait, or None where it did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
