"""One task, taken from an issue to a running service that is judged, beside others on the same stack."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from bot.demo.outcome import outcome
from bot.demo.stack import Stack
from bot.deploy import answers
from bot.values.progress import Progress, Stage
from tests.evaluate.judge import Verdict, judge
from tests.evaluate.suite import Task

RIGHT, LIVE, NEITHER = "right", "live", "neither"
"""The service does what the issue says; it was deployed, but does not; it was not deployed."""

Judge = Callable[[str, str], Sequence[Verdict]]


def attempt(stack: Stack, task: Task, seconds: float, stopped: Event, judge: Judge = judge) -> dict[str, Any]:
    """Take one task to the end of its run, or to its limit, and return its result as `tests.evaluate.table` takes it.

    Args:
        seconds: how long the run may take; then it is stopped.
        stopped: set where nobody waits for the result any more; then it is stopped too.
        judge: judges the service of a task at an address.
    """
    began = time.monotonic()
    number, _ = stack.open_issue(task.title, task.body())
    progress, ended = _follow(stack, number, began + seconds, stopped)
    total = {"total": round(time.monotonic() - began, 1)}
    if progress is None:
        nothing = {"outcome": "timed out", "note": "the bot said nothing about the issue"}
        return {"task": task.name, "verdict": NEITHER, **nothing, "checks": [], "seconds": total}
    live = progress.deployment if progress.stage is Stage.DONE else None
    answered = live is not None and answers(live.api_url, progress.slug)
    result = outcome(progress, {}, answered)
    if not ended:
        result |= {"outcome": "timed out", "note": f"stopped at the limit, at: {progress.note}"}
    verdicts = judge(task.name, live.api_url) if live is not None else []
    faultless = answered and not any(verdict.fault for verdict in verdicts)
    return {
        "task": task.name,
        "verdict": NEITHER if live is None else RIGHT if faultless else LIVE,
        **result,
        "checks": [verdict.model_dump() for verdict in verdicts],
        "seconds": {**result["seconds"], **total},
    }


def _follow(stack: Stack, issue: int, deadline: float, stopped: Event) -> tuple[Progress | None, bool]:
    """Return the last progress of an issue's run, and whether it has ended by itself; at the deadline it is stopped."""
    while True:
        progress, ended = stack.look(issue)
        if ended or time.monotonic() > deadline or stopped.wait(0.2):
            break
    if progress is not None and not ended:
        stack.runs.stop(progress.run_id)
    return progress, ended
