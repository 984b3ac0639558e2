"""A log is read in bounded memory, whatever it holds."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from bot.buildlog import EXCERPT_LIMIT, HEADLINE_LIMIT, read_failure
from bot.values.failure import FailureClass


@pytest.mark.parametrize("lines", [[], [""], ["\ufeff"], ["##[error]Process completed with exit code 3."]])
def test_log_that_says_nothing(lines: list[str]) -> None:
    failure = read_failure(lines, "Build and test")

    assert failure.failure_class is FailureClass.INFRA
    assert failure.headline
    assert failure.excerpt


def test_memory_and_sizes_stay_bounded() -> None:
    def endless() -> Iterator[str]:
        yield "##[group]Run docker build ."
        yield "##[endgroup]"
        yield "E: Unable to locate package " + "x" * 5_000
        for number in range(3_000):
            yield f"#{number % 500} {number}.0 " + "noise" * 200
        for number in range(3_000):
            yield f"Traceback {number} " + "noise" * 200
        yield "##[error]Process completed with exit code 1."
        for number in range(300):
            yield f"##[group]Run docker logs service-{number}"
            yield "##[endgroup]"
            yield from (f"ERROR {number} {line} " + "noise" * 500 for line in range(20))

    tracemalloc.start()
    failure = read_failure(endless())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 8_000_000
    assert len(failure.excerpt) <= EXCERPT_LIMIT
    assert len(failure.headline) == HEADLINE_LIMIT
    assert failure.failure_class is FailureClass.APT
    assert "Unable to locate package" in failure.excerpt
