"""Workflow runs, their jobs and logs, and deployments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from github.Deployment import Deployment
from github.Repository import Repository as Remote
from github.WorkflowRun import WorkflowRun as RemoteWorkflowRun
from requests.adapters import HTTPAdapter

from bot.clients.github.auth import read_retry
from bot.clients.github.calls import Calls
from bot.clients.github.errors import Rejected, failure, translated
from bot.clients.stream import lines_of
from bot.errors import TransientError
from bot.foreign import one_line
from bot.values.github import DeploymentStatus, FailedJob, WorkflowRun

_FAILED = ("failure", "timed_out", "startup_failure")
_CHUNK = 65_536
"""Bytes of a log read at a time."""
_DESCRIPTION_LIMIT = 140
"""Characters GitHub takes in the description of a deployment status."""

_DEPLOYMENTS = """
query Deployments($owner: String!, $name: String!, $environments: [String!]) {
  repository(owner: $owner, name: $name) {
    deployments(environments: $environments, first: 50, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { commitOid latestStatus { state environmentUrl description } }
    }
  }
}
"""


class Actions(Calls):
    """Verbs on GitHub Actions and deployments."""

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

    def workflow_runs(self, workflow_file: str, branch: str) -> list[WorkflowRun]:
        """Return the workflow runs of a workflow file for a branch, the oldest first; at most the newest 100."""

        def read(remote: Remote) -> list[WorkflowRun]:
            workflow_runs = remote.get_workflow(workflow_file).get_runs(branch=branch).get_page(0)
            return [_workflow_run(run) for run in sorted(workflow_runs, key=lambda run: run.id)]

        return self._read(f"look for runs of `{workflow_file}`", read)

    def failed_jobs(self, workflow_run: WorkflowRun) -> list[FailedJob]:
        """Return the jobs that failed in the latest attempt of a workflow run, or the cancelled ones where none failed.

        A job that ran into its `timeout-minutes` counts as cancelled on GitHub.
        """

        def read(remote: Remote) -> list[FailedJob]:
            jobs = self._jobs(remote, workflow_run)
            failed = [job for job in jobs if job["conclusion"] in _FAILED]
            failed = failed or [job for job in jobs if job["conclusion"] == "cancelled"]
            return [FailedJob(id=job["id"], name=job["name"], step=_failed_step(job)) for job in failed]

        return self._read("read the jobs of the workflow run", read)

    def job_with_step(self, workflow_run: WorkflowRun, step: str) -> int | None:
        """Return the id of the job whose step of that name has succeeded in the latest attempt, or None."""

        def read(remote: Remote) -> int | None:
            for job in self._jobs(remote, workflow_run):
                if any(there["name"] == step and there["conclusion"] == "success" for there in job.get("steps") or []):
                    return int(job["id"])
            return None

        return self._read("read the jobs of the workflow run", read)

    def job_log(self, job_id: int) -> Iterator[str]:
        """Yield a job's log line by line as it arrives; see `lines_of`.

        Raises:
            TransientError: GitHub did not answer, or has not stored the log yet.
        """
        doing = "read the job's log"
        with self._placed(), translated(doing), requests.Session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(max_retries=read_retry()))
            url = f"{self.api_url}/repos/{self.full_name}/actions/jobs/{job_id}/logs"
            response = self._open(session, url)
            if response.status_code == 401 and self.credentials.renew():
                response.close()
                response = self._open(session, url)
            with response:
                if response.status_code == 404:
                    raise TransientError("GitHub has not stored the job's log yet", retry_after=5)
                if response.status_code >= 400:
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    raise failure(doing, response.status_code, headers, {"message": response.reason})
                yield from lines_of(response.iter_content(_CHUNK))

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow that has `workflow_dispatch`.

        Called again, it starts another workflow run: GitHub gives no name by which an earlier one could be found.
        """
        self._write(
            f"start `{workflow_file}`",
            lambda remote: remote.get_workflow(workflow_file).create_dispatch(ref, dict(inputs), throw=True),
        )

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

    def deployment(self, environment: str, sha: str) -> DeploymentStatus | None:
        """Return the status of a commit's newest deployment, or None where there is no deployment.

        A deployment that has no status yet counts as "pending".
        """
        answer = self._query(f"read the deployment to `{environment}`", _DEPLOYMENTS, environments=[environment])
        for deployment in answer["deployments"]["nodes"]:
            if deployment["commitOid"] == sha:
                status = deployment["latestStatus"] or {"state": "PENDING"}
                return DeploymentStatus(
                    state=status["state"].lower(),
                    url=status.get("environmentUrl") or "",
                    description=status.get("description") or "",
                )
        return None

    def set_deployment(self, environment: str, sha: str, status: DeploymentStatus) -> None:
        """Give a commit's deployment a status; a deployment is created where there is none.

        A status that the deployment has already is not set again. A description over 140 characters is cut.
        """
        description = str(one_line(status.description))
        if len(description) > _DESCRIPTION_LIMIT:
            description = description[: _DESCRIPTION_LIMIT - 1] + "…"
        wanted = status.model_copy(update={"description": description})

        def look(remote: Remote) -> tuple[int, DeploymentStatus] | None:
            newest = _newest_deployment(remote, environment, sha)
            return (newest.id, _deployment_status(newest)) if newest else None

        number, present = self._read(f"read the deployment to `{environment}`", look) or (None, None)
        if present == wanted:
            return
        if number is None:
            number = self._write(
                f"create the deployment to `{environment}`",
                lambda remote: (
                    remote.create_deployment(sha, auto_merge=False, required_contexts=[], environment=environment).id
                ),
            )
        deployment = number
        self._write(
            f"set the status of the deployment to `{environment}`",
            lambda remote: remote.get_deployment(deployment).create_status(
                wanted.state, environment_url=wanted.url, description=wanted.description
            ),
        )

    def _jobs(self, remote: Remote, workflow_run: WorkflowRun) -> list[dict[str, Any]]:
        path = f"/actions/runs/{workflow_run.id}/jobs"
        jobs: list[dict[str, Any]] = self._json(remote, "GET", path, filter="latest", per_page=100)["jobs"]
        return jobs

    def _open(self, session: requests.Session, url: str) -> requests.Response:
        # GitHub redirects to a store on another host; requests does not send the token to that host.
        headers = {"Authorization": f"Bearer {self.credentials.token()}", "User-Agent": "gptdeploy"}
        return session.get(url, headers=headers, stream=True, timeout=30)


def _failed_step(job: dict[str, Any]) -> str:
    steps = job.get("steps") or []
    for conclusions in (_FAILED, ("cancelled",)):
        for step in steps:
            if step["conclusion"] in conclusions:
                return str(step["name"])
    return ""


def _workflow_run(remote: RemoteWorkflowRun) -> WorkflowRun:
    return WorkflowRun(
        id=remote.id,
        attempt=remote.run_attempt or 1,
        head_sha=remote.head_sha,
        status=remote.status,
        conclusion=remote.conclusion,
        url=remote.html_url,
    )


def _newest_deployment(remote: Remote, environment: str, sha: str) -> Deployment | None:
    deployments = remote.get_deployments(sha=sha, environment=environment).get_page(0)
    return max(deployments, key=lambda deployment: deployment.id) if deployments else None


def _deployment_status(deployment: Deployment) -> DeploymentStatus:
    statuses = deployment.get_statuses().get_page(0)
    if not statuses:
        return DeploymentStatus(state="pending")
    newest = max(statuses, key=lambda status: status.id)
    return DeploymentStatus(state=newest.state, url=newest.environment_url or "", description=newest.description or "")
