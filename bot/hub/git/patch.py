"""Lines of a file's patch: which of them there are, and where a line is after a change."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True)
class PatchLine:
    """One line of a patch.

    Attributes:
        position: lines below the first hunk header, as GitHub counts them: further headers count, too.
        hunk: number of its hunk, from 0.
        old, new: its number before and after, None where it is not in that version.
    """

    position: int
    hunk: int
    text: str
    old: int | None
    new: int | None

    def number(self, side: str) -> int | None:
        """Return its number on a side: "LEFT" is before, "RIGHT" is after."""
        return self.old if side == "LEFT" else self.new


def read_patch(patch: str) -> list[PatchLine]:
    """Return the lines of a patch without its hunk headers."""
    lines = []
    hunk, old, new = -1, 0, 0
    for position, text in enumerate(patch.split("\n") if patch else ()):
        if header := _HUNK.match(text):
            hunk, old, new = hunk + 1, int(header[1]), int(header[2])
        elif text.startswith("+"):
            lines.append(PatchLine(position, hunk, text, None, new))
            new += 1
        elif text.startswith("-"):
            lines.append(PatchLine(position, hunk, text, old, None))
            old += 1
        elif not text.startswith("\\"):
            lines.append(PatchLine(position, hunk, text, old, new))
            old, new = old + 1, new + 1
    return lines


def find_line(patch: str, side: str, number: int) -> PatchLine | None:
    """Return the line with that number on a side, or None where the patch does not show it."""
    return next((line for line in read_patch(patch) if line.number(side) == number), None)


def hunk_until(patch: str, line: PatchLine) -> str:
    """Return the part of a patch from the header of a line's hunk to the line."""
    texts = patch.split("\n")[: line.position + 1]
    start = max(index for index, text in enumerate(texts) if _HUNK.match(text))
    return "\n".join(texts[start:])


def moved_line(patch: str, number: int) -> int | None:
    """Return the number that a line has after a patch, or None where the patch takes it away or changes it.

    The patch has to show lines around each change, as git does unless it is told otherwise.
    """
    shift = 0
    for line in read_patch(patch):
        if line.old is not None and line.old >= number:
            return line.new if line.old == number else number + shift
        if line.old is None:
            shift += 1
        elif line.new is None:
            shift -= 1
    return number + shift
