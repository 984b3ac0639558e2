"""The items of a list in a review: each wants an answer of its own."""

from __future__ import annotations

import re

from bot.guard.text import words_of

_ITEM = re.compile(
    r"^(?P<indent> {0,3})(?:(?P<number>\d{1,2})[.)]|[-*+])[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)", re.MULTILINE
)
_CODE = ("```", "~~~")
_DATA = re.compile(r"`[^`\n]+`|\"[^\"\n]*\"|“[^”\n]*”|[{\[].*[}\]]")
"""What is no word of a sentence: code, quoted texts, JSON."""
_EXAMPLE = re.compile(
    r"\b(?:examples?|e\. ?g\.|for instance|such as|beispiele?|z\. ?B\.|par exemple|exemples?|por ejemplo|ejemplos?)"
    r"[^\n]*\Z",
    re.IGNORECASE,
)
"""The line before a list of examples."""
_HEADING = re.compile(r"(?:\A|\n[ \t]*\n)(?P<heading>[^\n]*:)[ \t]*\Z")
"""The line at the end of an item that introduces the next one."""
_PAIR = re.compile(r"\W*[\w.-]+\W*[:=]\s*\S+")
"""A name with its value."""


def items(text: str) -> list[str]:
    """Return the items of a list; a text without one stays whole.

    A list is numbered from 1, or has bullets, each with a sentence: a list of examples or of data is a part of what is
    said, and so is a list within an item. What stands before an item goes with it. A text with blocks of code is left
    whole: their lines may begin like items.
    """
    found = [] if any(fence in text for fence in _CODE) else list(_ITEM.finditer(text))
    of_list = [item for item in found if _is_beside(item, found[0])]
    if len(of_list) < 2:
        return [text]
    ends = [*(item.start() for item in of_list[1:]), len(text)]
    parts = [text[item.end() : end].strip() for item, end in zip(of_list, ends, strict=True)]
    introduction = text[: of_list[0].start()].strip()
    if of_list[0]["number"]:
        is_list = [int(item["number"]) for item in of_list] == [*range(1, len(of_list) + 1)]
    else:
        is_list = all(map(_says_something, parts)) and not _EXAMPLE.search(introduction)
    return _with_headings([introduction, *parts]) if is_list else [text]


def _is_beside(item: re.Match[str], first: re.Match[str]) -> bool:
    return bool(item["number"]) == bool(first["number"]) and item["indent"] == first["indent"]


def _says_something(text: str) -> bool:
    """Return whether an item is a sentence, more than a word or a value."""
    return len(words_of(_DATA.sub(" ", text))) > 1 and not _PAIR.fullmatch(text)


def _with_headings(parts: list[str]) -> list[str]:
    """Return the items, each with the line that introduces it.

    Args:
        parts: what stands before the list, then the items.
    """
    introduction, *found = parts
    whole = []
    for number, item in enumerate(found, 1):
        heading = _HEADING.search(item) if number < len(found) else None
        said = item[: heading.start()].strip() if heading else item
        whole.append("\n\n".join(filter(None, [introduction, said])))
        introduction = heading["heading"] if heading and said else ""
    return whole
