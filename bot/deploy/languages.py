"""The language in which people are answered: that of the issue, as the bot has found it."""

from __future__ import annotations

from typing import Protocol

from bot.errors import UserError
from bot.values.github import Pull
from bot.values.naming import issue_of_branch, status_marker
from bot.values.progress import read_hidden


class Repository(Protocol):
    """What is asked; `bot.clients.github.Repository` is one."""

    def pull(self, n: int, /) -> Pull: ...

    def comment_text(self, number: int, marker: str) -> str | None: ...


def language_of(repository: Repository, number: int) -> str:
    """Return the language of an issue, or of the one that a pull request belongs to, as its status comment tells.

    Returns:
        As BCP 47 has it; "" where nothing tells.
    """
    text = repository.comment_text(number, status_marker(number))
    if text is None:
        try:
            issue = issue_of_branch(repository.pull(number).head_ref)
        except UserError:
            # It is an issue that no run has begun on.
            return ""
        text = repository.comment_text(issue, status_marker(issue)) if issue is not None else None
    progress = read_hidden(text or "")
    return progress.language if progress is not None else ""
