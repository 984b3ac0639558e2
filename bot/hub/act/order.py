"""What the embedded GitHub asks of whoever runs its workflows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bot.hub.state import Job


@dataclass(frozen=True)
class WorkflowOrder:
    """What a runner is to do: one attempt at one workflow run.

    Attributes:
        repository: "owner/name".
        git_dir: the bare repository; it holds `checkout_sha`.
        checkout_sha: what the jobs check out and see as GITHUB_SHA: for a pull request the test merge commit.
        head_sha: what the workflow run is listed under: for a pull request the branch's head.
        ref: GITHUB_REF, e.g. "refs/heads/main" or "refs/pull/7/merge".
        event: the webhook's payload (for workflow_dispatch with `inputs`).
        workflow_path: e.g. ".github/workflows/microservice-build.yml", read at `checkout_sha`.
        attempt: 1 for the first.
        token: the jobs' GITHUB_TOKEN; never appears in a log.
        logs: folder of this attempt's job logs; created if absent.
        kept: ids of the jobs that an earlier attempt did and this one does not do again.
        variables: the repository's, as they are when the attempt begins.
    """

    repository: str
    git_dir: Path
    checkout_sha: str
    head_sha: str
    ref: str
    event_name: str
    event: dict[str, Any]
    workflow_path: str
    run_id: int
    attempt: int
    token: str
    api_url: str
    server_url: str
    logs: Path
    kept: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)


class Runner(Protocol):
    """What runs workflows: act, or in tests an instant stand-in."""

    def run(self, order: WorkflowOrder, changed: Callable[[list[Job]], None], cancelled: threading.Event) -> str:
        """Run the workflow to its end and return the conclusion: success, failure, skipped, cancelled or timed_out.

        `changed` is called with all jobs whenever a job or step begins or ends, from the calling thread.
        Setting `cancelled` ends the run within seconds.
        """
        ...
