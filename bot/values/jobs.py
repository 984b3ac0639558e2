"""The jobs of a workflow run, and how their steps have ended."""

from __future__ import annotations

from collections.abc import Iterable

from bot.values.value import Value

FAILED = ("failure", "timed_out", "startup_failure")


class Job(Value):
    """A job of a workflow run.

    Attributes:
        id: names its log.
        conclusion: None while it runs.
        steps: of each the name, and its conclusion or, while it has none, its status.
    """

    id: int
    name: str
    conclusion: str | None
    steps: tuple[tuple[str, str], ...] = ()

    @property
    def failed_step(self) -> str:
        """The first step that has failed or, where none has, was cancelled; "" where there is neither."""
        ends = ((name, how) for kind in (FAILED, ("cancelled",)) for name, how in self.steps if how in kind)
        return next(ends, ("", ""))[0]

    def has_passed(self, step: str) -> bool:
        """Return whether its step of that name has succeeded."""
        return (step, "success") in self.steps


def failed_jobs(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs that have failed, or those that were cancelled where none has.

    A job that ran into its `timeout-minutes` counts as cancelled on GitHub.
    """
    jobs = list(jobs)
    failed = [job for job in jobs if job.conclusion in FAILED]
    return failed or [job for job in jobs if job.conclusion == "cancelled"]
