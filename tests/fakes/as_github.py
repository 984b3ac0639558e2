"""What is alive in a text as GitHub shows it: the mentions, references, links, pictures and HTML that it makes of it.

Of the embedded GitHub's pages this is independent, and it is wider than GitHub: what it finds may be harmless there,
and what it does not find is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

# As in lib/html_pipeline/node_filter/mention_filter.rb of https://github.com/gjtorikian/html-pipeline.
_MENTION = re.compile(r"(?:^|[^A-Za-z0-9`])@([a-z0-9][a-z0-9-]*(?:/[\w.-]+)?)", re.IGNORECASE)
# https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
_REFERENCE = re.compile(
    r"(?:[\w.-]+/[\w.-]+|[\w.-]+)?#\d+|\bGH-\d+|https?://[^\s/]+/[\w.-]+/[\w.-]+/(?:issues|pull|discussions)/\d+",
    re.IGNORECASE,
)
_CLOSES = re.compile(rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:{_REFERENCE.pattern})", re.IGNORECASE)
_AUTOLINK = re.compile(r"(?:https?://|www\.)[^\s<]+", re.IGNORECASE)
_SKIPS = re.compile(r"\[(?:skip|no)[ -]?(?:ci|actions)\]|\[(?:ci|actions)[ -]?skip\]|^skip-checks:", re.I | re.M)
_HIDES = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")

# A formula may be looked for before or after Markdown is read, so a sign counts with a backslash before it, too.
# https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions
_DOLLARS = re.compile(r"\$.*")


@dataclass
class Alive:
    """What a text does beyond being read. `links` are pairs of what is shown and where it leads."""

    mentions: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    closes: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    shown: str = ""


def markdown_alive(text: str) -> Alive:
    """Return what is alive in a comment or a description."""
    alive = Alive(hidden=_HIDES.findall(text))
    tokens = _RENDERER.parse(text)
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            alive.headings.append(after.content)
    for token in tokens:
        if token.type == "html_block":
            alive.html.append(token.content)
        if token.type == "inline":
            _read(token.children or [], alive)
            alive.shown += "\n"
        if token.type in ("fence", "code_block"):
            alive.shown += f"{token.content}\n"
            alive.formulas += [token.content] if token.info.strip().lower().startswith("math") else []
    return alive


def plain_alive(text: str) -> Alive:
    """Return what is alive in a title, a commit's message, a status."""
    alive = Alive(hidden=_HIDES.findall(text), skips=_SKIPS.findall(text), shown=text)
    _look(text, alive)
    return alive


def _read(tokens: list[Token], alive: Alive) -> None:
    """Take over what is in one paragraph, whose text is looked at as a whole: code in it keeps words apart."""
    said, link = "", ""
    for token in tokens:
        alive.shown += token.content if token.type in ("text", "code_inline", "text_special") else ""
        if token.type == "link_open":
            link, begin = str(token.attrs["href"]), len(said)
        elif token.type == "link_close":
            alive.links.append((said[begin:], link))
            said = said[:begin] + "\n"
        elif token.type == "image":
            alive.images.append(str(token.attrs["src"]))
        elif token.type == "html_inline":
            alive.html.append(token.content)
            said += "\0"
        elif token.type == "code_inline":
            said += "`code`"
        else:
            said += token.content or ("\n" if token.type.endswith("break") else "")
    urls = _AUTOLINK.findall(said)
    alive.links += [(url, url) for url in urls]
    alive.references += [url for url in urls if _REFERENCE.fullmatch(url)]
    alive.formulas += _DOLLARS.findall(said)
    _look(_AUTOLINK.sub("\n", said), alive)


def _look(text: str, alive: Alive) -> None:
    alive.mentions += _MENTION.findall(text)
    alive.references += [match[0] for match in _REFERENCE.finditer(text)]
    alive.closes += [match[0] for match in _CLOSES.finditer(text)]


def lying(alive: Alive) -> Iterator[tuple[str, str]]:
    """Yield the links that do not show where they lead."""
    for shown, target in alive.links:
        if re.sub(r"^https?://|/$", "", shown) != re.sub(r"^https?://|/$", "", target):
            yield shown, target
