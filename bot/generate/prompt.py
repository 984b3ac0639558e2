"""The messages that open each stage. The prompts of a run begin with the same words, so that providers' caches hit."""

from __future__ import annotations

from typing import Any

from bot.clients.llm import Message
from bot.generate import samples
from bot.generate.draft import skeleton
from bot.guard.text import cut, fenced, printable
from bot.render import render
from bot.values.service import Spec

LEVELS = 4
"""How many prompts a task has. Level 0 says everything; every further level leaves out more of what matters least."""
IDEA_LIMIT = 8_000
"""Characters of a description that are read."""
IDEA_LIMITS = (IDEA_LIMIT, IDEA_LIMIT, 2_000, 800)
TESTS_LIMITS = (50_000, 12_000, 6_000, 3_000)
"""Characters of the description, and of all scenarios together with their names, by level."""


def messages(template: str, **values: Any) -> list[Message]:
    """Return the messages of a stage: who the model is, and its task from `prompts/<template>`."""
    return [
        Message(role="system", content=render("prompts/system.md.j2").strip()),
        Message(role="user", content=render(f"prompts/{template}", **values).strip()),
    ]


def about(spec: Spec, level: int) -> dict[str, Any]:
    """Return what the templates say about a specified service.

    Args:
        level: from 0 to `LEVELS` - 1. The higher it is, the more of the person's prose is cut; the tests are cut last.
    """
    tests = "\n".join(f"test_{scenario.name}: {scenario.text}" for scenario in spec.scenarios)
    idea_limit = IDEA_LIMITS[level]
    files = "\n".join(
        f"{fixture.name} ({fixture.media_type}, from {fixture.url})"
        + (f", begins with: {fixture.beginning}" if fixture.beginning and level < 2 else "")
        for fixture in spec.fixtures
    )
    return {
        "spec": spec,
        "tests": fenced(tests, "tests", TESTS_LIMITS[level]),
        "idea": fenced(cut(spec.description or spec.summary, idea_limit), "idea", idea_limit),
        "classes": skeleton.classes(spec),
        "files_in": skeleton.has_files(spec.input_schema),
        "files_out": skeleton.has_files(spec.output_schema),
        "samples": samples.listed(spec.input_schema),
        "fixtures": fenced(printable(files), "files", 3_000) if files else "",
    }
