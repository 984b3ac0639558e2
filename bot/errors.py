"""The three kinds of failure: what a person can mend, what time mends, and (any other exception) a bug."""

EXIT_STATUS = 2
"""A command whose failure a person or time can mend ends with this status, as click does where an option is wrong."""


class UserError(Exception):
    """A failure a person can do something about.

    Its text is shown to that person as it stands, as a comment or on the terminal, so it is Markdown of one or a few
    sentences that says what is wrong and what to type next.
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
