"""Times in words, for people."""

from __future__ import annotations

from datetime import datetime

from bot.hub.state import now


def ago(time: datetime | None) -> str:
    """Say how long ago a time was."""
    if time is None:
        return ""
    seconds = max(0, int((now() - time).total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now" if seconds < 10 else f"{seconds} seconds ago"


def took(begin: datetime | None, end: datetime | None) -> str:
    """Say how long something took, or has been taking."""
    if begin is None:
        return ""
    seconds = max(0, int(((end or now().astimezone(begin.tzinfo)) - begin).total_seconds()))
    return f"{seconds // 60}m {seconds % 60}s" if seconds >= 60 else f"{seconds}s"
