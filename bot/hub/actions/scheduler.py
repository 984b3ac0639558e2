"""Workflow runs from queued to completed: how many at once, concurrency groups, attempts, cancelling, webhooks.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.hub import workflows
from bot.hub.access import Access
from bot.hub.act import Runner, WorkflowOrder
from bot.hub.payloads import workflow_json, workflow_run_json
from bot.hub.state import Attempt, Job, Repository, State, User, WorkflowRun, now
from bot.hub.webhooks import Announcer

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Workflow runs that execute at the same time; the others wait."""


class Scheduler:
    """The workflow runs of all repositories. Called with the state's lock held; runs execute in threads of their own.

    `runner` decides how a workflow is executed, `logs` is the folder its logs go to.
    """

    def __init__(self, state: State, access: Access, announcer: Announcer, runner: Runner, logs: Path) -> None:
        self._state = state
        self._access = access
        self._announcer = announcer
        self._runner = runner
        self._logs = logs
        self._waiting: list[tuple[Repository, WorkflowRun, Attempt]] = []
        self._active: dict[int, tuple[Attempt, threading.Thread]] = {}
        self._closed = False

    def add(self, repo: Repository, run: WorkflowRun, actor: User, kept: Iterable[Job] = ()) -> None:
        """Queue the next attempt at a workflow run, for `actor`; jobs that are `kept` are done already."""
        number = len(run.attempts) + 1
        attempt = Attempt(number, self._logs / str(run.id) / str(number), actor)
        attempt.kept = {self._state.new_id(): job for job in kept}
        attempt.jobs = dict(attempt.kept)
        run.attempts.append(attempt)
        if group := workflows.concurrency_group(run.workflow, _context(repo, run)):
            name, cancels = group
            attempt.group = f"{repo.full_name}/{name}"
            self._make_way(attempt.group, cancels)
        self._waiting.append((repo, run, attempt))
        self._announce(repo, run, "requested")
        self._start_waiting()

    def hold(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """Have a workflow run wait for an approval: until then its first attempt has ended without a result."""
        run.attempts.append(Attempt(1, self._logs / str(run.id) / "1", actor))
        self._complete(repo, run, run.latest, "action_required")

    def cancel(self, repo: Repository, run: WorkflowRun, attempt: Attempt) -> None:
        attempt.cancelled.set()
        if (item := (repo, run, attempt)) in self._waiting:
            self._waiting.remove(item)
            self._complete(repo, run, attempt, "cancelled")

    def close(self) -> None:
        """Cancel everything and wait for it; called without the lock."""
        with self._state.lock:
            self._closed = True
            self._waiting.clear()
            for attempt, _ in self._active.values():
                attempt.cancelled.set()
            threads = [thread for _, thread in self._active.values()]
        for thread in threads:
            thread.join()

    def _make_way(self, group: str, cancels: bool) -> None:
        """Cancel what a new attempt of a group replaces: at most one of a group waits, and the newest one does."""
        for waiting in [item for item in self._waiting if item[2].group == group]:
            self.cancel(*waiting)
        for active, _ in self._active.values():
            if cancels and active.group == group:
                active.cancelled.set()

    def _start_waiting(self) -> None:
        for item in list(self._waiting):
            busy = {attempt.group for attempt, _ in self._active.values()} - {None}
            if self._closed or len(self._active) >= AT_ONCE:
                return
            run, attempt = item[1:]
            if attempt.group not in busy:
                self._waiting.remove(item)
                thread = threading.Thread(target=self._execute, args=item, name=f"hub-run-{run.id}", daemon=True)
                self._active[run.id] = (attempt, thread)
                thread.start()

    def _execute(self, repo: Repository, run: WorkflowRun, attempt: Attempt) -> None:
        """Run one attempt from beginning to end, in its own thread."""
        with self._state.lock:
            attempt.status, attempt.updated_at = "in_progress", now()
            self._announce(repo, run, "in_progress")
            token = self._access.workflow_token(repo, workflows.token_permissions(run.workflow))
        conclusion = "failure"
        try:
            order = self._order(repo, run, attempt, token)
            conclusion = self._runner.run(order, self._keep_jobs_of(attempt), attempt.cancelled)
        except Exception:
            log.exception("run %s of %s", run.id, run.path)
        finally:
            with self._state.lock:
                self._access.revoke(token)
                del self._active[run.id]
                self._complete(repo, run, attempt, conclusion)
                self._start_waiting()

    def _order(self, repo: Repository, run: WorkflowRun, attempt: Attempt, token: str) -> WorkflowOrder:
        return WorkflowOrder(
            repository=repo.full_name,
            git_dir=repo.git.path,
            checkout_sha=run.trigger.checkout_sha,
            head_sha=run.trigger.head_sha,
            ref=run.trigger.ref,
            event_name=run.trigger.event,
            event=run.trigger.payload,
            workflow_path=run.path,
            run_id=run.id,
            attempt=attempt.number,
            token=token,
            api_url=self._state.api,
            server_url=self._state.web,
            logs=attempt.logs,
            kept=frozenset(job.key for job in attempt.kept.values()),
            variables=dict(repo.actions.variables[""]),
        )

    def _keep_jobs_of(self, attempt: Attempt) -> Callable[[list[Job]], None]:
        """Return what the runner calls with its jobs, which get ids in the order in which they appear."""
        ids: list[int] = []

        def changed(jobs: list[Job]) -> None:
            with self._state.lock:
                ids.extend(self._state.new_id() for _ in jobs[len(ids) :])
                attempt.jobs = attempt.kept | dict(zip(ids, jobs, strict=True))
                self._state.lock.notify_all()

        return changed

    def _complete(self, repo: Repository, run: WorkflowRun, attempt: Attempt, conclusion: str) -> None:
        attempt.status, attempt.conclusion, attempt.updated_at = "completed", conclusion, now()
        self._announce(repo, run, "completed")

    def _announce(self, repo: Repository, run: WorkflowRun, action: str) -> None:
        self._announcer.announce(
            "workflow_run",
            repo,
            run.latest.actor,
            action,
            workflow_run=workflow_run_json(self._state, repo, run),
            workflow=workflow_json(self._state, repo, run.path, run.name),
        )


def _context(repo: Repository, run: WorkflowRun) -> dict[str, object]:
    """Return what the expressions of a concurrency group see as `github`."""
    return {
        "workflow": run.name,
        "ref": run.trigger.ref,
        "head_ref": run.trigger.branch if run.trigger.event.startswith("pull_request") else "",
        "event_name": run.trigger.event,
        "event": run.trigger.payload,
        "repository": repo.full_name,
        "run_id": run.id,
        "sha": run.trigger.checkout_sha,
    }
