"""The way out for text that people, logs and models wrote, by the place that it goes to."""

from bot.foreign.characters import printable
from bot.foreign.keys import HIDDEN, Key, find_keys, without_keys
from bot.foreign.markdown import Markdown, block, cell, code, code_block, composed, link, prose, quoted
from bot.foreign.plain import Plain, from_log, one_line, plain
from bot.foreign.redaction import redacted

__all__ = [
    "HIDDEN",
    "Key",
    "Markdown",
    "Plain",
    "block",
    "cell",
    "code",
    "code_block",
    "composed",
    "find_keys",
    "from_log",
    "link",
    "one_line",
    "plain",
    "printable",
    "prose",
    "quoted",
    "redacted",
    "without_keys",
]
