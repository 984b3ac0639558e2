"""Which lines of a comment are commands, as a person who reads the rendered comment sees them, and which are talk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

ANYBODY = "*"
"""Stands for every name: a line that is said to anybody counts as said to the bot."""

# What people cannot see at a line's beginning: no-break and other wide spaces, zero-width characters. Phones and
# web pages put them there when something is pasted.
_UNSEEN = "\u00a0\u1680\u2000-\u200f\u202f\u205f-\u2064\u3000\ufeff"
_LEADING = re.compile(rf"^( {{0,3}})(?:[{_UNSEEN}] ?)+(?=[/／@])")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_ZERO_WIDTH = re.compile("[\u200b\u2060\ufeff]")
_SAID_TO = re.compile(
    r" {0,3}(?:(?:hey|hi|hello|ok|okay|dear)[ \t,]+)?"
    r"@(?P<bot>[A-Za-z0-9](?:[A-Za-z0-9-]{0,98}[A-Za-z0-9])?)(?:\[bot\])?"
    r"(?:[,:.!]*(?:[ \t]+|$))(?P<said>.*)",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r" {0,3}/(?P<name>[A-Za-z][A-Za-z0-9_-]{0,39})(?:@(?P<bot>[A-Za-z0-9-]{1,100})(?:\[bot\])?)?"
    r"(?P<mark>[.!,;:?…]{0,9})(?:[ \t]+(?P<arguments>.*?))?[ \t]*"
)


_MARKDOWN = MarkdownIt("commonmark")
"""To make one takes longer than to read most comments."""


@dataclass(frozen=True)
class Spoken:
    """A line of a comment that is said to the bot.

    Attributes:
        name: of the command, in lower case; "" where the line begins with the bot's name and then says something else.
        arguments: the rest of the line.
        line: as it was typed.
        following: the lines after it, up to the next command.
        asks: the command's word ends with a question mark.
    """

    name: str
    arguments: str = ""
    line: str = ""
    following: str = ""
    asks: bool = False


@dataclass(frozen=True)
class SplitComment:
    """A comment, taken apart.

    Attributes:
        commands: what is said to the bot, in order.
        before: the lines before the first command.
        text: the lines that are no command; empty where there is nothing but commands.
    """

    commands: tuple[Spoken, ...]
    before: str
    text: str


def split_commands(body: str, bot: str = "") -> SplitComment:
    """Take a comment apart.

    A command is a line that starts with `/word`, also behind the bot's name (`@bot /word`, `/word@bot`), with a full
    stop or the like after it, or behind spaces that nobody sees. A line that starts with the bot's name is said to it,
    whatever it says. What Markdown shows as code, HTML comments, and lines that begin with `>`, `-` or `#` are no
    commands; nor is a path such as `/usr/bin`, nor what is said to another bot.

    Args:
        bot: the bot's name, without `@`; `ANYBODY` for every name; "" where lines with a name are talk.
    """
    source = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = [_plain(line) for line in source]
    spoken: dict[int, Spoken] = {}
    # Most comments say nothing to a bot: they need no look at their Markdown.
    if any(_spoken(line, bot) for line in plain):
        for number in _shown_lines(plain):
            if (said := _spoken(plain[number], bot)) is not None:
                spoken[number] = said
    text = "\n".join(line for number, line in enumerate(source) if number not in spoken).strip()
    commands = tuple(
        replace(spoken[number], line=source[number], following="\n".join(source[number + 1 : end]).rstrip())
        for number, end in pairwise([*spoken, len(source)])
    )
    before = "\n".join(source[: min(spoken, default=len(source))])
    return SplitComment(commands, before, text)


def _plain(line: str) -> str:
    """Return a line as its reader sees it, as far as it may be a command."""
    line = _LEADING.sub(r"\1", line)
    if not line.lstrip(" ").startswith(("/", "／", "@")) and "@" not in line[:40]:
        return line
    line = _ZERO_WIDTH.sub("", _SPACES.sub(" ", line))
    return line.replace("／", "/", 1) if line.lstrip(" ").startswith("／") else line


def _spoken(line: str, bot: str) -> Spoken | None:
    """Return what a line says to the bot, or None."""
    named = _SAID_TO.fullmatch(line) if bot else None
    if named is not None and not _is(named["bot"], bot):
        return None
    command = _COMMAND.fullmatch(_plain(named["said"]) if named else line)
    if command is None:
        return Spoken("", named["said"].strip()) if named else None
    if command["bot"] and not (bot and _is(command["bot"], bot)):
        return None
    return Spoken(command["name"].lower(), command["arguments"] or "", asks="?" in command["mark"])


def _is(name: str, bot: str) -> bool:
    return bot == ANYBODY or name.casefold() == bot.casefold()


def _shown_lines(source: list[str]) -> Iterator[int]:
    """Yield the numbers of the source lines that start with a word that is shown as plain text."""
    for token in _MARKDOWN.parse("\n".join(source)):
        if token.type != "inline" or token.map is None:
            continue
        shown = set(_first_words(token))
        # Looking at the source tells a quoted line ("> /retry") from one that only follows a quote without a blank
        # line between: Markdown draws the second as part of the quote, but its author typed it as a line of his own.
        for number in range(*token.map):
            if shown.intersection(source[number].split(maxsplit=1)[:1]):
                yield number


def _first_words(paragraph: Token) -> Iterator[str]:
    """Yield the first word of each line that begins with plain text, not with code, a link or hidden HTML."""
    at_start = True
    for part in paragraph.children or []:
        if part.type in ("softbreak", "hardbreak"):
            at_start = True
        elif part.type != "text" or part.content:
            if at_start and part.type == "text":
                yield from part.content.split(maxsplit=1)[:1]
            at_start = False
