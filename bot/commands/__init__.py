"""What people can type in a comment: one module for each command, and the registry of all of them.

`listen` says whether a comment may hold commands. The module `answer` reads one and carries it out; it imports DBOS, so
only the worker imports it.
"""

from __future__ import annotations

from bot.commands import (
    approve,
    delete,
    deploy,
    help,
    list,
    logs,
    pick,
    preview,
    retry,
    revise,
    rollback,
    scale,
    status,
    stop,
    update,
)
from bot.commands.hearing import hear_comment
from bot.commands.parser import Heard, listen, parse
from bot.commands.registry import Registry

__all__ = ["COMMANDS", "Heard", "hear_comment", "listen", "parse"]

COMMANDS = Registry(
    (
        retry.COMMAND,
        revise.COMMAND,
        update.COMMAND,
        preview.COMMAND,
        deploy.COMMAND,
        pick.COMMAND,
        rollback.COMMAND,
        logs.COMMAND,
        list.COMMAND,
        scale.COMMAND,
        delete.COMMAND,
        approve.COMMAND,
        stop.COMMAND,
        status.COMMAND,
        help.COMMAND,
    ),
)
