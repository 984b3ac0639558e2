"""Which workflows an event runs, and what people and the bot do to workflow runs."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from bot.hub import workflows
from bot.hub.access import WORKFLOW_ACTOR, ApiError
from bot.hub.actions.scheduler import Scheduler
from bot.hub.git import NO_COMMIT
from bot.hub.payloads import repository_json, user_json
from bot.hub.state import Attempt, Pull, Repository, State, Trigger, User, WorkflowRun
from bot.hub.webhooks import Announcement, Announcer

log = logging.getLogger(__name__)

_FOLDER = ".github/workflows"
_ON_PULLS = ("opened", "synchronize", "reopened", "closed", "labeled", "unlabeled")
"""What workflows may run on; each says itself what it does run on."""


class WorkflowRuns:
    """Verbs on workflow runs. Called with the state's lock held."""

    def __init__(self, state: State, announcer: Announcer, scheduler: Scheduler) -> None:
        self._state = state
        self._scheduler = scheduler
        announcer.listeners.append(self._hear)

    def dispatch(self, repo: Repository, by: User, path: str, ref: str, inputs: Mapping[str, Any]) -> WorkflowRun:
        """Run a workflow by hand at a branch, with the inputs that it declares."""
        branch = ref.removeprefix("refs/heads/")
        sha = repo.git.head(branch)
        if sha is None:
            raise ApiError(422, f"No ref found for: {ref}")
        if path in repo.actions.disabled:
            raise ApiError(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
        text = (repo.git.show(sha, path) or b"").decode()
        if not text or not workflows.triggered(text, "workflow_dispatch", action=None, branch=branch, paths=()):
            raise ApiError(422, "Workflow does not have 'workflow_dispatch' trigger")
        declared = workflows.dispatch_inputs(text)
        if unexpected := sorted(set(inputs) - set(declared)):
            raise ApiError(422, f"Unexpected inputs provided: {json.dumps(unexpected)}")
        if missing := [name for name, about in declared.items() if about.needed and not inputs.get(name)]:
            raise ApiError(422, f"Required input '{missing[0]}' not provided")
        for name, value in inputs.items():
            if declared[name].options and value not in declared[name].options:
                raise ApiError(422, f"Provided value '{value}' for input '{name}' not in the list of allowed values")
        ref = f"refs/heads/{branch}"
        payload = {
            "inputs": dict(inputs),
            "ref": ref,
            "workflow": path,
            "repository": repository_json(self._state, repo),
            "sender": user_json(self._state, by),
        }
        title = workflows.run_title(text, {"event": payload}) or workflows.workflow_name(text) or path
        trigger = Trigger("workflow_dispatch", payload, branch, sha, sha, ref, title)
        return self._begin(repo, by, path, text, trigger)

    def rerun_failed(self, repo: Repository, run: WorkflowRun, by: User) -> None:
        """Start the next attempt at a finished workflow run: its failed jobs, and the jobs that need them.

        https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
        """
        if run.latest.status != "completed":
            raise ApiError(403, "The workflow run is already running")
        if run.latest.conclusion == "success":
            raise ApiError(403, "This workflow run has no failed jobs")
        needs = workflows.needs(run.workflow)
        green = {job.key for job in run.latest.jobs.values() if job.conclusion == "success" and job.key}
        # What an earlier attempt has passed on to other jobs is not kept here: it has to be made again for them.
        giving = workflows.giving(run.workflow)
        while again := {
            key
            for key in green
            if not green.issuperset(needs.get(key, ()))
            or (key in giving and any(key in waits for waiting, waits in needs.items() if waiting not in green))
        }:
            green -= again
        self._scheduler.add(repo, run, by, [job for job in run.latest.jobs.values() if job.key in green])

    def approve(self, repo: Repository, run: WorkflowRun) -> None:
        """Let a workflow run begin that waits for an approval.

        https://docs.github.com/en/rest/actions/workflow-runs#approve-a-workflow-run-for-a-fork-pull-request
        """
        if run.latest.conclusion != "action_required":
            raise ApiError(403, "This run is not waiting for an approval")
        self._scheduler.add(repo, run, run.attempts.pop().actor)

    def cancel(self, repo: Repository, run: WorkflowRun) -> None:
        if run.latest.status == "completed":
            raise ApiError(409, "Cannot cancel a workflow run that is completed.")
        self._scheduler.cancel(repo, run, run.latest)

    def workflows(self, repo: Repository) -> dict[str, str]:
        """Return the names of all workflows by their paths: of those on the default branch and those that ever ran."""
        head = repo.git.head(repo.default_branch)
        files = _workflow_files(repo, head) if head else {}
        for path in files:
            repo.workflows.setdefault(path, self._state.new_id())
        ran = {run.path: run.name for run in repo.workflow_runs}
        texts = {path: repo.git.blob(sha).decode(errors="replace") for path, sha in files.items()}
        named = {path: workflows.workflow_name(text) for path, text in texts.items()}
        return {path: named.get(path) or ran.get(path) or path for path in repo.workflows}

    def workflow_path(self, repo: Repository, name: str) -> str:
        """Return the path of the workflow that an id or file name stands for, or refuse with a 404."""
        self.workflows(repo)
        for path, number in repo.workflows.items():
            if name in (str(number), path.rsplit("/", 1)[-1]):
                return path
        raise ApiError(404, "Not Found")

    def _hear(self, announcement: Announcement) -> None:
        # What a workflow does with its own token starts no further workflows:
        # https://docs.github.com/en/actions/concepts/security/github_token
        if announcement.sender.login == WORKFLOW_ACTOR:
            return
        event, action, payload = announcement.event, announcement.action, announcement.payload
        if event == "push" and payload["after"] != NO_COMMIT:
            self._on_push(announcement)
        elif event == "pull_request" and action in _ON_PULLS:
            pull = announcement.repo.issues[payload["number"]].pull
            if pull is None:
                raise ValueError(f"#{payload['number']} is no pull request")
            if action != "closed":
                self._on_pull(announcement, pull)
            self._on_pull_target(announcement, pull)

    def _on_push(self, pushed: Announcement) -> None:
        repo, payload = pushed.repo, pushed.payload
        ref, before, after = str(payload["ref"]), str(payload["before"]), str(payload["after"])
        if before == NO_COMMIT:
            # A new branch is compared with the default branch.
            before = repo.git.head(repo.default_branch) or NO_COMMIT
        branch = ref.removeprefix("refs/heads/")
        paths = [] if before == NO_COMMIT else [file.path for file in repo.git.diff(before, after)]
        title = str(payload["head_commit"]["message"]).split("\n", 1)[0]
        trigger = Trigger("push", payload, branch, after, after, ref, title)
        self._begin_triggered(pushed, trigger, branch, paths)

    def _on_pull(self, changed: Announcement, pull: Pull) -> None:
        if pull.merge_sha is None:
            return  # conflicts: there is no merge commit to check out, and GitHub runs nothing
        ref = f"refs/pull/{pull.number}/merge"
        self._begin_for_pull("pull_request", changed, pull, (pull.merge_sha, ref))

    def _on_pull_target(self, changed: Announcement, pull: Pull) -> None:
        """Run what is to run at the default branch, be there conflicts or not.

        https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target
        """
        branch = changed.repo.default_branch
        if head := changed.repo.git.head(branch):
            self._begin_for_pull("pull_request_target", changed, pull, (head, f"refs/heads/{branch}"))

    def _begin_for_pull(self, event: str, changed: Announcement, pull: Pull, checkout: tuple[str, str]) -> None:
        """Begin workflow runs for a pull request, with the commit that is checked out and its ref."""
        paths = [file.path for file in changed.repo.git.diff(pull.base_sha, pull.head_sha, since_fork=True)]
        where = (pull.head_ref, pull.head_sha, *checkout)
        trigger = Trigger(event, changed.payload, *where, pull.title, pull.number)
        self._begin_triggered(changed, trigger, pull.base_ref, paths)

    def _begin_triggered(self, announcement: Announcement, trigger: Trigger, branch: str, paths: list[str]) -> None:
        """Run the workflows at the trigger's commit that it starts; they filter by `branch` and `paths`."""
        repo, action = announcement.repo, announcement.action
        if not repo.actions.enabled:
            return
        for path, sha in _workflow_files(repo, trigger.checkout_sha).items():
            if path in repo.actions.disabled:
                continue
            text = repo.git.blob(sha).decode()
            try:
                runs = workflows.triggered(text, trigger.event, action=action, branch=branch, paths=paths)
            except ValueError as error:
                log.warning("%s at %s: %s", path, trigger.checkout_sha, error)
                continue
            if runs:
                self._begin(repo, announcement.sender, path, text, trigger)

    def _begin(self, repo: Repository, actor: User, path: str, text: str, trigger: Trigger) -> WorkflowRun:
        run = WorkflowRun(
            id=self._state.new_id(),
            number=1 + sum(other.path == path for other in repo.workflow_runs),
            workflow_id=repo.workflows.setdefault(path, self._state.new_id()),
            path=path,
            name=workflows.workflow_name(text) or path,
            actor=actor,
            workflow=text,
            trigger=trigger,
        )
        repo.workflow_runs.append(run)
        if repo.actions.approval and trigger.event == "pull_request":
            self._scheduler.hold(repo, run, actor)
        else:
            self._scheduler.add(repo, run, actor)
        return run


def find_run(repo: Repository, number: int) -> WorkflowRun:
    """Return a workflow run, or refuse with a 404."""
    for run in repo.workflow_runs:
        if run.id == number:
            return run
    raise ApiError(404, "Not Found")


def find_job(repo: Repository, number: int) -> tuple[WorkflowRun, Attempt]:
    """Return the workflow run and the attempt that a job belongs to, or refuse with a 404."""
    for run in repo.workflow_runs:
        for attempt in run.attempts:
            if number in attempt.jobs:
                return run, attempt
    raise ApiError(404, "Not Found")


def _workflow_files(repo: Repository, sha: str) -> dict[str, str]:
    """Return the paths of the workflow files at a commit, and the shas of their blobs."""
    entries = repo.git.entries(sha, _FOLDER) or []
    return {entry.path: entry.sha for entry in entries if entry.path.endswith((".yml", ".yaml"))}
