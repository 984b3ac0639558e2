"""Workflow runs, their jobs and logs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests
from github.Repository import Repository as Remote
from github.WorkflowRun import WorkflowRun as RemoteWorkflowRun
from requests.adapters import HTTPAdapter

from bot.clients.github.calls import Calls
from bot.clients.github.errors import NoLog, Rejected, failure, translated
from bot.clients.github.retries import read_retry
from bot.clients.github.sdk import API_VERSION, must_be_githubs
from bot.clients.stream import lines_of
from bot.errors import TransientError
from bot.values.github import WorkflowRun
from bot.values.jobs import FAILED, Job

_LISTED_LATE = (1.0, 2.0, 4.0, 8.0)
"""Seconds to wait between looks for a workflow run that GitHub may have started and does not list yet."""
_CHUNK = 65_536
"""Bytes of a log read at a time."""


class Actions(Calls):
    """Verbs on GitHub Actions."""

    def workflow_run(self, workflow_file: str, head_sha: str) -> WorkflowRun | None:
        """Return the newest workflow run of a workflow file for a commit, or None while there is none."""

        def read(remote: Remote) -> WorkflowRun | None:
            workflow_runs = remote.get_workflow(workflow_file).get_runs(head_sha=head_sha).get_page(0)
            return _workflow_run(max(workflow_runs, key=lambda run: run.id)) if workflow_runs else None

        try:
            return self._read(f"look for a run of `{workflow_file}`", read)
        except Rejected as error:
            # GitHub does not know the workflow, or not yet.
            if error.status == 404:
                return None
            raise

    def workflow_state(self, workflow_file: str) -> str | None:
        """Return whether a workflow may run ("active", "disabled_manually", "disabled_inactivity", ...); None where
        GitHub knows no such file on the default branch.

        https://docs.github.com/en/rest/actions/workflows#get-a-workflow
        """
        try:
            return self._read(f"look at `{workflow_file}`", lambda remote: remote.get_workflow(workflow_file).state)
        except Rejected as error:
            if error.status == 404:
                return None
            raise

    def workflow_runs(self, workflow_file: str, branch: str) -> list[WorkflowRun]:
        """Return the workflow runs of a workflow file for a branch, the oldest first; at most the newest 100."""

        def read(remote: Remote) -> list[WorkflowRun]:
            workflow_runs = remote.get_workflow(workflow_file).get_runs(branch=branch).get_page(0)
            return [_workflow_run(run) for run in sorted(workflow_runs, key=lambda run: run.id)]

        return self._read(f"look for runs of `{workflow_file}`", read)

    def jobs(self, workflow_run: WorkflowRun) -> tuple[Job, ...]:
        """Return the jobs of the latest attempt of a workflow run."""
        return self._read(
            "read the jobs of the workflow run",
            lambda remote: tuple(_job(job) for job in self._jobs(remote, workflow_run)),
        )

    def jobs_of_ended(self, said: WorkflowRun) -> tuple[Job, ...] | None:
        """Return the jobs of a workflow run of which a delivery says how it has ended, where GitHub shows the same.

        None where it shows another attempt, another end, or nothing yet: only `workflow_run` tells what holds then.
        """
        try:
            found = self._read("read the jobs of the workflow run", lambda remote: self._jobs(remote, said))
        except Rejected as error:
            if error.status == 404:
                return None
            raise
        jobs = tuple(_job(job) for job in found)
        shown = {(job["status"], job.get("run_attempt", 1), job["head_sha"]) for job in found}
        ends = {job.conclusion for job in jobs}
        end = "failure" if ends.intersection(FAILED) else "success" if ends <= {"success", "skipped"} else None
        is_so = shown == {("completed", said.attempt, said.head_sha)} and end == said.conclusion
        return jobs if is_so else None

    def job_log(self, job_id: int) -> Iterator[str]:
        """Yield a job's log line by line as it arrives; see `lines_of`.

        Raises:
            NoLog: GitHub has not stored it yet, nothing of it, or has it no more.
            TransientError: GitHub did not answer.
        """
        doing = "read the job's log"
        with self._placed(), translated(doing), requests.Session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(max_retries=read_retry()))
            path = f"/actions/jobs/{job_id}/logs"
            response = self._open(session, path)
            if response.status_code == 401 and self.credentials.renew():
                response.close()
                response = self._open(session, path)
            with response:
                # The store to which GitHub redirects is another's.
                asked = (response.history or [response])[0]
                must_be_githubs(asked.status_code, asked.headers, response.reason)
                if response.status_code in (404, 410):
                    raise NoLog(doing, response.status_code)
                if response.status_code >= 400:
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    raise failure(doing, response.status_code, headers, {"message": response.reason})
                lines = lines_of(response.iter_content(_CHUNK))
                first = next(lines, None)
                if first is None:
                    # The file is there before what belongs into it.
                    raise NoLog(doing, 404)
                yield first
                yield from lines

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow that has `workflow_dispatch`, once for each value of its input `request`.

        GitHub's answer names no workflow run, and it may get lost after one was started. The workflow file shows the
        request in the names of its workflow runs (`run-name`); an earlier try is found by that, also where GitHub lists
        it a few seconds late. Without a request, or where the file shows none, each call starts another one.
        """
        request = inputs.get("request", "")
        if request and self._dispatched(workflow_file, request):
            return
        try:
            self._write(
                f"start `{workflow_file}`",
                lambda remote: remote.get_workflow(workflow_file).create_dispatch(ref, dict(inputs), throw=True),
            )
        except TransientError:
            for seconds in _LISTED_LATE if request else ():
                time.sleep(seconds)
                if self._dispatched(workflow_file, request):
                    return
            raise

    def _dispatched(self, workflow_file: str, request: str) -> bool:
        """Return whether GitHub shows a workflow run that was started for a request."""
        path = f"/actions/workflows/{quote(workflow_file)}/runs"

        def read(remote: Remote) -> bool:
            found = self._json(remote, "GET", path, event="workflow_dispatch", per_page=100)["workflow_runs"]
            return any(f"({request})" in (each.get("display_title") or "") for each in found)

        try:
            return self._read(f"look for runs of `{workflow_file}`", read)
        except Rejected as error:
            # GitHub does not know the workflow, and says so better where it is to be started.
            if error.status == 404:
                return False
            raise

    def rerun_failed(self, workflow_run: WorkflowRun) -> None:
        """Run the failed jobs of a finished workflow run again, as its next attempt.

        The workflow run keeps its id, and `attempt` grows by 1; GitHub may take a moment to show that. If GitHub has
        a later attempt than `workflow_run` shows, running or ended, nothing happens: an earlier try of this step, or a
        person, has started it.

        https://docs.github.com/en/rest/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run
        """

        def attempt(remote: Remote) -> int:
            return int(self._json(remote, "GET", f"/actions/runs/{workflow_run.id}").get("run_attempt") or 1)

        if self._read("read the workflow run", attempt) > workflow_run.attempt:
            return
        path = f"/actions/runs/{workflow_run.id}/rerun-failed-jobs"
        try:
            self._write("run the failed jobs again", lambda remote: self._json(remote, "POST", path))
        except Rejected as error:
            if "already running" not in error.reason.lower():
                raise

    def cancel(self, workflow_run: WorkflowRun) -> None:
        """Cancel a workflow run; one that has ended stays as it is.

        https://docs.github.com/en/rest/actions/workflow-runs#cancel-a-workflow-run
        """
        path = f"/actions/runs/{workflow_run.id}/cancel"
        try:
            self._write("cancel the workflow run", lambda remote: self._json(remote, "POST", path))
        except Rejected as error:
            # GitHub says so of one that has ended.
            if error.status != 409:
                raise

    def _jobs(self, remote: Remote, workflow_run: WorkflowRun) -> list[dict[str, Any]]:
        path = f"/actions/runs/{workflow_run.id}/jobs"
        jobs: list[dict[str, Any]] = self._json(remote, "GET", path, filter="latest", per_page=100)["jobs"]
        return jobs

    def _open(self, session: requests.Session, path: str) -> requests.Response:
        # GitHub redirects to a store on another host; requests does not send the token to that host.
        headers = {
            "Authorization": f"Bearer {self.credentials.token()}",
            "User-Agent": "gptdeploy",
            "X-GitHub-Api-Version": API_VERSION,
        }
        known = self.credentials.known()
        place = f"/repositories/{known.id}" if known else f"/repos/{self.key}"
        return session.get(f"{self.api_url}{place}{path}", headers=headers, stream=True, timeout=30)


def _job(job: dict[str, Any]) -> Job:
    steps = tuple((step["name"], step["conclusion"] or step["status"]) for step in job.get("steps") or ())
    return Job(id=job["id"], name=job["name"], conclusion=job["conclusion"], steps=steps)


def _workflow_run(remote: RemoteWorkflowRun) -> WorkflowRun:
    return WorkflowRun(
        id=remote.id,
        attempt=remote.run_attempt or 1,
        head_sha=remote.head_sha,
        status=remote.status,
        conclusion=remote.conclusion,
        url=remote.html_url,
    )
