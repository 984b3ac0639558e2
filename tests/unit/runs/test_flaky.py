"""When a red build is worth another run of the same commit."""

from __future__ import annotations

import pytest

from bot.runs.flaky import why_flaky
from bot.values.failure import FailedTest, Failure, FailureClass


def failure(*tests: tuple[str, str], kind: FailureClass = FailureClass.TEST) -> Failure:
    failed = tuple(FailedTest(name=name, error=error) for name, error in tests)
    return Failure(excerpt="x", headline="x", fingerprint="0" * 16, failure_class=kind, tests=failed)


WRONG, SLOW = "AssertionError: assert 1 == 2", "TimeoutError: timed out"


@pytest.mark.parametrize(
    ("failed", "failing", "why"),
    [
        (failure(("test_a", WRONG)), [], ""),
        (failure(("test_a", SLOW)), [], "once more, as time or network may be the reason: `test_a`"),
        (
            failure(("test_a", "ConnectionResetError: Connection reset by peer")),
            [],
            "once more, as time or network may be",
        ),
        # One that is plainly wrong has to be fixed anyway.
        (failure(("test_a", SLOW), ("test_b", WRONG)), [], ""),
        (failure(("test_a", WRONG)), [{"test_b"}], "once more, as it was green before: `test_a`"),
        (failure(("test_a", WRONG)), [{"test_a", "test_b"}], ""),
        (failure(("test_a", WRONG)), [{"test_a"}, {"test_b"}], "once more, as it was green before: `test_a`"),
        (failure(("test_a", SLOW), kind=FailureClass.CODE), [], ""),
        (failure(), [], ""),
    ],
)
def test_another_run_has_a_reason(failed: Failure, failing: list[set[str]], why: str) -> None:
    found = why_flaky(failed, [frozenset(names) for names in failing])
    assert (found is not None) == bool(why)
    assert found is None or str(found).startswith(why)
