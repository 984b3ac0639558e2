"""What a delivery says, by which a run knows what to ask GitHub."""

from __future__ import annotations

from bot.values.github import WorkflowRun
from bot.values.value import Value


class Hint(Value):
    """What a delivery says of a workflow run of the file `workflow`: it has ended. GitHub may show that later."""

    workflow: str
    workflow_run: WorkflowRun
