"""Where the conversations on lines of a pull request are now, after what was pushed since they began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.hub.git import FileDiff, find_line, moved_line
from bot.hub.state import Place, Pull, Repository, ReviewThread


@dataclass(frozen=True)
class Current:
    """Where a conversation is in the diff of the pull request's head; `position` is None for the file as a whole."""

    place: Place
    position: int | None


def changes(repo: Repository, pull: Pull) -> list[FileDiff]:
    """Return what a pull request changes, file by file."""
    return repo.git.diff(pull.base_sha, pull.head_sha, since_fork=True)


def diff_of(repo: Repository, pull: Pull) -> str:
    """Return what a pull request changes, as git writes it."""
    return repo.git.diff_text(pull.base_sha, pull.head_sha, since_fork=True)


def current(repo: Repository, pull: Pull, thread: ReviewThread) -> Current | None:
    """Return where a conversation is now, or None where it is outdated: its line was changed or left the diff."""
    base = repo.git.merge_base(pull.base_sha, pull.head_sha)
    left = thread.place.side == "LEFT"
    before, after = (thread.base, base) if left else (thread.commit, pull.head_sha)
    place: Place | None = thread.place
    if before != after:
        place = _moved(thread.place, repo.git.diff(before, after))
    if place is None:
        return None
    return find_place(changes(repo, pull), place)


def find_place(diff: Sequence[FileDiff], place: Place) -> Current | None:
    """Return a place in a diff, or None where the diff does not show it."""
    file = next((file for file in diff if file.path == place.path), None)
    if file is None:
        return None
    if place.line is None:
        return Current(place, None)
    line = find_line(file.patch, place.side, place.line)
    return Current(place, line.position) if line else None


def _moved(place: Place, since: Sequence[FileDiff]) -> Place | None:
    """Return the place after a change, or None where the change took it away."""
    file = next((file for file in since if place.path in (file.path, file.previous)), None)
    if file is None:
        return place
    if file.status == "removed":
        return None
    if place.line is None:
        return replace(place, path=file.path)
    line = moved_line(file.patch, place.line)
    start = moved_line(file.patch, place.start_line) if place.start_line else None
    if line is None or (place.start_line and start is None):
        return None
    return Place(file.path, place.side, line, start)
