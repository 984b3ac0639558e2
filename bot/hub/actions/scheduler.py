"""Workflow runs from queued to completed: how many at once, concurrency groups, attempts, cancelling, webhooks.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from bot.hub.access import Access
from bot.hub.act.runner import Job, Runner, RunRequest
from bot.hub.payloads.issues import Json, Payloads
from bot.hub.payloads.workflow_runs import RunPayloads
from bot.hub.state.store import Attempt, Repository, Run, State, User, now
from bot.hub.webhooks import Announcer
from bot.hub.workflows import triggers

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Workflow runs that execute at the same time; the others wait."""
_RESTRICTED = {"contents": "read", "packages": "read"}
"""What a workflow's token may do where the file does not say (GitHub's restricted default)."""

_ALL = ("actions", "contents", "deployments", "issues", "packages", "pull_requests")


class RunQueue:
    """The runs of all repositories. Called with the state's lock held; runs execute in threads of their own.

    `runner` decides how a workflow is executed, `logs` is the folder its logs go to.
    """

    def __init__(
        self,
        state: State,
        payloads: Payloads,
        run_payloads: RunPayloads,
        access: Access,
        announcer: Announcer,
        runner: Runner,
        logs: Path,
    ) -> None:
        self._state = state
        self._payloads = payloads
        self._run_payloads = run_payloads
        self._access = access
        self._announcer = announcer
        self._runner = runner
        self._logs = logs
        self._waiting: list[tuple[Repository, Run, Attempt]] = []
        self._active: dict[int, tuple[Attempt, threading.Thread]] = {}
        self._closed = False

    def add(self, repo: Repository, run: Run, actor: User, kept: Iterable[Job] = ()) -> None:
        """Queue the next attempt at a run, for `actor`; jobs that are `kept` are done already."""
        number = len(run.attempts) + 1
        attempt = Attempt(number, self._logs / str(run.id) / str(number), actor)
        attempt.kept = {self._state.new_id(): job for job in kept}
        attempt.jobs = dict(attempt.kept)
        run.attempts.append(attempt)
        context = {
            "workflow": run.name,
            "ref": run.occasion.ref,
            "head_ref": run.occasion.branch if run.occasion.event == "pull_request" else "",
            "event_name": run.occasion.event,
            "event": run.occasion.payload,
            "repository": repo.full_name,
            "run_id": run.id,
            "sha": run.occasion.checkout_sha,
        }
        if group := triggers.concurrency_group(run.workflow, context):
            attempt.group = f"{repo.full_name}/{group[0]}"
            # At most one of a group waits, and the newest one does.
            for other in [item for item in self._waiting if item[2].group == attempt.group]:
                self.cancel(*other)
            for active, _ in self._active.values():
                if group[1] and active.group == attempt.group:
                    active.cancelled.set()
        self._waiting.append((repo, run, attempt))
        self._say(repo, run, "requested")
        self._start_waiting()

    def cancel(self, repo: Repository, run: Run, attempt: Attempt) -> None:
        attempt.cancelled.set()
        if (item := (repo, run, attempt)) in self._waiting:
            self._waiting.remove(item)
            self._complete(repo, run, attempt, "cancelled")

    def payload(self, repo: Repository, run: Run) -> Json:
        """Return a run as REST and webhooks have it."""
        return self._run_payloads.run(repo, run, repo.git.log(run.occasion.head_sha, 1)[0])

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

    def _execute(self, repo: Repository, run: Run, attempt: Attempt) -> None:
        """Run one attempt from beginning to end, in its own thread."""
        with self._state.lock:
            attempt.status, attempt.updated_at = "in_progress", now()
            self._say(repo, run, "in_progress")
            token = self._access.workflow_token(repo, token_permissions(run.workflow))
        ids: list[int] = []

        def changed(jobs: list[Job]) -> None:
            with self._state.lock:
                ids.extend(self._state.new_id() for _ in jobs[len(ids) :])
                attempt.jobs = attempt.kept | dict(zip(ids, jobs, strict=True))
                self._state.lock.notify_all()

        request = RunRequest(
            repository=repo.full_name,
            git_dir=repo.git.path,
            checkout_sha=run.occasion.checkout_sha,
            head_sha=run.occasion.head_sha,
            ref=run.occasion.ref,
            event_name=run.occasion.event,
            event=run.occasion.payload,
            workflow_path=run.path,
            run_id=run.id,
            attempt=attempt.number,
            token=token,
            api_url=self._payloads.api,
            server_url=self._payloads.web,
            logs=attempt.logs,
            kept=frozenset(job.key for job in attempt.kept.values()),
        )
        conclusion = "failure"
        try:
            conclusion = self._runner.run(request, changed, attempt.cancelled)
        except Exception:
            log.exception("run %s of %s", run.id, run.path)
        finally:
            with self._state.lock:
                self._access.revoke(token)
                del self._active[run.id]
                self._complete(repo, run, attempt, conclusion)
                self._start_waiting()

    def _complete(self, repo: Repository, run: Run, attempt: Attempt, conclusion: str) -> None:
        attempt.status, attempt.conclusion, attempt.updated_at = "completed", conclusion, now()
        self._say(repo, run, "completed")

    def _say(self, repo: Repository, run: Run, action: str) -> None:
        self._announcer.say(
            "workflow_run",
            repo,
            run.latest.actor,
            action,
            workflow_run=self.payload(repo, run),
            workflow=self._run_payloads.workflow(repo, run.path, run.name),
        )


def token_permissions(workflow: str) -> dict[str, str]:
    """Return what the token of a workflow's jobs may do: all that any of them declares.

    GitHub gives every job a token of its own; one for the run that can what they can together comes close enough.
    """
    data = triggers.load(workflow)
    declared = [job["permissions"] for job in (data.get("jobs") or {}).values() if "permissions" in (job or {})]
    if "permissions" in data:
        declared.append(data["permissions"])
    granted: dict[str, str] = {}
    for permissions in declared or [_RESTRICTED]:
        if isinstance(permissions, str):  # "read-all" or "write-all"
            permissions = dict.fromkeys(_ALL, permissions.removesuffix("-all"))
        for name, level in (permissions or {}).items():
            if level != "none" and granted.get(name) != "write":
                granted[name.replace("-", "_")] = level
    return granted
