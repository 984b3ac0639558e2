"""The concurrency group of a workflow run, and the expressions that may stand in its name.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.hub.workflows.file import load


def concurrency_group(text: str, context: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Return the workflow's concurrency group and whether a newer run cancels the running one, or None.

    `context` is the `github` context as nested mappings: `github.event.pull_request.number` is
    `context["event"]["pull_request"]["number"]`. Known expressions are such look-ups, literals in single quotes
    and `||` between them; a look-up that leads nowhere is empty, as on GitHub.

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
    return _evaluate(str(concurrency["group"]), context), cancel


def _evaluate(text: str, context: Mapping[str, Any]) -> str:
    """Replace every `${{ ... }}` in `text`; see `concurrency_group` for what may stand in it."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: _expression(match[1], context), text)


def _expression(text: str, context: Mapping[str, Any]) -> str:
    for term in text.split("||"):
        if value := _term(term.strip(), context):
            return value
    return ""


def _term(term: str, context: Mapping[str, Any]) -> str:
    if literal := re.fullmatch(r"'([^']*)'", term):
        return literal[1]
    if not re.fullmatch(r"github(\.[A-Za-z_][A-Za-z0-9_-]*)+", term):
        raise ValueError(f"unknown expression: {term}")
    value: Any = context
    for key in term.split(".")[1:]:
        value = value.get(key) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
