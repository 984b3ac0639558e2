"""The commands that people type in comments."""

from __future__ import annotations

from pydantic import Field

from bot.values.value import Value


class Call(Value):
    """A command somebody typed. `arguments` is the rest of its line, empty if there is none."""

    name: str
    arguments: str = ""


class Unknown(Value):
    """A word typed like a command that is none, and the command that was probably meant, or None."""

    name: str
    meant: str | None


class CommandRequest(Value):
    """A comment that holds commands.

    Attributes:
        number: the issue or pull request that was commented on.
        calls: the commands, in order; at least one.
        delivery: GUID of the delivery that brought it.
    """

    repo: str
    installation: int
    number: int
    is_pull: bool
    comment_id: int
    calls: tuple[Call | Unknown, ...] = Field(min_length=1)
    actor: str
    delivery: str
