"""The messages that open each stage. The prompts of a run begin with the same words, so that providers' caches hit."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from typing import Any

from bot.clients.llm import Message
from bot.foreign import printable
from bot.generate import samples
from bot.generate.draft import interface_source, skeleton
from bot.generate.points import has_points
from bot.guard.text import fenced
from bot.language import english_name, is_english
from bot.render import render, templates_dir
from bot.values.service import Scenario, Spec

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


@cache
def prompts_version() -> str:
    """Return what tells the prompts of one version of the bot from those of another: the beginning of a hash of their
    texts."""
    texts = hashlib.sha256()
    for path in sorted((templates_dir() / "prompts").iterdir()):
        texts.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return texts.hexdigest()[:8]


def about(spec: Spec, level: int, types: str | None = None) -> dict[str, Any]:
    """Return what the templates say about a specified service.

    Args:
        types: the source of `interface.py` on the branch; None where it is still to be made.
        level: from 0 to `LEVELS` - 1. The higher it is, the more of the person's prose is cut; the tests are cut last.
    """
    listed = [f"test_{scenario.name}: {scenario.text}" for scenario in spec.scenarios]
    listed += [f"test_{requirement.name} (idea): {requirement.text}" for requirement in spec.tested]
    tests = "\n".join(listed)
    idea_limit = IDEA_LIMITS[level]
    files = "\n".join(
        f"{fixture.name} ({fixture.media_type}, from {fixture.url})"
        + (f", begins with: {fixture.beginning}" if fixture.beginning and level < 2 else "")
        for fixture in spec.fixtures
    )
    return {
        "spec": spec,
        "tests": fenced(tests, "tests", TESTS_LIMITS[level]),
        "idea": fenced(spec.description or spec.summary, "idea", idea_limit),
        "interface": _shown(interface_source(spec.input_schema, spec.output_schema) if types is None else types),
        "files_in": skeleton.has_files(spec.input_schema),
        "files_out": skeleton.has_files(spec.output_schema),
        "samples": samples.listed(spec.input_schema),
        "test_samples": samples.listed_for_tests(spec.input_schema),
        "fixtures": fenced(printable(files), "files", 3_000) if files else "",
        "read": any(_holds_data(scenario) for scenario in spec.scenarios),
        "later": has_points(spec),
        "reply_language": english_name(spec.language) if spec.language else "the language of the idea",
        "speak": "" if is_english(spec.language) else english_name(spec.language),
    }


def _holds_data(scenario: Scenario) -> bool:
    """Tell whether the test of a scenario is held to data that code has read in its words."""
    bodies = (scenario.request, scenario.answer, scenario.given, scenario.expected, scenario.status)
    return any(body is not None for body in bodies) or bool(scenario.quotes)


def _shown(source: str) -> str:
    """Return what a prompt shows of `interface.py`: its types and classes, without what checks them."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source.strip()
    lines = source.split("\n")
    types, classes = [], []
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) if name != "Model":
                classes.append(str(ast.get_source_segment(source, node)))
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name != "T":
                before = lines[node.lineno - 2]
                comment = f"  {before}" if before.startswith("#") else ""
                types.append(f"{name} = {ast.get_source_segment(source, _bare(value))}{comment}")
    return "\n\n\n".join([*(["\n".join(types)] if types else []), *classes])


def _bare(annotation: ast.expr) -> ast.expr:
    """Return a type without what `Annotated` says of it."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[first, *_])):
            return first
    return annotation
