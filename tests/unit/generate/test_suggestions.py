"""What people suggest stands in the file to the letter, on the lines that it was written on, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generate.suggestions import with_suggestions
from bot.values.revision import Point

FOLDER = "services/qr"
LINES = "a\nb\nc\nd\n"
HUNK = "@@ -1,2 +1,3 @@\n a\n-x\n+b\n+c"
"""Of a comment on line 3."""


def point(suggestion: str | None, number: int = 1, **about: Any) -> Point:
    values = {"id": f"line:{number}", "author": "rev", "text": "", "path": f"{FOLDER}/x.py", "line": 3, "hunk": HUNK}
    return Point.model_validate(values | {"suggestion": suggestion} | about)


def taken(*points: Point, text: str = LINES) -> tuple[str, list[str]]:
    found = with_suggestions({"x.py": text, "y.py": LINES}, FOLDER, points)
    assert found.files["y.py"] == LINES
    return found.files["x.py"], sorted(found.taken)


@pytest.mark.parametrize(
    ("suggested", "text"),
    [
        (point("C\n"), "a\nb\nC\nd\n"),
        (point("C"), "a\nb\nC\nd\n"),
        (point("C1\nC2\n"), "a\nb\nC1\nC2\nd\n"),
        (point(""), "a\nb\nd\n"),
        (point("\n"), "a\nb\n\nd\n"),
        (point("BC\n", start_line=2), "a\nBC\nd\n"),
        (point("ABC\n", start_line=1), "ABC\nd\n"),
    ],
)
def test_the_commented_lines_are_replaced(suggested: Point, text: str) -> None:
    assert taken(suggested) == (text, ["line:1"])


@pytest.mark.parametrize(
    ("suggested", "text"),
    [
        # GitHub does not know where its line is by now, or has not looked yet; here it is, once.
        (point("C\n", outdated=True), "new\na\nb\nc\nd\n"),
        (point("C\n"), "new\na\nb\nc\nd\n"),
        (point("BC\n", start_line=2, outdated=True), "b\nnew\nb\nc\n"),
    ],
)
def test_lines_that_have_moved_are_found(suggested: Point, text: str) -> None:
    new, ids = taken(suggested, text=text)
    assert ids == ["line:1"]
    assert new in ("new\na\nb\nC\nd\n", "b\nnew\nBC\n")


@pytest.mark.parametrize(
    ("suggested", "text"),
    [
        (point(None), LINES),
        (point("C\n", outdated=True), "a\nb\nchanged\nd\n"),
        (point("C\n"), "a\nb\nchanged\nd\n"),
        (point("C\n", outdated=True), "c\nc\n"),
        (point("C\n", removed=True), LINES),
        (point("C\n", line=None), LINES),
        (point("C\n", hunk=""), LINES),
        (point("C\n", path="services/other/x.py"), LINES),
        (point("C\n", path=f"{FOLDER}/z.py"), LINES),
    ],
)
def test_what_cannot_be_placed_is_left_to_its_words(suggested: Point, text: str) -> None:
    assert taken(suggested, text=text) == (text, [])


def test_several_are_taken_each_in_its_place() -> None:
    first = "@@ -0,0 +1,4 @@\n+a"
    assert taken(point("A1\nA2\n", 2, line=1, hunk=first), point("C\n")) == (
        "A1\nA2\nb\nC\nd\n",
        ["line:1", "line:2"],
    )


def test_of_two_for_the_same_lines_the_older_is_taken() -> None:
    assert taken(point("C\n"), point("D\n", 2)) == ("a\nb\nC\nd\n", ["line:1"])
    wide = point("BC\n", 2, start_line=2)
    text, ids = taken(point("C\n"), wide)
    assert len(ids) == 1 and text in ("a\nb\nC\nd\n", "a\nBC\nd\n")


def test_what_the_reviewer_has_committed_is_there_already() -> None:
    assert taken(point("C\n", outdated=True), text="a\nb\nC\nd\n") == ("a\nb\nC\nd\n", ["line:1"])


def test_line_ends_that_python_knows_and_files_do_not_are_no_line_ends() -> None:
    text = "a\x0c\nb\u2028\nc\nd\n"
    assert taken(point("C\n"), text=text) == ("a\x0c\nb\u2028\nC\nd\n", ["line:1"])
