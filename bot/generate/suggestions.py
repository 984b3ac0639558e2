"""Lines that people suggest in a review, put into the files by code, to the letter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.values.revision import Point

_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Suggested:
    """Files with what was suggested in them, by name, and the points whose suggestion is there now, by id."""

    files: dict[str, str]
    taken: frozenset[str]


def with_suggestions(files: Mapping[str, str], folder: str, points: Sequence[Point]) -> Suggested:
    """Put into files what is suggested for their lines.

    The lines are those that the suggestion was written on: where they stand elsewhere by now, they are replaced there.
    One that was changed since, or that another suggestion changes too, is left to whoever reads its words.

    Args:
        files: by name within the folder, as they are on the branch.
        folder: of the service, within the repository.
    """
    changed, taken = dict(files), set[str]()
    for name, text in files.items():
        lines = _LINES.findall(text)
        taken |= {point.id for point in points if point.path == f"{folder}/{name}" and _is_there(lines, point)}
        places = [
            (place, point)
            for point in points
            if point.path == f"{folder}/{name}"
            and point.id not in taken
            and (place := _place(lines, point)) is not None
        ]
        free = len(lines)
        # From the last line to the first, so that the places above stay what they are; of two for one place the older.
        for place, point in sorted(places, key=lambda found: (-found[0].stop, found[0].start)):
            if place.stop > free:
                continue
            lines[place.start : place.stop] = _written(point)
            free = place.start
            taken.add(point.id)
        changed[name] = "".join(lines)
    return Suggested(changed, frozenset(taken))


def _place(lines: Sequence[str], point: Point) -> range | None:
    """Return the places, from 0, of the lines that a suggestion replaces; None where they cannot be told."""
    if point.suggestion is None or point.line is None or point.removed:
        return None
    old = _written_on(point)
    if not old:
        return None
    there = _found(lines, old)
    start = point.line - len(old)
    if start in there and not point.outdated:
        return range(start, point.line)
    return range(there[0], there[0] + len(old)) if len(there) == 1 else None


def _is_there(lines: Sequence[str], point: Point) -> bool:
    """Return whether a suggestion stands in the file already, as when its reviewer has committed it."""
    if not point.outdated or not point.suggestion:
        return False
    return bool(_found(lines, point.suggestion.rstrip("\n").split("\n"))) and not _found(lines, _written_on(point))


def _found(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return the places, from 0, where lines stand one after the other, whatever ends them."""
    plain = [line.rstrip("\r\n") for line in lines]
    return [at for at in range(len(plain)) if plain[at : at + len(wanted)] == list(wanted)]


def _written_on(point: Point) -> list[str]:
    """Return the lines that a suggestion was written on, without line ends: the last of its hunk."""
    count = (point.line or 0) - (point.start_line or point.line or 0) + 1
    new = [line[1:].rstrip("\r") for line in point.hunk.split("\n")[1:] if line.startswith((" ", "+"))]
    return new[-count:] if len(new) >= count > 0 else []


def _written(point: Point) -> list[str]:
    text = point.suggestion or ""
    return [text if text.endswith("\n") or not text else f"{text}\n"]
