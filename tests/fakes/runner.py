"""An instant stand-in for act: the outcome of every workflow run is scripted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from bot.hub.act import WorkflowOrder
from bot.hub.state import Job, Step

Script = Callable[[WorkflowOrder], tuple[str, str]]
"""Returns the conclusion of a run ("success", "failure", ...) and its job's log, as plain lines."""


def green(_: WorkflowOrder) -> tuple[str, str]:
    """Let every run succeed."""
    return "success", "all good"


class FakeRunner:
    """Finishes every run at once, as one job called "build" with the steps "Checkout", "Build" and "State the facts".

    Attributes:
        script: decides; may be replaced between runs.
        orders: every one, in order.
    """

    def __init__(self, script: Script = green) -> None:
        self.script = script
        self.orders: list[WorkflowOrder] = []

    def run(self, order: WorkflowOrder, changed: Callable[[list[Job]], None], cancelled: threading.Event) -> str:
        """See `bot.hub.act.Runner.run`."""
        self.orders.append(order)
        begin = datetime.now(UTC)
        job = Job(name="build", log=order.logs / "build.log", status="in_progress", started_at=begin)
        names = ("Checkout", "Build", "State the facts")
        job.steps = [Step(name, number, started_at=begin) for number, name in enumerate(names, start=1)]
        changed([job])
        conclusion, text = self.script(order)
        if cancelled.is_set():
            conclusion = "cancelled"
        order.logs.mkdir(parents=True, exist_ok=True)
        stamp = begin.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
        lines = ["##[group]Run docker build", "docker build", "##[endgroup]", *text.splitlines()]
        if conclusion != "success":
            lines.append("##[error]Process completed with exit code 1.")
        job.log.write_text("\ufeff" + "".join(f"{stamp} {line}\n" for line in lines))
        job.status = "completed"
        job.conclusion = conclusion
        job.completed_at = datetime.now(UTC)
        stated = "success" if conclusion == "success" else "skipped"
        for step, outcome in zip(job.steps, ("success", conclusion, stated), strict=True):
            step.status, step.conclusion, step.completed_at = "completed", outcome, job.completed_at
        changed([job])
        return conclusion
