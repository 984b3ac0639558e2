"""The concurrency group of a workflow run.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.hub.workflows.expressions import evaluate
from bot.hub.workflows.file import load


def concurrency_group(text: str, context: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return the workflow's concurrency group and whether a newer run cancels the running one, or None.

    See `evaluate` for the expressions that may stand in its name.

    Raises:
        ValueError: the file uses an expression this does not know.
    """
    concurrency = load(text).get("concurrency")
    if concurrency is None:
        return None
    if not isinstance(concurrency, dict):
        concurrency = {"group": concurrency}
    cancel = concurrency.get("cancel-in-progress", False)
    if not isinstance(cancel, bool):
        raise ValueError(f"cancel-in-progress is neither true nor false: {cancel!r}")
    return evaluate(str(concurrency["group"]), context), cancel
