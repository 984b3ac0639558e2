"""Whose change of an issue counts."""

from __future__ import annotations

import pytest

from bot.runs.edits import edits_after, meddler, new_edits
from bot.values.edits import Edit, fingerprint
from bot.values.github import Issue

EARLY, LATE = "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"
THEIRS, OURS = Edit(by="visitor", at=LATE), Edit(by="rev", at=LATE)


def issue(*edits: Edit) -> Issue:
    return Issue(number=1, title="T", body="B", author="visitor", state="open", url="u", edits=edits)


@pytest.mark.parametrize(
    ("edits", "by"),
    [([THEIRS], "visitor"), ([OURS], ""), ([OURS, THEIRS], "visitor"), ([], "visitor")],
    ids=["theirs", "ours", "the title is theirs", "nobody is named"],
)
def test_a_change_counts_where_all_of_it_is_of_people_with_write_access(edits: list[Edit], by: str) -> None:
    assert meddler(issue(), edits, lambda login: login == "rev") == by


def test_only_what_came_later_is_looked_at() -> None:
    before = Edit(by="visitor", at=EARLY)
    assert edits_after(issue(before, OURS), LATE) == (OURS,)
    # In the same second nobody knows what came first.
    assert edits_after(issue(THEIRS), LATE) == (THEIRS,)
    assert new_edits(issue(before, THEIRS), issue(before)) == (THEIRS,)


def test_line_ends_are_no_change() -> None:
    assert fingerprint("T", "a\r\nb") == fingerprint("T", "a\nb")
    assert fingerprint("T", "a") != fingerprint("T", "b")
