"""Lines of a patch, and where lines go."""

from __future__ import annotations

import difflib
import random

import pytest

from bot.hub.git import find_line, hunk_until, moved_line, read_patch

PATCH = """\
@@ -1,4 +1,5 @@
 one
-two
+2
+2b
 three
 four
@@ -20,3 +21,2 @@ def execute():
 twenty
-gone
 last
\\ No newline at end of file"""


def test_lines_have_their_numbers_and_positions() -> None:
    lines = [(line.position, line.hunk, line.old, line.new) for line in read_patch(PATCH)]

    assert lines == [
        *((1, 0, 1, 1), (2, 0, 2, None), (3, 0, None, 2), (4, 0, None, 3), (5, 0, 3, 4), (6, 0, 4, 5)),
        # The second header counts.
        *((8, 1, 20, 21), (9, 1, 21, None), (10, 1, 22, 22)),
    ]
    assert read_patch("") == []


@pytest.mark.parametrize(
    ("side", "number", "text"),
    [("RIGHT", 3, "+2b"), ("LEFT", 2, "-two"), ("LEFT", 3, " three"), ("RIGHT", 10, None), ("LEFT", 99, None)],
)
def test_line_is_found_on_its_side(side: str, number: int, text: str | None) -> None:
    line = find_line(PATCH, side, number)

    assert (line.text if line else None) == text


def test_hunk_ends_with_the_line() -> None:
    line = find_line(PATCH, "LEFT", 21)
    assert line is not None

    assert hunk_until(PATCH, line) == "@@ -20,3 +21,2 @@ def execute():\n twenty\n-gone"


def test_every_line_moves_as_it_does_in_the_files() -> None:
    generator = random.Random(7)  # noqa: S311 (it makes files)
    for _ in range(200):
        before = [f"{number}" for number in range(generator.randrange(1, 40))]
        after = [line for line in before if generator.random() > 0.2]
        for _ in range(generator.randrange(4)):
            after.insert(generator.randrange(len(after) + 1), f"new {generator.random()}")
        patch = "\n".join(difflib.unified_diff(before, after, lineterm="", n=generator.randrange(1, 4))).partition("@@")
        text = patch[1] + patch[2]
        for number, line in enumerate(before, 1):
            expected = after.index(line) + 1 if line in after else None
            assert moved_line(text, number) == expected, (text, number)
