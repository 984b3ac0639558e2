"""What people can type in a comment: a module a command, and all of them here.

`parse` reads a comment. What carries one out is `answer.py`: it imports DBOS, so only the worker imports it.
"""

from __future__ import annotations

from bot.commands import approve, deploy, help, retry, status, stop
from bot.commands.parser import Comment, parse
from bot.commands.registry import Registry

__all__ = ["COMMANDS", "Comment", "parse", "table"]

COMMANDS = Registry(
    (retry.COMMAND, deploy.COMMAND, approve.COMMAND, stop.COMMAND, status.COMMAND, help.COMMAND),
)


def table() -> str:
    """Return all commands as the Markdown table that the README and `/help` show."""
    return COMMANDS.table()
