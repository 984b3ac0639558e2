"""The quotes in a text, in quotation marks or code marks; apostrophes and inches open none."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSING = {"“": "”“", "„": "“”", "«": "»", "»": "«", "‘": "’", "‚": "‘’", "「": "」", "『": "』"}
_BEFORE = " \t\n([{=:>,;/*_-–—→⇒|~"
_AFTER = " \t\n)]}<>.,;:!?*_-–—→⇒|=/'’"
"""What may stand before an opening quote, and after a closing one, where the same mark may be an apostrophe."""


def quotations(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the quotes in a text: where each begins and ends, and what is in it."""
    unclear = {mark for mark in "\"'" if _is_unclear(text, mark)}
    at = 0
    while at < len(text):
        found = _quote_at(text, at)
        if found is None:
            at += 1
            continue
        end, inner = found
        # A fence holds a file or a listing, which tests write in their own way.
        if text[at] not in unclear and "\n" not in inner and not text.startswith("```", at):
            yield at, end, inner
        at = end


def unquoted(text: str, kept: re.Pattern[str] | None = None) -> str:
    """Return a text with a blank in place of each quote; those that match `kept` lose their marks alone."""
    words, end = [], 0
    for start, stop, inner in quotations(text):
        words += [text[end:start], inner if kept is not None and kept.fullmatch(inner) else " "]
        end = stop
    return "".join([*words, text[end:]])


def quoted(text: str) -> set[str]:
    """Return what stands in quotes, also in those within code marks."""
    inner = {inner for _, _, inner in quotations(text)}
    return inner | {nested for each in inner if each != text for nested in quoted(each)}


def _quote_at(text: str, at: int) -> tuple[int, str] | None:
    """Return the end of the quote that begins at a place, and what is in it; None where none begins."""
    mark = text[at]
    if mark == "`":
        run = re.match(r"`+", text[at:])
        width = run.end() if run else 1
        closing = re.search(rf"(?<!`)`{{{width}}}(?!`)", text[at + width :])
        return (at + width + closing.end(), text[at + width : at + width + closing.start()]) if closing else None
    if mark in "\"'":
        return _straight(text, at) if not at or text[at - 1] in _BEFORE else None
    line = text[at + 1 :].partition("\n")[0]
    for closing in re.finditer(f"[{_CLOSING[mark]}]", line) if mark in _CLOSING else ():
        end = closing.start()
        if line[end] != "’" or end + 1 == len(line) or line[end + 1] in _AFTER:
            return at + end + 2, line[:end]
    return None


def _straight(text: str, at: int) -> tuple[int, str] | None:
    mark = text[at]
    line = text[at + 1 :].partition("\n")[0]
    closings = [
        match.start()
        for match in re.finditer(re.escape(mark), line)
        if match.end() == len(line) or line[match.end()] in _AFTER
    ]
    for skips_escaped in (True, False):
        for end in closings:
            inner = line[:end]
            escaped = (len(inner) - len(inner.rstrip("\\"))) % 2 == 1
            if skips_escaped and escaped:
                continue
            within = inner.replace(f"\\{mark}", "") if skips_escaped else inner
            if mark == '"' and mark in within:
                break
            return at + end + 2, inner
    return None


def _is_unclear(text: str, mark: str) -> bool:
    """Tell whether double quotes stand in each other, or one is left over, other than for inches."""
    if mark != '"':
        return False
    at = 0
    while at < len(text):
        found = _quote_at(text, at)
        if found is not None:
            at = found[0]
            continue
        if text[at] == mark and not (at and text[at - 1].isdigit()):
            return True
        at += 1
    return False
