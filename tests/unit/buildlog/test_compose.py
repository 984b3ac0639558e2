"""Containers that `docker compose up` shows at once: the first that fails is the cause."""

from __future__ import annotations

import pytest

from bot.buildlog import read_failure
from tests.unit.buildlog.written import as_github

DIED = """\
Attaching to app-1, tests-1
app-1    | Traceback (most recent call last):
tests-1  | ===== test session starts =====
app-1    |   File "/app/executor.py", line 3, in <module>
tests-1  | E   ConnectionError: refused
app-1    |     KEY = os.environ["KEY"]
app-1    | KeyError: 'KEY'
app-1 exited with code 1
tests-1 exited with code 1"""


def test_the_first_container_that_fails_is_the_cause() -> None:
    failure = read_failure(as_github(DIED))

    assert failure.headline == "KeyError: 'KEY'"
    assert failure.file.endswith("executor.py")
    assert "ConnectionError: refused" in failure.excerpt


@pytest.mark.parametrize(
    "output",
    [
        DIED.replace("Attaching to app-1, tests-1\n", ""),
        DIED.replace("app-1 exited with code 1", "app-1 exited with code 0"),
    ],
)
def test_a_container_counts_only_if_it_is_shown_and_fails(output: str) -> None:
    assert read_failure(as_github(output)).headline != "KeyError: 'KEY'"
