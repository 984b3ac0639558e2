"""The comment that shows a plan: how it is found again, and what it asks people for while it waits."""

from __future__ import annotations

from typing import Protocol

from bot.foreign import Markdown
from bot.render import said
from bot.sentence import sentence
from bot.values.progress import Progress

INVITATION = sentence(
    "Nothing is built before somebody with write access has seen this: **`/approve`** starts the work, `/revise TEXT` "
    "changes the plan, `/stop` drops it."
)
_DROPPED = sentence("This plan was dropped.")


class Commented(Protocol):
    """What is needed of `bot.clients.github.Repository`."""

    def comment_text(self, n: int, marker: str, /) -> str | None: ...

    def upsert_comment(self, n: int, marker: str, body: Markdown, /) -> str: ...


def plan_marker(run: str, number: int) -> str:
    """Return the hidden marker of a run's plan."""
    return f"plan:{run}/{number}"


def drop_plan(repository: Commented, progress: Progress) -> None:
    """Have the plan of a run that has ended without an approval invite nobody any more. Safe to repeat."""
    plan, language = progress.plan, progress.language
    if plan is None or plan.approval:
        return
    marker = plan_marker(progress.run_id, plan.number)
    text = repository.comment_text(progress.issue, marker)
    if text is not None:
        dropped = text.replace(said(INVITATION, language), said(_DROPPED, language))
        repository.upsert_comment(progress.issue, marker, Markdown(dropped))
