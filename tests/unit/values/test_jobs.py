"""Which jobs of a workflow run have failed, and where."""

from __future__ import annotations

import pytest

from bot.values.jobs import Job, failed_jobs

STEPS = (("Check out", "success"), ("Test", "cancelled"), ("Build", "failure"), ("Report", "skipped"))


def job(conclusion: str | None, number: int = 1, steps: tuple[tuple[str, str], ...] = ()) -> Job:
    return Job(id=number, name="Build", conclusion=conclusion, steps=steps)


@pytest.mark.parametrize("failed", ["failure", "timed_out", "startup_failure"])
def test_what_was_cancelled_counts_where_nothing_failed(failed: str) -> None:
    cancelled, passed = job("cancelled", 1), job("success", 3)
    assert failed_jobs([cancelled, job(failed, 2), passed]) == [job(failed, 2)]
    assert failed_jobs([cancelled, passed]) == [cancelled]
    assert failed_jobs([passed, job(None)]) == []


def test_steps_are_found_by_how_they_ended() -> None:
    assert job("failure", steps=STEPS).failed_step == "Build"
    assert job("cancelled", steps=STEPS[:2]).failed_step == "Test"
    assert job("success", steps=STEPS[:1]).failed_step == ""
    assert job("failure", steps=STEPS).has_passed("Check out")
    assert not job("failure", steps=STEPS).has_passed("Report")
