"""GitHub Actions: which workflows an event runs, and what people and the bot do to runs."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from bot.hub.access import ApiError
from bot.hub.actions.scheduler import RunQueue
from bot.hub.git.repository import NO_COMMIT
from bot.hub.payloads.issues import Payloads
from bot.hub.state.store import Occasion, Repository, Run, State, User
from bot.hub.webhooks import Announcement, Announcer
from bot.hub.workflows import triggers

log = logging.getLogger(__name__)

WORKFLOWS = ".github/workflows"
WORKFLOW_ACTOR = "github-actions[bot]"


class Actions:
    """Verbs on workflow runs. Called with the state's lock held."""

    def __init__(self, state: State, payloads: Payloads, announcer: Announcer, queue: RunQueue) -> None:
        self._state = state
        self._payloads = payloads
        self._queue = queue
        announcer.listeners.append(self._hear)

    def dispatch(self, repo: Repository, by: User, path: str, ref: str, inputs: Mapping[str, Any]) -> Run:
        """Run a workflow by hand at a branch."""
        branch = ref.removeprefix("refs/heads/")
        sha = repo.git.head(branch)
        if sha is None:
            raise ApiError(422, f"No ref found for: {ref}")
        text = (repo.git.show(sha, path) or b"").decode()
        if not text or not triggers.triggered(text, "workflow_dispatch", action=None, branch=branch, paths=()):
            raise ApiError(422, "Workflow does not have 'workflow_dispatch' trigger")
        declared = triggers.dispatch_inputs(text)
        if unexpected := sorted(set(inputs) - set(declared)):
            raise ApiError(422, f"Unexpected inputs provided: {json.dumps(unexpected)}")
        if missing := [name for name, required in declared.items() if required and not inputs.get(name)]:
            raise ApiError(422, f"Required input '{missing[0]}' not provided")
        ref = f"refs/heads/{branch}"
        payload = {
            **{"inputs": dict(inputs), "ref": ref, "workflow": path},
            **{"repository": self._payloads.repository(repo), "sender": self._payloads.user(by)},
        }
        title = triggers.workflow_name(text) or path
        occasion = Occasion("workflow_dispatch", payload, branch, sha, sha, ref, title)
        return self._begin(repo, by, path, text, occasion)

    def rerun(self, repo: Repository, run: Run, by: User) -> None:
        """Run a finished run again, as its next attempt."""
        if run.latest.status != "completed":
            raise ApiError(403, "The workflow run is already running")
        self._queue.add(repo, run, by)

    def rerun_failed(self, repo: Repository, run: Run, by: User) -> None:
        """Run what failed in a finished run again, and what waits for it, as the run's next attempt.

        https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
        """
        if run.latest.status != "completed":
            raise ApiError(403, "The workflow run is already running")
        if run.latest.conclusion == "success":
            raise ApiError(403, "This workflow run has no failed jobs")
        needs = triggers.needs(run.workflow)
        green = {job.key for job in run.latest.jobs.values() if job.conclusion == "success" and job.key}
        while again := {key for key in green if not green.issuperset(needs.get(key, ()))}:
            green -= again
        self._queue.add(repo, run, by, [job for job in run.latest.jobs.values() if job.key in green])

    def cancel(self, repo: Repository, run: Run) -> None:
        if run.latest.status == "completed":
            raise ApiError(409, "Cannot cancel a workflow run that is completed.")
        self._queue.cancel(repo, run, run.latest)

    def workflow_paths(self, repo: Repository) -> list[str]:
        """Return the workflows GitHub knows: those on the default branch and those that ever ran."""
        head = repo.git.head(repo.default_branch)
        present = [entry.path for entry in (repo.git.entries(head, WORKFLOWS) if head else None) or []]
        for path in present:
            if path.endswith((".yml", ".yaml")):
                repo.workflows.setdefault(path, self._state.new_id())
        return sorted(repo.workflows)

    def _hear(self, said: Announcement) -> None:
        # What a workflow does with its own token starts no further workflows:
        # https://docs.github.com/en/actions/concepts/security/github_token
        if said.sender.login == WORKFLOW_ACTOR:
            return
        if said.event == "push" and said.payload["after"] != NO_COMMIT:
            self._on_push(said)
        elif said.event == "pull_request" and said.action in ("opened", "synchronize", "reopened"):
            self._on_pull(said)

    def _on_push(self, said: Announcement) -> None:
        repo, ref, after = said.repo, str(said.payload["ref"]), str(said.payload["after"])
        before = said.payload["before"]
        if before == NO_COMMIT:
            # A new branch is compared with where it left the default branch.
            before = repo.git.head(repo.default_branch) or NO_COMMIT
        branch = ref.removeprefix("refs/heads/")
        paths = [] if before == NO_COMMIT else [file.path for file in repo.git.diff(before, after)]
        title = str(said.payload["head_commit"]["message"]).split("\n", 1)[0]
        occasion = Occasion("push", said.payload, branch, after, after, ref, title)
        for path, text in self._triggered(said, after, branch, paths):
            self._begin(repo, said.sender, path, text, occasion)

    def _on_pull(self, said: Announcement) -> None:
        issue = said.repo.issues[said.payload["number"]]
        pull = issue.pull
        if pull is None or pull.merge_sha is None:
            return  # with conflicts there is nothing to check out, and GitHub runs nothing
        paths = [file.path for file in said.repo.git.diff(pull.base_sha, pull.head_sha, since_fork=True)]
        occasion = Occasion(
            "pull_request",
            said.payload,
            pull.head_ref,
            pull.head_sha,
            pull.merge_sha,
            f"refs/pull/{issue.number}/merge",
            issue.title,
            issue.number,
        )
        for path, text in self._triggered(said, pull.merge_sha, pull.base_ref, paths):
            self._begin(said.repo, said.sender, path, text, occasion)

    def _triggered(self, said: Announcement, sha: str, branch: str, paths: list[str]) -> list[tuple[str, str]]:
        """Return path and text of the workflows at a commit that the event runs."""
        found = []
        for entry in said.repo.git.entries(sha, WORKFLOWS) or []:
            if entry.path.endswith((".yml", ".yaml")):
                text = said.repo.git.blob(entry.sha).decode()
                try:
                    runs = triggers.triggered(text, said.event, action=said.action, branch=branch, paths=paths)
                except ValueError as error:
                    log.warning("%s at %s: %s", entry.path, sha, error)
                    continue
                if runs:
                    found.append((entry.path, text))
        return found

    def _begin(self, repo: Repository, actor: User, path: str, text: str, occasion: Occasion) -> Run:
        run = Run(
            id=self._state.new_id(),
            number=1 + sum(other.path == path for other in repo.runs),
            workflow_id=repo.workflows.setdefault(path, self._state.new_id()),
            path=path,
            name=triggers.workflow_name(text) or path,
            actor=actor,
            workflow=text,
            occasion=occasion,
        )
        repo.runs.append(run)
        self._queue.add(repo, run, actor)
        return run
