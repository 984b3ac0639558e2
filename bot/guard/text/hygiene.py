"""Text from people, logs and models, made fit for a prompt: nothing hidden in it, fenced as data, cut to size."""

from __future__ import annotations

import re
from itertools import pairwise

from bot.foreign import printable

# Code stays as it is, with the comments in it, because GitHub shows it. The order of the alternatives matters: in
# CommonMark the leftmost construct wins (https://spec.commonmark.org/0.31.2/#html-blocks, #fenced-code-blocks,
# #code-spans). A code span counts within one line only, because an HTML block may begin on the next line.
_COMMENTS = re.compile(
    r"(?P<code>^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<![\\`])(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`))"
    r"|<!--.*?(?:-->|\Z)"
    r"|^ {0,3}\[//\]:[^\n]*$",
    re.DOTALL | re.MULTILINE,
)
# Scripts without spaces between words: Thai, Lao, kana, ideographs.
_NO_SPACES = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{_NO_SPACES}]")
_RUN = re.compile(rf"[{_NO_SPACES}]+|[^\W_{_NO_SPACES}]+")
_SHORT = 1_000


def visible(text: str) -> str:
    """Return Markdown without what GitHub does not show: comments outside of code, and what `printable` drops."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return printable(_COMMENTS.sub(lambda match: match["code"] or "", lines))


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, up to the end of a word; a note at the end says if more was there.

    Args:
        limit: of characters. The note in a text of up to 1,000 characters is just an ellipsis.
    """
    if len(text) <= limit:
        return text
    note = f"\n[... cut: {len(text)} characters in all ...]" if limit > _SHORT else " …"
    return kept_by_cut(text, limit - len(note)) + note


def kept_by_cut(text: str, limit: int) -> str:
    """Return the words of `text` that fit into `limit` characters; a part of the last word where it is very long."""
    if len(text) <= limit:
        return text
    words = re.sub(r"\s*\S*\Z", "", text[: limit + 1])
    return words if len(words) >= limit * 3 // 4 else text[:limit]


def fenced(text: str, tag: str, limit: int) -> str:
    """Return `text`, cut to `limit` characters, between `<tag>` and `</tag>`; a `</tag>` in it is made harmless."""
    inert = re.sub(rf"<(/?)(?=\s*/?\s*{re.escape(tag)})", r"<\\\1", cut(text, limit), flags=re.IGNORECASE)
    return f"<{tag}>\n{inert.strip()}\n</{tag}>"


def words_of(text: str) -> list[str]:
    """Return the words that people see in a text, in lower case; in scripts without spaces, each two characters."""
    words: list[str] = []
    for run in _RUN.findall(visible(text).casefold()):
        pairs = [f"{first}{second}" for first, second in pairwise(run)] if _UNSPACED.match(run) else []
        words += pairs or [run]
    return words
