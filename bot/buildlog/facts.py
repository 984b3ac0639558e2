"""Facts: what the build itself says of tests and of the smoke run, in lines that the code under test cannot write.

Whoever runs that code, `run.py` of a service's tests or the workflow's smoke run, announces that each line the code
prints is quoted, and then puts a mark before each. A line without the mark is the build's own. So where the
announcement came first, no print of a service or of a test passes for a builder's line, a result of the tests, or the
end of a container.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

ANNOUNCEMENT = 'What code prints begins with "| " from here on.'
QUOTE = "| "
ANNOUNCED_WITHIN = 3
"""Within how many lines the announcement must come: before any code that is tested runs."""

FACTS = "FACTS "
_LOOKS_LIKE_ONE = re.compile(
    r"FACTS |SCENARIO ERROR|SERVICE ERROR|The service has stopped before|/healthz has not answered|POST /execute |"
    r"Exit code \d|curl: \(|(?:Smoke run of|Rolling out) |The command '|executor failed|ERROR: failed to"
)
"""How lines begin that count only where the build itself says them."""


class StatedTest(NamedTuple):
    """A test that failed, as the build states it.

    Attributes:
        name: e.g. "test_upper[a]", of a method "TestMore::test_upper"; the file's where it could not be collected.
        error: its exception in one line, e.g. "AssertionError: assert 'a' == 'A'".
        file, line: where; "" and None where pytest does not say.
    """

    name: str
    error: str = ""
    file: str = ""
    line: int | None = None


class Facts(NamedTuple):
    """What `run.py` states of the tests of a service that failed.

    Attributes:
        exit_code: pytest's, 124 where the time was over.
        service: why the service never answered /healthz, or "".
        failed: the tests that failed.
        faults: why tests that passed show nothing.
    """

    exit_code: int
    service: str = ""
    failed: tuple[StatedTest, ...] = ()
    faults: tuple[str, ...] = ()


def without_quote(line: str) -> str:
    """Return a line of code under test as it was printed; one that looks like the build's own stays quoted."""
    text = line.removeprefix(QUOTE)
    return line if _LOOKS_LIKE_ONE.match(text) else text


def read_facts(line: str) -> Facts | None:
    """Return the facts that a line of the build's own states, or None where it states none."""
    if not line.startswith(FACTS):
        return None
    try:
        stated = json.loads(line.removeprefix(FACTS))
        failed = tuple(StatedTest(**test) for test in stated.pop("failed", ()))
        return Facts(**{**stated, "failed": failed, "faults": tuple(stated.get("faults", ()))})
    except (ValueError, TypeError):
        return None
