"""What people ask for on a pull request, as prompts show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from bot.foreign import printable
from bot.guard.text import cut, fenced, visible, words_of
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
_OF_CODE = "\n\nLater, people asked for this in reviews of the code:\n"


def listed(points: Sequence[Point], level: int = 0) -> str:
    """Return the points, numbered from 1, fenced as data."""
    text = "\n\n".join(f"Point {number}: {_shown(point)}" for number, point in enumerate(points, 1))
    return fenced(text, "points", _POINTS_LIMITS[level])


def with_points(spec: Spec, points: Sequence[Point], of_code: Collection[str] = ()) -> Spec:
    """Return a specification whose description also holds what was asked for later, the latest last.

    Args:
        of_code: ids of the points that are about the code alone. They stand apart: the service has to keep to them, but
            they are no demand of the idea.
    """
    rest, _, remarks = spec.description.partition(_OF_CODE)
    before, _, said = rest.partition(_SAID)
    whole = [point for point in points if point.path is None]
    said = _with_lines(said, [point for point in whole if point.id not in of_code])
    remarks = _with_lines(remarks, [point for point in whole if point.id in of_code])
    if not said and not remarks:
        return spec
    later = "".join(f"{heading}{lines}" for heading, lines in ((_SAID, said), (_OF_CODE, remarks)) if lines)
    return spec.model_copy(update={"description": f"{before or spec.summary}{later}"})


def has_points(spec: Spec) -> bool:
    """Return whether a description holds what was asked for later."""
    return _SAID in spec.description or _OF_CODE in spec.description


def _with_lines(said: str, points: Iterable[Point]) -> str:
    """Return lines with one more for each point that is not there yet; the first ones go where they are too long."""
    lines = [line for line in said.split("\n") if line]
    new = [f"- {' '.join(visible(point.text).split())}" for point in points]
    lines += [line for line in dict.fromkeys(new) if line not in lines]
    while len(lines) > 1 and len("\n".join(lines)) > _SAID_LIMIT:
        del lines[0]
    return cut("\n".join(lines), _SAID_LIMIT)


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
