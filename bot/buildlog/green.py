"""What a green build states of the service that it has built, in the last lines of its log."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.buildlog.facts import FACTS
from bot.buildlog.lines import plain_lines
from bot.values.build import BuildFacts


def read_build_facts(lines: Iterable[str], slug: str) -> BuildFacts:
    """Return what the build states of service `slug`.

    The step that states it is the workflow's last, after all code under test has ended. So the last such line counts:
    what a package's installation, a test or the service has printed that looks like one stands before it.

    Args:
        lines: the log of a job in which that step has succeeded, line by line.
    """
    facts = BuildFacts()
    for line in plain_lines(lines):
        if line.startswith(FACTS):
            facts = _stated(line.removeprefix(FACTS), slug) or facts
    return facts


def _stated(text: str, slug: str) -> BuildFacts | None:
    try:
        stated = json.loads(text)
        return BuildFacts.model_validate(stated) if stated.pop("service") == slug else None
    except (ValueError, AttributeError, KeyError, TypeError):
        return None
