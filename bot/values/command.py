"""What people say to the bot: the commands that they type in comments and reviews, what else reviews say,
and the button of its check run."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from bot.foreign import find_keys
from bot.sentence import Sentence
from bot.values.value import Keyless, Value


class Call(Value):
    """A command somebody typed. `arguments` is what was typed after it, empty if there is nothing."""

    name: str
    arguments: str = ""


class Unknown(Value):
    """A word typed like a command that is none, and the command that was probably meant."""

    name: str
    meant: str


class Said(Value):
    """What somebody says in a review.

    Attributes:
        calls: the commands; what asks for a change of the pull request is none of them.
        words: all else, without the bot's name and `/revise`.
        to_bot: some of the words are said to the bot.
    """

    calls: tuple[Call | Unknown, ...] = ()
    words: str = ""
    to_bot: bool = False


class CommandRequest(Value):
    """A comment, or a review, that may hold commands.

    Attributes:
        number: the issue or pull request that was commented on.
        comment_id: the comment's, or the review's id.
        of_review: it is a review.
        body: the comment, without keys; keys: what it held of these, e.g. "a GitHub Token in line 3".
        by_bot: its author is a bot whom the settings allow to give commands; a person's access is asked of GitHub.
        delivery: GUID of the delivery that brought it.
        seen: fingerprint of the issue's title and text when the comment was made; "" where that is not known.
        at: when it was made; "" where that is not known.
    """

    repo: str
    installation: int
    number: int
    is_pull: bool
    comment_id: int
    of_review: bool = False
    body: Keyless
    keys: tuple[Sentence, ...] = ()
    actor: str
    by_bot: bool = False
    delivery: str
    seen: str = ""
    at: str = ""

    @model_validator(mode="before")
    @classmethod
    def _keeps_no_keys(cls, values: Any) -> Any:
        """Take note of the keys before they are hidden; a request that was kept has them no more."""
        return {"keys": tuple(key.place for key in find_keys(str(values.get("body", "")))), **values}

    @property
    def key(self) -> str:
        """What tells it from all other comments and reviews."""
        return f"review-{self.comment_id}" if self.of_review else str(self.comment_id)


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


class RerunRequest(Value):
    """Somebody wants a build to run again, by the button of its check run.

    Attributes:
        number: the pull request.
        by_bot: it is a bot whom the settings allow to give commands, or GitHub does not tell who it was; it lets nobody
            press the button who has no write access. A known person's access is asked of GitHub.
        delivery: GUID of the delivery that brought it.
    """

    repo: str
    installation: int
    number: int
    actor: str
    by_bot: bool = False
    delivery: str


class WelcomeRequest(Value):
    """The bot has come to a repository, or sees it for the first time: what it needs there has to be made.

    Attributes:
        delivery: GUID of the delivery that tells of the installation; "" where the bot has found the repository.
    """

    repo: str
    installation: int
    delivery: str = ""


Request = CommandRequest | ReviewRequest | RerunRequest | WelcomeRequest
"""What people ask of the bot, and a worker carries out."""


class Reply(Value):
    """What is said to a comment or a review; a comment with the same marker is made once. `text` may be empty.

    Attributes:
        also: what is said in a comment of its own.
    """

    marker: str = ""
    text: str = ""
    also: Reply | None = None
