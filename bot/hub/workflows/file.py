"""Read a workflow file: its name, its jobs, and what the token of its jobs may do.

https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

from bot.hub.workflows.expressions import evaluate

_DEFAULT_TIMEOUT_MINUTES = 360.0
"""GitHub's `timeout-minutes` where a job sets none."""
_RESTRICTED = {"contents": "read", "packages": "read"}
"""What a workflow's token may do where the file does not say (GitHub's restricted default)."""
_PERMISSIONS = ("actions", "contents", "deployments", "issues", "packages", "pull_requests")

_OUTPUT = re.compile(r"\bneeds\.([\w-]+)\.outputs\.([\w-]+)")


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


def run_title(text: str, context: Mapping[str, Any]) -> str:
    """Return what the file's `run-name` calls a run; "" where it says nothing, and GitHub takes a name of its own.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#run-name
    """
    return evaluate(str(load(text).get("run-name") or ""), context).strip()


def timeouts(text: str) -> dict[str, float]:
    """Return every job's `timeout-minutes` by job id, 360 where the file names none."""
    return {
        str(job_id): float(job.get("timeout-minutes", _DEFAULT_TIMEOUT_MINUTES))
        for job_id, job in (load(text).get("jobs") or {}).items()
    }


def needs(text: str) -> dict[str, list[str]]:
    """Return the jobs that every job waits for, by job id."""
    return {str(job_id): strings((job or {}).get("needs")) for job_id, job in (load(text).get("jobs") or {}).items()}


def giving(text: str) -> set[str]:
    """Return the jobs that have outputs for other jobs, by job id."""
    return {str(job_id) for job_id, job in (load(text).get("jobs") or {}).items() if (job or {}).get("outputs")}


def without_jobs(text: str, left_out: Collection[str]) -> str:
    """Return the workflow file without some jobs; those that wait for them do so no more, nor see their outputs.

    Everything else is written as it was read, so that no value changes its type.

    Raises:
        ValueError: the text is not YAML, or not a mapping.
    """
    if not left_out:
        return text
    root = _composed(text)
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


def with_empty_outputs(text: str) -> str:
    """Return the workflow file so that outputs of a job that was skipped are empty, as on GitHub.

    act passes them on as the expressions that stand in the file.

    Raises:
        ValueError: the text is not YAML, or not a mapping.
    """
    if not _OUTPUT.search(text):
        return text
    root = _composed(text)
    for scalar in _scalars(root):
        scalar.value = _OUTPUT.sub(r"(needs.\1.result != 'skipped' && needs.\1.outputs.\2 || '')", scalar.value)
    return str(yaml.serialize(root, Dumper=yaml.SafeDumper))


def _composed(text: str) -> yaml.MappingNode:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("a workflow is a mapping")
    return root


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    match node:
        case yaml.ScalarNode():
            yield node
        case yaml.SequenceNode():
            for item in node.value:
                yield from _scalars(item)
        case yaml.MappingNode():
            for _, value in node.value:
                yield from _scalars(value)


def token_permissions(text: str) -> dict[str, str]:
    """Return what the token of a workflow's jobs may do: all that any of them may.

    What a job says of permissions replaces what the file says. GitHub gives every job a token of its own; one for the
    run that can what they can together comes close enough.
    """
    data = load(text)
    whole = data.get("permissions", _RESTRICTED)
    granted: dict[str, str] = {}
    for job in (data.get("jobs") or {}).values():
        permissions = (job or {}).get("permissions", whole)
        if isinstance(permissions, str):  # "read-all" or "write-all"
            permissions = dict.fromkeys(_PERMISSIONS, permissions.removesuffix("-all"))
        for key, level in (permissions or {}).items():
            name = key.replace("-", "_")
            if level != "none" and granted.get(name) != "write":
                granted[name] = level
    return granted


def strings(value: Any) -> list[str]:
    """Return what stands where a workflow file takes one string or a list of them."""
    if value is None:
        return []
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]
