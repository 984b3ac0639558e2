"""What people say to the bot: the commands that they type in comments, and reviews."""

from __future__ import annotations

from bot.values.value import Value


class Call(Value):
    """A command somebody typed. `arguments` is what was typed after it, empty if there is nothing."""

    name: str
    arguments: str = ""


class Unknown(Value):
    """A word typed like a command that is none, and the command that was probably meant."""

    name: str
    meant: str


class CommandRequest(Value):
    """A comment that may hold commands.

    Attributes:
        number: the issue or pull request that was commented on.
        body: the comment.
        by_bot: its author is a bot whom the settings allow to give commands; a person's access is asked of GitHub.
        delivery: GUID of the delivery that brought it.
    """

    repo: str
    installation: int
    number: int
    is_pull: bool
    comment_id: int
    body: str
    actor: str
    by_bot: bool = False
    delivery: str


class ReviewRequest(Value):
    """A review of a pull request, as a webhook names it; what it says is read from GitHub.

    Attributes:
        number: the pull request; review: the review's id.
        by_bot: its author is a bot whom the settings allow to give commands; a person's access is asked of GitHub.
        delivery: GUID of the delivery that brought it.
    """

    repo: str
    installation: int
    number: int
    review: int
    by_bot: bool = False
    delivery: str


class Reply(Value):
    """What is said to a comment or a review; a comment with the same marker is made once. `text` may be empty."""

    marker: str = ""
    text: str = ""
