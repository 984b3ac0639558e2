"""What a green build states of a service."""

from __future__ import annotations

import json

import pytest

from bot.buildlog import read_build_facts
from bot.values.build import BuildFacts

STAMP = "2026-01-31T12:00:00.1234567Z "
STATED = {"service": "qr", "tests": 7, "image_bytes": 183_000_000, "build_seconds": 24.5, "answer_ms": 12.3}
KNOWN = BuildFacts(tests=7, image_bytes=183_000_000, build_seconds=24.5, answer_ms=12.3)


def line(**changes: object) -> str:
    return f"{STAMP}FACTS {json.dumps(STATED | changes)}"


@pytest.mark.parametrize(
    ("lines", "facts"),
    [
        ([line()], KNOWN),
        ([line(tests=None)], KNOWN.model_copy(update={"tests": None})),
        # What was installed or tested has printed the first one.
        ([line(tests=99), "| FACTS {}", line(), f"{STAMP}Post job cleanup."], KNOWN),
        ([line(), line(service="other", tests=1)], KNOWN),
        ([f"{STAMP}| {line().removeprefix(STAMP)}"], BuildFacts()),
        ([f"#9 0.1 {line().removeprefix(STAMP)}"], BuildFacts()),
        ([line(), f"{STAMP}FACTS {{"], KNOWN),
        ([f'{STAMP}FACTS {{"exit_code": 1}}', "FACTS []", "FACTS 1", line(more=1), line(tests="many")], BuildFacts()),
        ([], BuildFacts()),
    ],
)
def test_the_last_line_that_states_facts_of_the_service_counts(lines: list[str], facts: BuildFacts) -> None:
    assert read_build_facts(lines, "qr") == facts
