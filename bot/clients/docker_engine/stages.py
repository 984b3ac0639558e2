"""How a service's Dockerfile runs its tests, read from the Dockerfile itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RUN = "python -Iu /usr/local/lib/testing/run.py"
_PASSED = re.compile(rf"(?<={re.escape(_RUN)}) --passed \S+$")
"""What the template's command writes for the workflow. Here nobody reads it, and the container cannot be written."""
_NAMED = re.compile(r"\sAS\s+(\S+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Stages:
    """The Dockerfile of a service, taken apart.

    Attributes:
        before_tests: everything up to the instruction that runs the tests.
        command: what that instruction gives to `/bin/sh -c`, but for the file that the workflow reads.
    """

    before_tests: str
    command: str

    @property
    def drops_rights(self) -> bool:
        """Whether the command is the template's, which root starts and which runs all else as users of its own."""
        return self.command == _RUN


def read_stages(dockerfile: str) -> Stages | None:
    """Return how a Dockerfile made from the template runs the tests, or None where it was changed too much to tell.

    https://docs.docker.com/reference/dockerfile/#format
    """
    lines = dockerfile.splitlines(keepends=True)
    stage, stages = "", set()
    tests = None
    for number, text in _instructions(lines):
        word, _, rest = text.partition(" ")
        if word.upper() == "FROM":
            named = _NAMED.search(text)
            stage = named[1].lower() if named else ""
            stages.add(stage)
        elif stage == "test" and word.upper() == "RUN":
            tests = Stages("".join(lines[:number]), _PASSED.sub("", rest.strip()))
    # The template's instruction has no flags and is no JSON list.
    if tests is None or "tools" not in stages or tests.command.startswith(("--", "[")):
        return None
    return tests


def _instructions(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield each instruction on one line, as the builder hands it on, with the number of its first line from 0."""
    first, parts = 0, list[str]()
    for number, raw in enumerate(lines):
        line = raw.rstrip()
        if not line or line.lstrip().startswith("#"):
            continue
        if not parts:
            first, line = number, line.lstrip()
        parts.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            yield first, "".join(parts)
            parts = []
