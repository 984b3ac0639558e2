"""Which events run a workflow, and with which inputs.

act runs whatever it is given, so the hub decides here, by GitHub's rules:
https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.hub.workflows.file import load, strings

_PULL_REQUEST_TYPES = ("opened", "synchronize", "reopened")
"""The activity types a `pull_request` or `pull_request_target` trigger without `types` answers to."""


@dataclass(frozen=True)
class DispatchInput:
    """An input that `workflow_dispatch` declares.

    Attributes:
        needed: it must be given: it is required, and has no default.
        options: what it may be; empty where it is no choice.
    """

    needed: bool
    options: tuple[str, ...] = ()


def triggered(text: str, event_name: str, *, action: str | None, branch: str, paths: Collection[str]) -> bool:
    """Decide whether an event runs the workflow.

    Args:
        action: the payload's `action`; None for push and workflow_dispatch.
        branch: the pushed branch, or a pull request's base branch, without "refs/heads/".
        paths: the files changed by the push or pull request.
    """
    events = _events(load(text))
    if event_name not in events:
        return False
    filters = events[event_name]
    if event_name == "workflow_dispatch":
        return True
    types = strings(filters.get("types"))
    if not types and event_name in ("pull_request", "pull_request_target"):
        types = list(_PULL_REQUEST_TYPES)
    if action is not None and types and action not in types:
        return False
    return _passes(filters, "branches", [branch]) and _passes(filters, "paths", paths)


def dispatch_inputs(text: str) -> dict[str, DispatchInput]:
    """Return the inputs that `workflow_dispatch` declares, by name."""
    declared = _events(load(text)).get("workflow_dispatch", {}).get("inputs") or {}
    return {str(name): _dispatch_input(about or {}) for name, about in declared.items()}


def _dispatch_input(about: Mapping[str, Any]) -> DispatchInput:
    options = strings(about.get("options")) if about.get("type") == "choice" else []
    return DispatchInput(bool(about.get("required")) and "default" not in about, tuple(options))


def matches(patterns: Iterable[str], value: str) -> bool:
    """Apply a filter's patterns in order: the last one that matches decides, and `!` at its start excludes."""
    decision = False
    for pattern in patterns:
        if pattern.startswith("!"):
            decision = decision and not _glob(pattern[1:]).fullmatch(value)
        else:
            decision = decision or bool(_glob(pattern).fullmatch(value))
    return decision


def _events(workflow: Mapping[Any, Any]) -> dict[str, dict[str, Any]]:
    # YAML 1.1 reads the bare key `on` as the boolean true.
    on = workflow.get("on", workflow.get(True))
    if isinstance(on, str):
        return {on: {}}
    if isinstance(on, list):
        return {str(name): {} for name in on}
    return {str(name): filters or {} for name, filters in (on or {}).items()}


def _passes(filters: Mapping[str, Any], key: str, values: Iterable[str]) -> bool:
    """Say whether at least one value passes the filter `key`, or its `-ignore` twin; without either all pass."""
    if key in filters:
        patterns = strings(filters[key])
        return any(matches(patterns, value) for value in values)
    if f"{key}-ignore" in filters:
        patterns = strings(filters[f"{key}-ignore"])
        return any(not matches(patterns, value) for value in values)
    return True


def _glob(pattern: str) -> re.Pattern[str]:
    """Translate a filter pattern: `*` stops at "/", `**` does not, `?` and `+` repeat what stands before them.

    Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    expression, position = "", 0
    while position < len(pattern):
        rest = pattern[position:]
        if rest.startswith("**/"):
            expression, position = expression + "(?:.*/)?", position + 3
        elif rest.startswith("**"):
            expression, position = expression + ".*", position + 2
        elif rest[0] == "*":
            expression, position = expression + "[^/]*", position + 1
        elif rest[0] in "?+" and expression:
            expression, position = expression + rest[0], position + 1
        elif rest[0] == "[" and "]" in rest[2:]:
            end = rest.index("]", 2)
            expression, position = expression + "[" + rest[1:end].replace("\\", r"\\") + "]", position + end + 1
        elif rest[0] == "\\" and len(rest) > 1:
            expression, position = expression + re.escape(rest[1]), position + 2
        else:
            expression, position = expression + re.escape(rest[0]), position + 1
    return re.compile(expression, re.DOTALL)
