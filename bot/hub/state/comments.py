"""What people write under issues and pull requests, and the reactions to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.hub.state.accounts import User, now


@dataclass
class Reaction:
    id: int
    user: User
    content: str
    created_at: datetime = field(default_factory=now)


@dataclass
class Comment:
    id: int
    author: User
    body: str
    by_app: bool = False
    reactions: list[Reaction] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    editor: User | None = None
    edited_at: datetime | None = None
