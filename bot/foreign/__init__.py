"""The way out for text that people, logs and models wrote, by the place that it goes to."""

from bot.foreign.characters import printable
from bot.foreign.concealed import HIDDEN, conceal, without_concealed
from bot.foreign.keys import Key, find_keys, without_keys
from bot.foreign.markdown import Markdown, block, cell, code, code_block, composed, fit, link, prose, quoted
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
    "conceal",
    "find_keys",
    "fit",
    "from_log",
    "link",
    "one_line",
    "plain",
    "printable",
    "prose",
    "quoted",
    "redacted",
    "without_concealed",
    "without_keys",
]
