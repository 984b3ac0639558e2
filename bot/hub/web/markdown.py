"""Comments as HTML: GitHub's Markdown (tables, tasks, strike-through, bare links, #numbers), and nothing harmful."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAG = re.compile(r"<!--.*?-->|<[^>]*>?", re.DOTALL)
_HARMLESS = re.compile(r"</?(details|summary|br|sub|sup|kbd|b|i|em|strong|p) ?/?>|<details open>", re.IGNORECASE)
_BOX = re.compile(r"\[(?P<mark>[ xX])\]\s+")
_AUTOLINK = re.compile(
    r"(?P<url>https?://[^\s<>\"'`|]*[^\s<>\"'`|.,;:!?)\]])|(?<![\w/&])#(?P<number>[1-9][0-9]{0,6})\b"
)


def to_html(text: str, repository: str) -> str:
    """Return `text` as HTML; "#7" links to an issue of `repository` (an address without a slash at its end)."""
    return str(_RENDERER.render(text, {"repository": repository}))


def _renderer() -> MarkdownIt:
    # In comments, GitHub keeps the ends of lines.
    renderer = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    renderer.core.ruler.push("tasks", _tasks)
    renderer.core.ruler.push("autolink", _autolink)
    renderer.add_render_rule("task", _task)
    renderer.add_render_rule("html_block", _html)
    renderer.add_render_rule("html_inline", _html)
    return renderer


def _html(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    """Hide comments, let harmless tags pass, show everything else as the text it is."""
    content, out, position = tokens[index].content, [], 0
    for match in _TAG.finditer(content):
        out.append(escape(content[position : match.start()]))
        tag = match[0]
        if _HARMLESS.fullmatch(tag):
            out.append(tag)
        elif not tag.startswith("<!--"):
            out.append(escape(tag))
        position = match.end()
    return "".join([*out, escape(content[position:])])


def _tasks(state: Any) -> None:
    """Make tasks of the items of lists that begin with a box: https://github.github.com/gfm/#task-list-items-extension-"""
    for item, _, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if item.type == "list_item_open" and inline.type == "inline" and (box := _BOX.match(inline.content)):
            first = inline.children[0]
            first.content = first.content[box.end() :]
            inline.children.insert(0, Token("task", "input", 0, content=box["mark"]))


def _task(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return f'<input type="checkbox" disabled{"" if tokens[index].content == " " else " checked"}> '


def _autolink(state: Any) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children:
            depth = 0
            children: list[Token] = []
            for token in block.children:
                depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
                plain = token.type == "text" and depth == 0
                children += _linked(token.content, state.env.get("repository", "")) if plain else [token]
            block.children = children


def _linked(text: str, repository: str) -> Iterator[Token]:
    position = 0
    for match in _AUTOLINK.finditer(text):
        yield _text(text[position : match.start()])
        address = match["url"] or f"{repository}/issues/{match['number']}"
        yield Token("link_open", "a", 1, attrs={"href": address})
        yield _text(match[0])
        yield Token("link_close", "a", -1)
        position = match.end()
    yield _text(text[position:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


_RENDERER = _renderer()
