"""Read what a workflow file says about when it runs: events, filters, concurrency and timeouts.

act runs whatever it is given, so the hub decides here, by GitHub's rules:
https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

DEFAULT_TIMEOUT_MINUTES = 360.0
"""GitHub's `timeout-minutes` where a job sets none."""

_PULL_REQUEST_TYPES = ("opened", "synchronize", "reopened")
"""The activity types a `pull_request` trigger without `types` answers to."""


# Every push asks the same few files again, and YAML is slow to parse. Nobody changes what comes back.
@lru_cache(maxsize=64)
def load(text: str) -> dict[Any, Any]:
    """Parse a workflow file.

    Raises:
        ValueError: the text is not YAML, or not a mapping.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise ValueError("a workflow is a mapping")
    return data


def workflow_name(text: str) -> str:
    """Return the workflow's `name`, or "" where it has none (GitHub then shows the file's path)."""
    return str(load(text).get("name") or "")


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
    types = _strings(filters.get("types"))
    if not types and event_name == "pull_request":
        types = list(_PULL_REQUEST_TYPES)
    if action is not None and types and action not in types:
        return False
    return _passes(filters, "branches", [branch]) and _passes(filters, "paths", paths)


def dispatch_inputs(text: str) -> dict[str, bool]:
    """Return the inputs that `workflow_dispatch` declares, and whether each must be given (required, no default)."""
    declared = _events(load(text)).get("workflow_dispatch", {}).get("inputs") or {}
    return {
        str(name): bool((options or {}).get("required")) and "default" not in (options or {})
        for name, options in declared.items()
    }


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
    return evaluate(str(concurrency["group"]), context), cancel


def timeouts(text: str) -> dict[str, float]:
    """Return every job's `timeout-minutes` by job id, 360 where the file names none."""
    return {
        str(job_id): float(job.get("timeout-minutes", DEFAULT_TIMEOUT_MINUTES))
        for job_id, job in (load(text).get("jobs") or {}).items()
    }


def needs(text: str) -> dict[str, list[str]]:
    """Return the jobs that every job waits for, by job id."""
    return {str(job_id): _strings((job or {}).get("needs")) for job_id, job in (load(text).get("jobs") or {}).items()}


def without_jobs(text: str, left_out: Collection[str]) -> str:
    """Return the workflow file without some jobs; those that wait for them do so no more, nor see their outputs.

    Everything else is written as it was read, so that no value changes its type.

    Raises:
        ValueError: the text is not YAML, or not a mapping.
    """
    if not left_out:
        return text
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("a workflow is a mapping")
    jobs = next(value for key, value in root.value if key.value == "jobs")
    jobs.value = [(key, job) for key, job in jobs.value if key.value not in left_out]
    for _, job in jobs.value:
        for key, waits in job.value:
            if key.value == "needs":
                named = waits.value if isinstance(waits, yaml.SequenceNode) else [waits]
                kept = [name for name in named if name.value not in left_out]
                job.value.remove((key, waits))
                if kept:
                    job.value.append((key, yaml.SequenceNode("tag:yaml.org,2002:seq", kept)))
                break
    return str(yaml.serialize(root, Dumper=yaml.SafeDumper))


def evaluate(text: str, context: Mapping[str, Any]) -> str:
    """Replace every `${{ ... }}` in `text`; see `concurrency_group` for what may stand in it."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: _expression(match[1], context), text)


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
        patterns = _strings(filters[key])
        return any(matches(patterns, value) for value in values)
    if f"{key}-ignore" in filters:
        patterns = _strings(filters[f"{key}-ignore"])
        return any(not matches(patterns, value) for value in values)
    return True


def _strings(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]


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


def _expression(text: str, context: Mapping[str, Any]) -> str:
    for term in _terms(text):
        if value := _term(term, context):
            return value
    return ""


def _terms(text: str) -> Sequence[str]:
    return [term.strip() for term in text.split("||")]


def _term(term: str, context: Mapping[str, Any]) -> str:
    if literal := re.fullmatch(r"'([^']*)'", term):
        return literal[1]
    if not re.fullmatch(r"github(\.[A-Za-z_][A-Za-z0-9_-]*)+", term):
        raise ValueError(f"unknown expression: {term}")
    value: Any = context
    for key in term.split(".")[1:]:
        value = value.get(key) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
