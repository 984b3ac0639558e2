"""The conversations that open each stage. The same words come first in all of a run, so that providers' caches hit."""

from __future__ import annotations

from typing import Any

from bot.clients.llm import Message
from bot.generate import skeleton
from bot.guard.hygiene import cut, fenced
from bot.models import Spec
from bot.render import render

IDEA_LIMIT = 8_000
"""Characters of a description that are read."""
TESTS_LIMIT = 50_000
"""Characters of all scenarios together, names included."""


def conversation(template: str, **values: Any) -> list[Message]:
    """Return what the model is told at a stage: who it is, and the task of `prompts/<template>`."""
    return [
        Message(role="system", content=render("prompts/system.md.j2").strip()),
        Message(role="user", content=render(f"prompts/{template}", **values).strip()),
    ]


def about(spec: Spec) -> dict[str, Any]:
    """Return what the templates say about a specified service."""
    tests = "\n".join(f"test_{scenario.name}: {scenario.text}" for scenario in spec.scenarios)
    return {
        "spec": spec,
        "tests": fenced(tests, "tests", TESTS_LIMIT),
        "idea": fenced(cut(spec.description or spec.summary, IDEA_LIMIT), "idea", IDEA_LIMIT),
        "classes": skeleton.input_and_output(spec),
        "files_in": skeleton.has_files(spec.input_schema),
        "files_out": skeleton.has_files(spec.output_schema),
    }
