"""Workflow runs: what made one run, its attempts, their jobs and steps."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.hub.state.accounts import User, now


@dataclass
class Step:
    """One step of a job, in the words of GitHub's REST API.

    Attributes:
        number: 1 for the job's first.
        status: "queued", "in_progress" or "completed".
        conclusion: "success", "failure", "cancelled" or "skipped"; None until it is completed.
    """

    name: str
    number: int
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass
class Job:
    """One job of a workflow run.

    Attributes:
        status: "queued", "in_progress" or "completed".
        conclusion: "success", "failure", "cancelled", "skipped" or "timed_out"; None until it is completed.
        log: file in GitHub's log format, appended to while the job runs; absent until its first line.
        key: its id in the workflow file; "" where the runner does not say.
    """

    name: str
    log: Path
    status: str = "queued"
    conclusion: str | None = None
    steps: list[Step] = field(default_factory=list)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    key: str = ""


@dataclass
class Attempt:
    """One attempt at a workflow run; `jobs` holds the jobs by their ids.

    Attributes:
        status: "queued", "in_progress" or "completed"; `conclusion` is None until then.
        group: the concurrency group it runs in, if any.
        kept: the jobs that the attempt before did and this one does not do again; they count as its own.
    """

    number: int
    logs: Path
    actor: User
    group: str | None = None
    status: str = "queued"
    conclusion: str | None = None
    jobs: dict[int, Job] = field(default_factory=dict)
    kept: dict[int, Job] = field(default_factory=dict)
    cancelled: threading.Event = field(default_factory=threading.Event)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Trigger:
    """What made a workflow run.

    Attributes:
        event: "push", "pull_request", "pull_request_target" or "workflow_dispatch".
        payload: the webhook's; for workflow_dispatch with `inputs`.
        branch: the pushed one, or a pull request's head branch.
        head_sha: what the workflow run is listed under.
        checkout_sha: what its jobs check out: for "pull_request" the test merge commit.
        ref: the full name of what is checked out, e.g. "refs/heads/main" or "refs/pull/7/merge".
        pull: number of the pull request, for the events of that name.
    """

    event: str
    payload: dict[str, Any]
    branch: str
    head_sha: str
    checkout_sha: str
    ref: str
    title: str
    pull: int | None = None


@dataclass
class WorkflowRun:
    """A workflow run; `workflow` is the text of the file it runs."""

    id: int
    number: int
    workflow_id: int
    path: str
    name: str
    actor: User
    workflow: str
    trigger: Trigger
    attempts: list[Attempt] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)

    @property
    def latest(self) -> Attempt:
        return self.attempts[-1]
