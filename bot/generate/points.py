"""What people ask for on a pull request, as prompts show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.guard.text import cut, fenced, printable, visible, words_of
from bot.values.revision import Point
from bot.values.service import Spec

_POINTS_LIMITS = (12_000, 6_000, 3_000, 1_500)
"""Characters of all points together, by level of the prompt."""
_HUNK_LIMIT = 1_200
_BEFORE_LIMIT = 1_000
_SAID_LIMIT = 2_000
"""Characters that a description keeps of what was said later."""
_EVERYWHERE = frozenset(
    [
        "a",
        "all",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "gives",
        "give",
        "given",
        "has",
        "in",
        "is",
        "it",
        "its",
        "must",
        "no",
        "not",
        "of",
        "on",
        "or",
        "return",
        "returns",
        "should",
        "test",
        "that",
        "the",
        "then",
        "this",
        "to",
        "when",
        "which",
        "with",
    ]
)
_SAID = "\n\nLater, people said:\n"


def listed(points: Sequence[Point], level: int = 0) -> str:
    """Return the points, numbered from 1, fenced as data."""
    text = "\n\n".join(f"Point {number}: {_shown(point)}" for number, point in enumerate(points, 1))
    return fenced(text, "points", _POINTS_LIMITS[level])


def with_points(spec: Spec, points: Sequence[Point]) -> Spec:
    """Return a specification whose description also holds what was asked for later, the latest last."""
    before, _, said = spec.description.partition(_SAID)
    lines = [line for line in said.split("\n") if line]
    new = [f"- {' '.join(visible(point.text).split())}" for point in points if point.path is None]
    lines += [line for line in new if line not in lines]
    while len(lines) > 1 and len("\n".join(lines)) > _SAID_LIMIT:
        del lines[0]
    if not lines:
        return spec
    said = cut("\n".join(lines), _SAID_LIMIT)
    return spec.model_copy(update={"description": f"{before or spec.summary}{_SAID}{said}"})


def say_so(points: Sequence[Point], words: str) -> bool:
    """Return whether these very words, at least two of them, stand in what people said."""
    return is_said(words, [point.text for point in points])


def is_said(words: str, texts: Iterable[str]) -> bool:
    """Return whether these very words, at least two of them, stand in one of the texts."""
    wanted = _plain(words)
    return len(wanted.split()) >= 2 and any(wanted in _plain(text) for text in texts)


def speak_of(words: str, text: str) -> bool:
    """Return whether words have something in common with a scenario's text, beyond what every sentence has."""
    return bool((set(words_of(words)) & set(words_of(text))) - _EVERYWHERE)


def _shown(point: Point) -> str:
    place = f"(on {point.path}{_lines_of(point)}) " if point.path else ""
    parts = [f"{place}{visible(point.text).strip()}"]
    if point.before:
        parts.append(f"It answers what was said there before:\n{cut(visible(point.before), _BEFORE_LIMIT)}")
    if point.hunk:
        hunk = printable(point.hunk)[-_HUNK_LIMIT:]
        parts.append(f"It was written on the end of this part of the diff:\n{hunk}")
    if point.taken:
        parts.append(
            "What it suggests instead is in the file already: leave it so. Do what else the words ask for; where they "
            "ask for nothing else, it is done."
        )
    elif point.suggestion is not None:
        parts.append(f"Suggested instead of that line, to be taken literally:\n{printable(point.suggestion)}")
    return "\n".join(parts)


def _lines_of(point: Point) -> str:
    """Return which lines of its file a point is about, in words."""
    if not point.line:
        return ""
    first = point.start_line or point.line
    lines = f", line {point.line}" if first == point.line else f", lines {first} to {point.line}"
    if point.removed:
        return f"{lines} of the file as it was before the pull request"
    return f"{lines} of the time, changed since" if point.outdated else lines


def _plain(text: str) -> str:
    return f" {' '.join(words_of(text))} "
