"""Workflow runs, jobs and deployments as JSON in GitHub's own shape."""

from __future__ import annotations

from bot.hub.act.runner import Job
from bot.hub.git.repository import Commit
from bot.hub.payloads.issues import Json, Payloads, stamp
from bot.hub.state.store import Attempt, Deployment, DeploymentStatus, Repository, Run, now


class RunPayloads:
    """Builds JSON about what ran for a commit."""

    def __init__(self, payloads: Payloads) -> None:
        self._payloads = payloads

    def run_url(self, repo: Repository, run: Run) -> str:
        """Where people see the run."""
        return f"{self._payloads.html_url(repo)}/actions/runs/{run.id}"

    def job_url(self, repo: Repository, run: Run, job_id: int) -> str:
        return f"{self.run_url(repo, run)}/job/{job_id}"

    def workflow(self, repo: Repository, path: str, name: str) -> Json:
        number, file = repo.workflows[path], path.rsplit("/", 1)[-1]
        html = self._payloads.html_url(repo)
        return {
            "id": number,
            "node_id": f"W_{number}",
            "name": name,
            "path": path,
            "state": "active",
            "created_at": stamp(repo.created_at),
            "updated_at": stamp(repo.created_at),
            "url": f"{self._payloads.api_url(repo)}/actions/workflows/{number}",
            "html_url": f"{html}/blob/{repo.default_branch}/{path}",
            "badge_url": f"{html}/actions/workflows/{file}/badge.svg",
        }

    def run(self, repo: Repository, run: Run, head: Commit) -> Json:
        """The run with its latest attempt; `head` is the commit it is listed under."""
        attempt = run.latest
        url = f"{self._payloads.api_url(repo)}/actions/runs/{run.id}"
        suite = f"{self._payloads.api_url(repo)}/check-suites/{run.id}"
        repository = self._payloads.repository(repo)
        return {
            "id": run.id,
            "name": run.name,
            "node_id": f"WFR_{run.id}",
            "check_suite_id": run.id,
            "check_suite_node_id": f"CS_{run.id}",
            "head_branch": run.occasion.branch,
            "head_sha": run.occasion.head_sha,
            "path": run.path,
            "run_number": run.number,
            "run_attempt": attempt.number,
            "event": run.occasion.event,
            "status": attempt.status,
            "conclusion": attempt.conclusion,
            "display_title": run.occasion.title,
            "workflow_id": run.workflow_id,
            "url": url,
            "html_url": self.run_url(repo, run),
            "pull_requests": [self._minimal_pull(repo, run, run.occasion.pull)] if run.occasion.pull else [],
            "created_at": stamp(run.created_at),
            "updated_at": stamp(attempt.updated_at),
            "run_started_at": stamp(attempt.created_at),
            "actor": self._payloads.user(run.actor),
            "triggering_actor": self._payloads.user(attempt.actor),
            "jobs_url": f"{url}/jobs",
            "logs_url": f"{url}/logs",
            "check_suite_url": suite,
            "artifacts_url": f"{url}/artifacts",
            "cancel_url": f"{url}/cancel",
            "rerun_url": f"{url}/rerun",
            "previous_attempt_url": f"{url}/attempts/{attempt.number - 1}" if attempt.number > 1 else None,
            "workflow_url": f"{self._payloads.api_url(repo)}/actions/workflows/{run.workflow_id}",
            "referenced_workflows": [],
            "head_commit": {
                "id": head.sha,
                "tree_id": head.tree,
                "message": head.message,
                "timestamp": head.committed_at,
                "author": {"name": head.author, "email": head.author_email},
                "committer": {"name": head.committer, "email": head.committer_email},
            },
            "repository": repository,
            "head_repository": repository,
        }

    def job(self, repo: Repository, run: Run, attempt: Attempt, job_id: int, job: Job) -> Json:
        url = self._payloads.api_url(repo)
        return {
            "id": job_id,
            "node_id": f"CR_{job_id}",
            "run_id": run.id,
            "run_url": f"{url}/actions/runs/{run.id}",
            "run_attempt": attempt.number,
            "head_sha": run.occasion.head_sha,
            "head_branch": run.occasion.branch,
            "workflow_name": run.name,
            "name": job.name,
            "url": f"{url}/actions/jobs/{job_id}",
            "html_url": self.job_url(repo, run, job_id),
            "check_run_url": f"{url}/check-runs/{job_id}",
            "status": job.status,
            "conclusion": job.conclusion,
            "created_at": stamp(attempt.created_at),
            "started_at": stamp(job.started_at or now()),
            "completed_at": stamp(job.completed_at),
            "labels": ["ubuntu-latest"],
            "runner_id": 1,
            "runner_name": "hub",
            "runner_group_id": 1,
            "runner_group_name": "default",
            "steps": [
                {
                    "name": step.name,
                    "number": step.number,
                    "status": step.status,
                    # Steps, unlike jobs, know no "timed_out".
                    "conclusion": "cancelled" if step.conclusion == "timed_out" else step.conclusion,
                    "started_at": stamp(step.started_at),
                    "completed_at": stamp(step.completed_at),
                }
                for step in job.steps
            ],
        }

    def deployment(self, repo: Repository, deployment: Deployment) -> Json:
        url = f"{self._payloads.api_url(repo)}/deployments/{deployment.id}"
        return {
            "id": deployment.id,
            "node_id": f"DE_{deployment.id}",
            "url": url,
            "sha": deployment.sha,
            "ref": deployment.ref,
            "task": "deploy",
            "payload": {},
            "original_environment": deployment.environment,
            "environment": deployment.environment,
            "description": deployment.description,
            "creator": self._payloads.user(deployment.creator),
            "created_at": stamp(deployment.created_at),
            "updated_at": stamp(deployment.statuses[-1].created_at if deployment.statuses else deployment.created_at),
            "statuses_url": f"{url}/statuses",
            "repository_url": self._payloads.api_url(repo),
            "transient_environment": False,
            "production_environment": True,
        }

    def deployment_status(self, repo: Repository, deployment: Deployment, status: DeploymentStatus) -> Json:
        url = f"{self._payloads.api_url(repo)}/deployments/{deployment.id}"
        return {
            "id": status.id,
            "node_id": f"DES_{status.id}",
            "url": f"{url}/statuses/{status.id}",
            "state": status.state,
            "description": status.description,
            "environment": deployment.environment,
            "environment_url": status.environment_url,
            "target_url": status.log_url,
            "log_url": status.log_url,
            "creator": self._payloads.user(status.creator),
            "created_at": stamp(status.created_at),
            "updated_at": stamp(status.created_at),
            "deployment_url": url,
            "repository_url": self._payloads.api_url(repo),
        }

    def _minimal_pull(self, repo: Repository, run: Run, number: int) -> Json:
        pull = repo.issues[number].pull
        if pull is None:
            raise ValueError(f"#{number} is no pull request")
        url = self._payloads.api_url(repo)
        end = {"repo": {"id": repo.id, "url": url, "name": repo.name}}
        return {
            "id": pull.id,
            "number": number,
            "url": f"{url}/pulls/{number}",
            "head": {"ref": pull.head_ref, "sha": run.occasion.head_sha, **end},
            "base": {"ref": pull.base_ref, "sha": pull.base_sha, **end},
        }
