"""What the owner of a repository asks of all its services, told in every prompt."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.llm import Message
from bot.config import HOUSE_RULES_LIMIT
from bot.guard.text import fenced, visible
from bot.render import render

_LIMITS = (HOUSE_RULES_LIMIT, HOUSE_RULES_LIMIT, 600, 200)
"""Characters of the house rules by level of the prompt."""


def with_house_rules(prompt: Sequence[Message], house_rules: str, level: int) -> list[Message]:
    """Return the messages of a prompt with the house rules before the task, where all prompts of a run are alike.

    Args:
        house_rules: Markdown as the owner wrote it; "" for none.
        level: of the prompt.
    """
    shown = visible(house_rules).strip()
    if not shown:
        return list(prompt)
    text = render("prompts/house_rules.md.j2", rules=fenced(shown, "house_rules", _LIMITS[level])).strip()
    *before, task = prompt
    return [*before, Message(role=task.role, content=f"{text}\n\n{task.content}")]
