"""Text of anybody's in what GitHub shows as Markdown: it says what it says, and does nothing.

Nobody is mentioned by it, no issue is linked or closed, it holds no HTML, no picture and no link but an address that
can be read, and it does not leave the place that it was given. What the bot itself writes is of the type `Markdown`;
every other string becomes part of it through one of the functions here, so that what is forgotten is made fit, too.

https://spec.commonmark.org/0.31.2/, https://github.github.com/gfm/,
https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Self

from markupsafe import Markup

from bot.foreign.characters import printable
from bot.foreign.keys import without_keys
from bot.foreign.plain import unlinked
from bot.foreign.redaction import redacted
from bot.sentence import Sentence

_OWN_MARKERS = re.compile(r"<!(?=--\s*gptdeploy)", re.IGNORECASE)
_FENCE = re.compile(r"(?P<indent>\s*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*)")
_LANGUAGE = re.compile(r"(?!(?:mermaid|math|geojson|topojson|stl|suggestion)\b)[A-Za-z0-9+#.-]{1,20}", re.IGNORECASE)
"""The word behind a fence, where GitHub does no more with it than choose colours."""
_TICKS = re.compile(r"`+")
_CODE = re.compile(r"`[^`\n]+`")
_VALUE = re.compile(r"%\((\w+)\)s")
_ITEMS = re.compile(r" {0,3}(?:(?:[-*+]|\d{1,9}[.)]) +)*")
_RULE = frozenset("-=_*:| ")
"""What an underline, a rule, or the line below a table's head consists of."""
_STARTS = re.compile(r"#{1,6}(?=\s|$)|>|~~~")
# What is glued to a reference or a name goes with it: alone it could be alive. No quantifier without a bound stands
# before what may not come: a text that was made to be slow to read must not be.
_REFERENCE = r"(?:[\w.-]{1,100}(?:/[\w.-]{1,100})?)?\#\d[\w@\#/-]*|GH-\d[\w@\#/-]*"
_LIVE = re.compile(
    rf"""(?P<url>(?:https?|ftp)://[^\s<`]+|\bwww\.[^\s<`]+)
    |(?P<mention>(?<![A-Za-z0-9])@[A-Za-z0-9](?:[\w./@\#-]*\w)?)
    |(?P<reference>{_REFERENCE})
    |(?P<mark>[\[\]\$|\\]|<(?=[A-Za-z/!?]|$)|&(?=[#A-Za-z]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN_URL = re.compile(
    r"(?:https?://)?[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][A-Za-z0-9\-._~:/?#@!&'()*+,;=%]*)?", re.IGNORECASE
)
"""An address that names its host as it is: in plain ASCII, with nothing before it that looks like another one."""
_OF_GITHUB = re.compile(r"/[\w.-]+/[\w.-]+/(?:issues|pulls?|discussions|commits?)/\w", re.IGNORECASE)
"""In an address that GitHub shows as a reference, which is seen where it leads to."""
_AFTER_URL = "?!.,:;*_~'\")]"
_CLOSING = r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?"
_CLOSES = re.compile(rf"{_CLOSING}\s*$", re.IGNORECASE)
"""https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"""
_CLOSED = re.compile(rf"(?P<word>{_CLOSING}\s+)(?P<what>\S+)", re.IGNORECASE)
_OWN_LINK = re.compile(r"\[(?:The build|The workflow run|not deployed)\]\((?P<url>[^()\s]+)\)")
"""The links that `composed` text may hold. Their words promise nothing that a page could be forged for."""
_ADDRESSED = re.compile(r"@[A-Za-z0-9-]+(?:\[bot\])?(?=,? )")


class Markdown(Markup):
    """Markdown that may go out as it is. What is added to it, joined with it or formatted into it is made fit first."""

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        """Return what is `Markdown` as it is, a sentence of the bot's as `composed`, and everything else as `prose`."""
        # Jinja2's own filters return the general type for what they were given as `Markdown`.
        if isinstance(s, Sentence):
            return cls(composed(s))
        return cls(s if isinstance(s, cls) or type(s) is Markup else _line(str(s)))


def prose(text: object) -> Markdown:
    """Return a text on one line, as it can stand anywhere but in code: in a sentence, a heading, an item, a cell."""
    return Markdown.escape(text)


def cell(text: object) -> Markdown:
    """Return a text as it can stand in a cell of a table: its bars do not end the cell, in code neither."""
    shown = " ".join(str(Markdown.escape(text)).split())
    return Markdown(re.sub(r"(?<!\\)\|", r"\\|", shown))


def block(text: str) -> Markdown:
    """Return a text of several lines: its paragraphs, lists and blocks of code stay what they are."""
    shown = "\n".join(_lines(text))
    # What stands before it on the line must not make a code span of the fence.
    return Markdown(f"\n{shown}" if shown.startswith("```") else shown)


def quoted(text: str) -> Markdown:
    """Return a text of several lines as a quotation."""
    return Markdown("\n".join(f"> {line}".rstrip() for line in "\n".join(_lines(text)).split("\n")))


def composed(text: str | Sentence) -> Markdown:
    """Return what the bot itself has put together, in a sentence that is kept as a plain string.

    Unlike in `block`, a reference such as "#7" stays, unless it would close something, and so do the few links that the
    bot puts into sentences, and the name of whom the text is addressed to. Others' words are made fit where they are
    put into it (`code`, `prose`, `fit`).
    """
    if isinstance(text, Markdown):
        return text
    text = str(fit(text) if isinstance(text, Sentence) else text)
    addressed = _ADDRESSED.match(text)
    begin = addressed[0] if addressed else ""
    return Markdown(begin.replace("[", "\\[").replace("]", "\\]") + "\n".join(_lines(text[len(begin) :], own=True)))


def fit(said: Sentence) -> Sentence:
    """Return a sentence in whose values nothing is alive that `composed` leaves alive in a text of the bot's."""
    return _fit_values(said, in_code=False)


def _fit_values(said: Sentence, in_code: bool) -> Sentence:
    quoted_values = {name for span in _CODE.findall(said.text) for name in _VALUE.findall(span)}
    return said.having(**{name: _fit(value, in_code or name in quoted_values) for name, value in said.values.items()})


def _fit(value: Sentence | int | str, in_code: bool) -> Sentence | int | str:
    if isinstance(value, Sentence):
        return _fit_values(value, in_code)
    # In code nothing is alive, and a sign in another form would be another value.
    if isinstance(value, int) or _CODE.fullmatch(f"`{value}`" if in_code else value):
        return value
    return unlinked(value).replace("](", "] (")


def code(text: object) -> Markdown:
    """Return a text as a code span on one line, without the secrets that logs hold."""
    shown = _unclosed(" ".join(_clean(redacted(str(text))).split()))
    fence = "`" * (_longest_run(shown) + 1)
    return Markdown(_apart(fence, shown) if shown else "")


def code_block(text: str, language: str = "") -> Markdown:
    """Return a text as a block of code, whose fence is longer than any in it."""
    shown = _unclosed(_clean(text))
    fence = "`" * max(3, _longest_run(shown) + 1)
    return Markdown(f"{fence}{language}\n{shown}\n{fence}")


def link(url: str) -> Markdown:
    """Return an address as a link to itself."""
    shown = _line(url)
    return Markdown(f"[{shown}]({url})") if shown == url and url.startswith("http") else Markdown(shown)


def _clean(text: str) -> str:
    """Return a text without what hides, without keys, and without what the bot knows its own comments by."""
    return _OWN_MARKERS.sub("<! ", without_keys(printable(text)))


def _unclosed(code: str) -> str:
    """Return code in which no issue is closed: a description becomes the message of a merge, and is no code there."""
    return _CLOSED.sub(lambda match: match["word"] + unlinked(match["what"]), code)


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _line(text: str) -> str:
    """Return a text on one line; a space at its begin and its end stays."""
    return _started(re.sub(r"\s+", " ", _clean(text)))


def _lines(text: str, *, own: bool = False) -> Iterator[str]:
    lines = iter(_clean(text).split("\n"))
    for line in lines:
        opened = _FENCE.fullmatch(line)
        if opened is None:
            indent = len(line) - len(line.lstrip())
            yield _started(" " * min(indent, 3) + line.strip(), own=own).rstrip()
            continue
        # Within a list or not: the block begins at the margin, so that nothing but its own fence can end it.
        closes = re.compile(rf"\s*{opened['fence'][0]}{{{len(opened['fence'])},}}\s*")
        inside: list[str] = []
        for inner in lines:
            if closes.fullmatch(inner):
                break
            inside.append(inner.removeprefix(opened["indent"]))
        language = _LANGUAGE.match(opened["info"])
        yield code_block("\n".join(inside), language[0] if language else "")


def _started(line: str, *, own: bool = False) -> str:
    """Return a line of which nothing but an item of a list begins where it begins."""
    items = _ITEMS.match(line)
    begin = items[0] if items else ""
    rest = line[len(begin) :]
    # Bars are without effect wherever they stand.
    starts = bool(rest) and rest[0] in "-=_*" and _RULE.issuperset(rest)
    return begin + ("\\" if starts or _STARTS.match(rest) else "") + _inline(rest, own=own)


def _inline(text: str, *, own: bool = False) -> str:
    """Return the text of one line with its code spans as they are, and everything else without effect."""
    shown, at = "", 0
    while (ticks := _TICKS.search(text, at)) is not None:
        shown = _beside(shown, _inert(text[at : ticks.start()], own=own))
        end = re.compile(rf"(?<!`){ticks[0]}(?!`)").search(text, ticks.end())
        if end is None:
            shown += "\\`" * len(ticks[0])
            at = ticks.end()
        else:
            shown = _beside(shown, _apart(ticks[0], _unclosed(text[ticks.end() : end.start()])))
            at = end.end()
    return _beside(shown, _inert(text[at:], own=own))


def _apart(fence: str, inside: str) -> str:
    """Return a code span; a tick in it, or what may begin or end a formula beside one, stands apart from its fence."""
    pad = " " if inside.startswith(("`", "$")) or inside.endswith(("`", "$")) else ""
    return f"{fence}{pad}{inside}{pad}{fence}"


def _beside(shown: str, more: str) -> str:
    """Return a text and what comes after it; two code spans without anything between would be one."""
    return f"{shown} {more}" if shown.endswith("`") and more.startswith("`") else shown + more


def _inert(text: str, *, own: bool) -> str:
    """Return a text without code spans in which nothing is alive."""
    parts: list[str] = []
    at = 0
    while (match := _LIVE.search(text, at)) is not None:
        link = _OWN_LINK.match(text, match.start()) if own else None
        parts.append(text[at : match.start()])
        if link is not None and _PLAIN_URL.fullmatch(link["url"]):
            parts.append(link[0])
            at = link.end()
            continue
        at = match.end()
        if match[0] == "$":
            # GitHub may take it for the begin of a formula although there is a backslash before it.
            parts.append("＄")
        elif match["mark"]:
            parts.append("\\" + match[0])
        elif match["url"]:
            url = match[0].rstrip(_AFTER_URL)
            at = match.start() + len(url)
            parts.append(url if _PLAIN_URL.fullmatch(url) and not _OF_GITHUB.search(url) else f"`{url}`")
        elif own and match[0].startswith("#") and not _CLOSES.search(text[: match.start()][-40:]):
            parts.append(match[0])
        else:
            parts.append(f"`{match[0]}`")
    return "".join([*parts, text[at:]])
