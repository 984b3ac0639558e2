"""Read a comment or a review: the commands in it, for the bot that is called by a name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.commands.registry import Registry
from bot.guard.text import ANYBODY, Spoken, split_commands
from bot.values.command import Call, Said, Unknown

LIMIT = 5
"""Commands read from one comment; what comes after them is ignored."""
REVISE = "revise"
"""The command that stands for a sentence which begins with the bot's name."""
_CLOSE = 0.7
"""How like a known command a word must be, from 0 to 1, to be taken for a slip of the pen."""
_MEANT = {
    "start": "retry", "restart": "retry", "rerun": "retry", "redo": "retry", "rebuild": "retry",
    "cancel": "stop", "abort": "stop",
}  # fmt: skip
"""What people type for one of our commands."""
_FOREIGN = frozenset({"epic", "improve", "lint", "re-review", "review", "reviewer", "reviewers", "stale"})
"""Words that are like one of ours, and that other bots hear."""
_SIGNATURE = re.compile(r"^--[ ]*$.*", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Heard:
    """What a comment may want, as far as that can be told without knowing the bot's name.

    Attributes:
        commands: it may hold commands; `parse` says which.
        talk: it says something beside them.
    """

    commands: bool
    talk: bool


def listen(body: str) -> Heard:
    """Return whether a comment may hold commands, and whether it says something else."""
    comment = split_commands(body, ANYBODY)
    talk = any(not said.name and said.arguments for said in comment.commands) or bool(comment.text)
    return Heard(commands=bool(comment.commands), talk=talk)


def parse(body: str, registry: Registry, bot: str = "") -> tuple[Call | Unknown, ...]:
    """Return the commands of a comment in order, each once; see `split_commands` for what counts as one.

    A sentence that begins with the bot's name is `/revise`, or the command of which it consists. A word that is like no
    command is somebody else's: other bots have commands, too.

    Args:
        registry: the commands there are.
        bot: the name that people call the bot by, without `@`.
    """
    calls = (_call(said, registry) for said in split_commands(body, bot).commands)
    return each_once(call for call in calls if call is not None)


def each_once(calls: Iterable[Call | Unknown]) -> tuple[Call | Unknown, ...]:
    """Return commands in their order, each once, and at most `LIMIT`."""
    return tuple(dict.fromkeys(calls))[:LIMIT]


def hear(body: str, registry: Registry, bot: str) -> Said:
    """Take apart what somebody says in a review, or on a line: commands, and what they ask for in words.

    `/revise`, and a sentence that begins with the bot's name, count as words, and so does a command that is not ours.
    What belongs to a command of ours does not.
    """
    split = split_commands(body, bot)
    calls, words, to_bot = [], [split.before], False
    for said in split.commands:
        call = _call(said, registry)
        if call is None:
            words += [said.line, said.following]
        elif call.name == REVISE and isinstance(call, Call) and call.arguments:
            words.append(call.arguments)
            to_bot = True
        else:
            calls.append(call)
            takes_words = call.name in registry and registry[call.name].words
            words += [] if takes_words else [said.following]
    return Said(calls=tuple(calls), words="\n".join(words).strip(), to_bot=to_bot)


def _call(said: Spoken, registry: Registry) -> Call | Unknown | None:
    name, arguments = said.name, said.arguments
    if not name:
        name, arguments = _meant(said, registry)
    if name in registry:
        if said.asks:
            return Unknown(name=f"{name}?", meant=name)
        if registry[name].words:
            arguments = _SIGNATURE.sub("", f"{arguments}\n{said.following}").strip()
        return Call(name=name, arguments=arguments)
    if not name or name in _FOREIGN:
        return None
    meant = [_MEANT[name]] if name in _MEANT else difflib.get_close_matches(name, registry.names, 1, _CLOSE)
    return Unknown(name=name, meant=meant[0]) if meant else None


def _meant(said: Spoken, registry: Registry) -> tuple[str, str]:
    """Return the command that a sentence to the bot stands for, and its arguments; ("", "") for none."""
    words = said.arguments.rstrip(" .!").lower()
    if words in registry:
        return words, ""
    if not words and not said.following.strip():
        return "help", ""
    return (REVISE, said.arguments) if REVISE in registry else ("", "")
