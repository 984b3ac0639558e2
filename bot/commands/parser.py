"""Read a comment once: the commands in it, and what else it says."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

from bot.guard.text import split_commands
from bot.values.command import Call, Unknown

LIMIT = 5
"""Commands read from one comment; what comes after them is ignored."""


@dataclass(frozen=True)
class Comment:
    """What a comment says.

    Attributes:
        calls: its commands in order, each once.
        text: the rest; empty if it holds nothing else.
    """

    calls: tuple[Call | Unknown, ...]
    text: str


def parse(body: str, known: Collection[str]) -> Comment:
    """Return what a comment says; see `split_commands` for what counts as a command.

    Args:
        known: the names of the commands there are.
    """
    comment = split_commands(body)
    calls = dict.fromkeys(_call(name, arguments, known) for name, arguments in comment.commands)
    return Comment(tuple(calls)[:LIMIT], comment.text)


def _call(name: str, arguments: str, known: Collection[str]) -> Call | Unknown:
    if name in known:
        return Call(name=name, arguments=arguments)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return Unknown(name=name, meant=close[0] if close else None)
