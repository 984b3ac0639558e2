"""The conversations that open each stage. The same words come first in all of a run, so that providers' caches hit."""

from __future__ import annotations

from typing import Any

from bot.clients.llm import Message
from bot.generate.draft import skeleton
from bot.guard.text.hygiene import cut, fenced, printable
from bot.render import render
from bot.values.service import Spec

THRIFT = 4
"""How many prompts there are for a task. Prompt 0 says everything; each further one leaves out more of what matters
least, and begins with the same words where it can."""
IDEA_LIMIT = 8_000
"""Characters of a description that are read."""
IDEA_LIMITS = (IDEA_LIMIT, IDEA_LIMIT, 2_000, 800)
TESTS_LIMITS = (50_000, 12_000, 6_000, 3_000)
"""Characters of the description, and of all scenarios together with their names, by how thrifty a prompt has to be."""


def messages(template: str, **values: Any) -> list[Message]:
    """Return what the model is told at a stage: who it is, and the task of `prompts/<template>`."""
    return [
        Message(role="system", content=render("prompts/system.md.j2").strip()),
        Message(role="user", content=render(f"prompts/{template}", **values).strip()),
    ]


def about(spec: Spec, thrift: int = 0) -> dict[str, Any]:
    """Return what the templates say about a specified service.

    Args:
        thrift: from 0 to `THRIFT` - 1. 0 says everything; the higher, the more of the person's prose is cut. The
            tests are cut last.
    """
    tests = "\n".join(f"test_{scenario.name}: {scenario.text}" for scenario in spec.scenarios)
    idea_limit = IDEA_LIMITS[thrift]
    files = "\n".join(
        f"{fixture.name} ({fixture.media_type}, from {fixture.url})"
        + (f", begins with: {fixture.beginning}" if fixture.beginning and thrift < 2 else "")
        for fixture in spec.fixtures
    )
    return {
        "spec": spec,
        "tests": fenced(tests, "tests", TESTS_LIMITS[thrift]),
        "idea": fenced(cut(spec.description or spec.summary, idea_limit), "idea", idea_limit),
        "classes": skeleton.input_and_output(spec),
        "files_in": skeleton.has_files(spec.input_schema),
        "files_out": skeleton.has_files(spec.output_schema),
        "fixtures": fenced(printable(files), "files", 3_000) if files else "",
    }
