"""Workflow runs, their jobs and logs, and deployments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from github.Deployment import Deployment
from github.Repository import Repository as Remote
from github.WorkflowRun import WorkflowRun as RemoteRun
from requests.adapters import HTTPAdapter

from bot.clients.github.auth import retrying
from bot.clients.github.calls import Calls
from bot.clients.github.errors import Rejected, failure, translated
from bot.clients.stream import lines_of
from bot.errors import TransientError
from bot.values.github import FailedJob, WorkflowRun

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
        """Return the newest run of a workflow for a commit, or None while there is none."""

        def read(remote: Remote) -> WorkflowRun | None:
            runs = remote.get_workflow(workflow_file).get_runs(head_sha=head_sha).get_page(0)
            return _run(max(runs, key=lambda run: run.id)) if runs else None

        try:
            return self._read(f"look for a run of `{workflow_file}`", read)
        except Rejected as error:
            # GitHub does not know the workflow (yet).
            if error.status == 404:
                return None
            raise

    def failed_jobs(self, run: WorkflowRun) -> list[FailedJob]:
        """Return the jobs that failed in the latest attempt of a run; the cancelled ones where none failed.

        A job that ran into its `timeout-minutes` counts as cancelled on GitHub.
        """

        def read(remote: Remote) -> list[FailedJob]:
            path = f"/actions/runs/{run.id}/jobs"
            jobs = self._json(remote, "GET", path, filter="latest", per_page=100)["jobs"]
            failed = [job for job in jobs if job["conclusion"] in _FAILED]
            failed = failed or [job for job in jobs if job["conclusion"] == "cancelled"]
            return [FailedJob(id=job["id"], name=job["name"], step=_failed_step(job)) for job in failed]

        return self._read("read the jobs of the workflow run", read)

    def job_log(self, job_id: int) -> Iterator[str]:
        """Yield a job's log line by line as it arrives; see `lines_of`.

        Raises:
            TransientError: also where GitHub has not stored the log yet.
        """
        doing = "read the job's log"
        with translated(doing), requests.Session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(max_retries=retrying()))
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
        """Start a workflow that has `workflow_dispatch`. Not check-then-act: GitHub gives no name to find it by."""
        self._write(
            f"start `{workflow_file}`",
            lambda remote: remote.get_workflow(workflow_file).create_dispatch(ref, dict(inputs), throw=True),
        )

    def rerun_failed(self, run: WorkflowRun) -> None:
        """Run what failed in a finished workflow run again, as its next attempt.

        Nothing happens if there is a later attempt than `run` shows, running or done: it is an earlier try of this, or
        somebody else's. The run then has the same id and `attempt` + 1, and GitHub may take a moment to show it.

        https://docs.github.com/en/rest/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run
        """

        def attempt(remote: Remote) -> int:
            return int(self._json(remote, "GET", f"/actions/runs/{run.id}").get("run_attempt") or 1)

        if self._read("read the workflow run", attempt) > run.attempt:
            return
        path = f"/actions/runs/{run.id}/rerun-failed-jobs"
        self._run_again("run the failed jobs again", path)

    def deployment(self, environment: str, sha: str) -> tuple[str, str, str] | None:
        """Return state, environment URL and description of the newest deployment of a commit, or None.

        A deployment without any status counts as "pending".
        """
        found = self._query(f"read the deployment to `{environment}`", _DEPLOYMENTS, environments=[environment])
        for deployment in found["deployments"]["nodes"]:
            if deployment["commitOid"] == sha:
                status = deployment["latestStatus"] or {"state": "PENDING"}
                return status["state"].lower(), status.get("environmentUrl") or "", status.get("description") or ""
        return None

    def create_deployment(self, environment: str, sha: str, state: str, url: str, description: str) -> None:
        """Say that a commit is deployed ("success", with the URL people use) or is not ("failure", and why).

        A deployment of that commit is reused, and a status that says the same already is not repeated.
        """
        description = " ".join(description.split())
        if len(description) > _DESCRIPTION_LIMIT:
            description = description[: _DESCRIPTION_LIMIT - 1] + "…"

        def look(remote: Remote) -> tuple[int, bool] | None:
            found = _newest(remote, environment, sha)
            return (found.id, _status(found) == (state, url, description)) if found else None

        known = self._read(f"read the deployment to `{environment}`", look)
        if known is None:
            number = self._write(
                f"create the deployment to `{environment}`",
                lambda remote: (
                    remote.create_deployment(sha, auto_merge=False, required_contexts=[], environment=environment).id
                ),
            )
        else:
            number, said = known
            if said:
                return
        self._write(
            f"set the status of the deployment to `{environment}`",
            lambda remote: remote.get_deployment(number).create_status(
                state, environment_url=url, description=description
            ),
        )

    def _run_again(self, doing: str, path: str) -> None:
        try:
            self._write(doing, lambda remote: self._json(remote, "POST", path))
        except Rejected as error:
            if "already running" not in error.reason.lower():
                raise

    def _open(self, session: requests.Session, url: str) -> requests.Response:
        # GitHub answers with a redirect to a store on another host; requests leaves the token behind there.
        headers = {"Authorization": f"Bearer {self.credentials.token()}", "User-Agent": "gptdeploy"}
        return session.get(url, headers=headers, stream=True, timeout=30)


def _failed_step(job: dict[str, Any]) -> str:
    steps = job.get("steps") or []
    for conclusions in (_FAILED, ("cancelled",)):
        for step in steps:
            if step["conclusion"] in conclusions:
                return str(step["name"])
    return ""


def _run(run: RemoteRun) -> WorkflowRun:
    return WorkflowRun(
        id=run.id,
        attempt=run.run_attempt or 1,
        head_sha=run.head_sha,
        status=run.status,
        conclusion=run.conclusion,
        url=run.html_url,
    )


def _newest(remote: Remote, environment: str, sha: str) -> Deployment | None:
    found = remote.get_deployments(sha=sha, environment=environment).get_page(0)
    return max(found, key=lambda deployment: deployment.id) if found else None


def _status(deployment: Deployment) -> tuple[str, str, str]:
    statuses = deployment.get_statuses().get_page(0)
    if not statuses:
        return "pending", "", ""
    newest = max(statuses, key=lambda status: status.id)
    return newest.state, newest.environment_url or "", newest.description or ""
