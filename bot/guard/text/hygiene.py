"""Text from people, logs and models, made fit for a prompt: nothing hidden in it, fenced as data, cut to size."""

from __future__ import annotations

import re
import unicodedata

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
_VISIBLE_CONTROLS = "\n\t"
# Characters that Unicode calls default-ignorable and that are in none of the categories below: fillers, and selectors
# that can carry whole texts.
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U000e0000-\U000e0fff]")
_JOINERS = "\u200d\ufe0f"
"""Invisible characters that are parts of visible emoji."""


def visible(text: str) -> str:
    """Return Markdown without what GitHub does not show: comments outside of code, and what `printable` drops."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return printable(_COMMENTS.sub(lambda match: match["code"] or "", lines))


def printable(text: str) -> str:
    """Return `text` without controls, zero-width, direction-changing and tag characters, and with plain line ends.

    A joiner stays only where it joins, as in the emoji of a family.
    """
    text = _IGNORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = []
    for at, char in enumerate(text):
        if char in _JOINERS:
            hidden = at == 0 or unicodedata.category(text[at - 1]) not in {"So", "Sk", "Mn"}
        else:
            hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"} and char not in _VISIBLE_CONTROLS
        if not hidden:
            kept.append(char)
    return "".join(kept)


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`; a note at the end says if something was cut."""
    if len(text) <= limit:
        return text
    note = "\n[... cut ...]"
    return text[: limit - len(note)] + note


def fenced(text: str, tag: str, limit: int) -> str:
    """Return `text`, cut to `limit` characters, between `<tag>` and `</tag>`; a `</tag>` in it is made harmless."""
    inert = re.sub(rf"<(/?)(?=\s*/?\s*{re.escape(tag)})", r"<\\\1", cut(text, limit), flags=re.IGNORECASE)
    return f"<{tag}>\n{inert.strip()}\n</{tag}>"
