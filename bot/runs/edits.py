"""Whose words count: what somebody with write access has seen or written, and no later change of anybody else's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.values.edits import Edit
from bot.values.github import Issue


def new_edits(now: Issue, known: Issue) -> tuple[Edit, ...]:
    """Return the edits of an issue that were not there when it was known."""
    return tuple(edit for edit in now.edits if edit not in known.edits)


def edits_after(issue: Issue, at: str) -> tuple[Edit, ...]:
    """Return the edits of an issue that were made at a time or later; GitHub tells times in whole seconds."""
    return tuple(edit for edit in issue.edits if edit.at >= at)


def meddler(issue: Issue, edits: Sequence[Edit], may_write: Callable[[str], bool]) -> str:
    """Return who is the reason for which a text that has changed does not count; "" where it does.

    GitHub tells only who has changed text and title last. Who writes over somebody else's change has seen it. Where
    nobody is named, the author counts: a change that nobody has made is none that anybody has seen.
    """
    people = [edit.by for edit in edits] or [issue.author]
    return next((login for login in people if not may_write(login)), "")
