"""Workflows, their runs and jobs as JSON."""

from __future__ import annotations

from bot.hub.payloads.accounts import user_json
from bot.hub.payloads.git import simple_commit_json
from bot.hub.payloads.repositories import repository_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.state import Attempt, Pull, Repository, State, WorkflowRun, now


def run_url(state: State, repo: Repository, run: WorkflowRun) -> str:
    """Return where people see the workflow run."""
    return f"{state.html_url(repo)}/actions/runs/{run.id}"


def workflow_json(state: State, repo: Repository, path: str, name: str) -> Json:
    number, file = repo.workflows[path], path.rsplit("/", 1)[-1]
    html = state.html_url(repo)
    return {
        "id": number,
        "node_id": f"W_{number}",
        "name": name,
        "path": path,
        "state": "disabled_manually" if path in repo.actions.disabled else "active",
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.created_at),
        "url": f"{state.api_url(repo)}/actions/workflows/{number}",
        "html_url": f"{html}/blob/{repo.default_branch}/{path}",
        "badge_url": f"{html}/actions/workflows/{file}/badge.svg",
    }


def workflow_run_json(state: State, repo: Repository, run: WorkflowRun) -> Json:
    """The workflow run with its latest attempt."""
    attempt, head = run.latest, repo.git.log(run.trigger.head_sha, 1)[0]
    url = f"{state.api_url(repo)}/actions/runs/{run.id}"
    suite = f"{state.api_url(repo)}/check-suites/{run.id}"
    repository = repository_json(state, repo)
    return {
        "id": run.id,
        "name": run.name,
        "node_id": f"WFR_{run.id}",
        "check_suite_id": run.id,
        "check_suite_node_id": f"CS_{run.id}",
        "head_branch": run.trigger.branch,
        "head_sha": run.trigger.head_sha,
        "path": run.path,
        "run_number": run.number,
        "run_attempt": attempt.number,
        "event": run.trigger.event,
        "status": attempt.status,
        "conclusion": attempt.conclusion,
        "display_title": run.trigger.title,
        "workflow_id": run.workflow_id,
        "url": url,
        "html_url": run_url(state, repo, run),
        "pull_requests": _pulls_json(state, repo, run),
        "created_at": stamp(run.created_at),
        "updated_at": stamp(attempt.updated_at),
        "run_started_at": stamp(attempt.created_at),
        "actor": user_json(state, run.actor),
        "triggering_actor": user_json(state, attempt.actor),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": suite,
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{attempt.number - 1}" if attempt.number > 1 else None,
        "workflow_url": f"{state.api_url(repo)}/actions/workflows/{run.workflow_id}",
        "referenced_workflows": [],
        "head_commit": simple_commit_json(head),
        "repository": repository,
        "head_repository": repository,
    }


def job_json(state: State, repo: Repository, run: WorkflowRun, attempt: Attempt, job_id: int) -> Json:
    url, job = state.api_url(repo), attempt.jobs[job_id]
    return {
        "id": job_id,
        "node_id": f"CR_{job_id}",
        "run_id": run.id,
        "run_url": f"{url}/actions/runs/{run.id}",
        "run_attempt": attempt.number,
        "head_sha": run.trigger.head_sha,
        "head_branch": run.trigger.branch,
        "workflow_name": run.name,
        "name": job.name,
        "url": f"{url}/actions/jobs/{job_id}",
        "html_url": f"{run_url(state, repo, run)}/job/{job_id}",
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


def minimal_pull_json(state: State, repo: Repository, pull: Pull, head_sha: str) -> Json:
    """A pull request as workflow runs and check runs of its commit `head_sha` name it."""
    url = state.api_url(repo)
    end = {"repo": {"id": repo.id, "url": url, "name": repo.name}}
    return {
        "id": pull.pull_id,
        "number": pull.number,
        "url": f"{url}/pulls/{pull.number}",
        "head": {"ref": pull.head_ref, "sha": head_sha, **end},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, **end},
    }


def _pulls_json(state: State, repo: Repository, run: WorkflowRun) -> list[Json]:
    if run.trigger.pull is None:
        return []
    pull = repo.issues[run.trigger.pull].pull
    if pull is None:
        raise ValueError(f"#{run.trigger.pull} is no pull request")
    return [minimal_pull_json(state, repo, pull, run.trigger.head_sha)]
