"""How far a repository was looked at by who looks for what the bot was not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.clients.github import PAGE
from bot.commands.redelivery import OVERLAP
from bot.values.news import Changed, FoundComment, FoundIssue, FoundPull


@dataclass
class Mark:
    """How far a list was looked at: what has changed since a moment is still to be seen to; `tag` is the list's."""

    since: float
    tag: str = ""

    def looked(self, found: Changed[FoundIssue] | Changed[FoundComment], settled: Sequence[bool], now: float) -> None:
        """Take note of what was found, and whether there is nothing more to see to about each of it."""
        if not all(settled):
            return
        self.tag = found.tag
        if found.items:
            whole = len(found.items) < PAGE
            self.since, self.tag = now - OVERLAP if whole else found.items[-1].changed_at, ""


@dataclass
class Watched:
    """A repository by its key, and how far it was looked at.

    Attributes:
        floor: what is from before that is none of the bot's business.
        open_pulls: the bot's open pull requests.
        suites: the tag of the check suites of each of their heads.
    """

    repo: str
    installation: int
    floor: float
    issues: Mark
    comments: Mark
    pulls: Mark
    open_pulls: list[FoundPull] = field(default_factory=list)
    suites: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> dict[str, Any]:
        """What a request says of where it was made."""
        return {"repo": self.repo, "installation": self.installation}


def time_of(seconds: float) -> str:
    """Return a time as GitHub writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
