"""REST: workflows, their runs, jobs and logs."""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Blueprint, Response, g, request, send_file
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.hub.access import ApiError
from bot.hub.actions import find_job, find_run, log_archive
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.payloads import Json, job_json, workflow_json, workflow_run_json
from bot.hub.state import Attempt, WorkflowRun

ENDPOINTS = Endpoints("workflow_runs")
STORED_LOGS = "/_hub/logs/"
"""Where the stored logs are, outside the API, as GitHub keeps them on another host."""
LOGS = Blueprint("stored_logs", __name__, url_prefix=STORED_LOGS)
_LOG_LINK_SECONDS = 60
"""How long the address a log is redirected to is good for, as on GitHub."""
_LINKS = URLSafeTimedSerializer(secrets.token_bytes(32))


@ENDPOINTS.route("GET", "/actions/runs", "actions:read")
def list_runs(call: Call) -> Answer:
    return _matching_runs(call, call.repo.workflow_runs)


@ENDPOINTS.route("GET", "/actions/workflows", "actions:read")
def list_workflows(call: Call) -> Answer:
    names = call.parts.workflow_runs.workflows(call.repo)
    page = call.page(list(names), lambda path: workflow_json(call.state, call.repo, path, names[path]))
    return {"total_count": len(names), "workflows": page}


@ENDPOINTS.route("GET", "/actions/workflows/<workflow>", "actions:read")
def get_workflow(call: Call, workflow: str) -> Answer:
    path = call.parts.workflow_runs.workflow_path(call.repo, workflow)
    return workflow_json(call.state, call.repo, path, call.parts.workflow_runs.workflows(call.repo)[path])


@ENDPOINTS.route("PUT", "/actions/workflows/<workflow>/enable", "actions:write", "write")
def enable_workflow(call: Call, workflow: str) -> Answer:
    call.repo.actions.disabled.discard(call.parts.workflow_runs.workflow_path(call.repo, workflow))
    return None


@ENDPOINTS.route("PUT", "/actions/workflows/<workflow>/disable", "actions:write", "write")
def disable_workflow(call: Call, workflow: str) -> Answer:
    call.repo.actions.disabled.add(call.parts.workflow_runs.workflow_path(call.repo, workflow))
    return None


@ENDPOINTS.route("GET", "/actions/workflows/<workflow>/runs", "actions:read")
def list_runs_of_workflow(call: Call, workflow: str) -> Answer:
    path = call.parts.workflow_runs.workflow_path(call.repo, workflow)
    return _matching_runs(call, [run for run in call.repo.workflow_runs if run.path == path])


@ENDPOINTS.route("POST", "/actions/workflows/<workflow>/dispatches", "actions:write", "write")
def dispatch(call: Call, workflow: str) -> Answer:
    workflow_runs = call.parts.workflow_runs
    path = workflow_runs.workflow_path(call.repo, workflow)
    run = workflow_runs.dispatch(call.repo, call.by.user, path, call.text("ref"), call.body.get("inputs") or {})
    # Until API version 2026-03-10 the answer was empty.
    if request.headers.get("X-GitHub-Api-Version", "") < "2026-03-10":
        return None
    data = workflow_run_json(call.state, call.repo, run)
    return {"workflow_run_id": run.id, "run_url": data["url"], "html_url": data["html_url"]}


@ENDPOINTS.route("GET", "/actions/runs/<int:number>", "actions:read")
def get_run(call: Call, number: int) -> Answer:
    return workflow_run_json(call.state, call.repo, find_run(call.repo, number))


@ENDPOINTS.route("GET", "/actions/runs/<int:number>/artifacts", "actions:read")
def list_artifacts(call: Call, number: int) -> Answer:
    """The hub keeps none."""
    find_run(call.repo, number)
    return {"total_count": 0, "artifacts": []}


@ENDPOINTS.route("GET", "/actions/runs/<int:number>/logs", "actions:read")
def get_logs(call: Call, number: int) -> Answer:
    attempt = find_run(call.repo, number).latest
    if attempt.status != "completed":
        raise ApiError(404, "Not Found")
    attempt.logs.mkdir(parents=True, exist_ok=True)
    path = attempt.logs / "logs.zip"
    path.write_bytes(log_archive(attempt))
    return _stored(call, path)


@ENDPOINTS.route("GET", "/actions/runs/<int:number>/jobs", "actions:read")
def list_jobs(call: Call, number: int) -> Answer:
    run = find_run(call.repo, number)
    return _jobs(call, run, run.attempts if request.args.get("filter") == "all" else [run.latest])


@ENDPOINTS.route("GET", "/actions/runs/<int:number>/attempts/<int:attempt>/jobs", "actions:read")
def list_jobs_of_attempt(call: Call, number: int, attempt: int) -> Answer:
    run = find_run(call.repo, number)
    if not 1 <= attempt <= len(run.attempts):
        raise ApiError(404, "Not Found")
    return _jobs(call, run, [run.attempts[attempt - 1]])


@ENDPOINTS.route("POST", "/actions/runs/<int:number>/rerun-failed-jobs", "actions:write", "write")
def rerun_failed(call: Call, number: int) -> Answer:
    call.parts.workflow_runs.rerun_failed(call.repo, find_run(call.repo, number), call.by.user)
    return 201, {}


@ENDPOINTS.route("POST", "/actions/runs/<int:number>/approve", "actions:write", "write")
def approve(call: Call, number: int) -> Answer:
    call.parts.workflow_runs.approve(call.repo, find_run(call.repo, number))
    return 201, {}


@ENDPOINTS.route("POST", "/actions/runs/<int:number>/cancel", "actions:write", "write")
def cancel(call: Call, number: int) -> Answer:
    call.parts.workflow_runs.cancel(call.repo, find_run(call.repo, number))
    return 202, {}


@ENDPOINTS.route("GET", "/actions/jobs/<int:number>", "actions:read")
def get_job(call: Call, number: int) -> Answer:
    return job_json(call.state, call.repo, *find_job(call.repo, number), number)


@ENDPOINTS.route("GET", "/actions/jobs/<int:number>/logs", "actions:read")
def get_log(call: Call, number: int) -> Answer:
    job = find_job(call.repo, number)[1].jobs[number]
    # GitHub stores a log when the job has ended; until then there is none.
    if job.status != "completed" or not job.log.is_file():
        raise ApiError(404, "Not Found")
    return _stored(call, job.log)


@LOGS.get("/<link>")
def get_stored_log(link: str) -> Response:
    try:
        path, g.actor = _LINKS.loads(link, max_age=_LOG_LINK_SECONDS)
    except BadSignature:
        return Response("The link has expired.\n", 403, mimetype="text/plain")
    return send_file(Path(path), mimetype="application/zip" if path.endswith(".zip") else "text/plain")


def _stored(call: Call, path: Path) -> Response:
    """Lead to where a log is kept."""
    link = _LINKS.dumps([str(path), call.by.user.login])
    return Response(status=302, headers={"Location": f"{call.state.web}{STORED_LOGS}{link}"})


def _matching_runs(call: Call, runs: list[WorkflowRun]) -> Json:
    """Return those of the runs that the query asks for, newest first."""
    wanted = {name: request.args.get(name) for name in ("head_sha", "event", "status", "branch")}
    matching = [
        run
        for run in reversed(runs)
        if wanted["head_sha"] in (None, run.trigger.head_sha)
        and wanted["event"] in (None, run.trigger.event)
        and wanted["branch"] in (None, run.trigger.branch)
        and wanted["status"] in (None, run.latest.status, run.latest.conclusion)
    ]
    page = call.page(matching, lambda run: workflow_run_json(call.state, call.repo, run))
    return {"total_count": len(matching), "workflow_runs": page}


def _jobs(call: Call, run: WorkflowRun, attempts: list[Attempt]) -> Json:
    jobs = [(attempt, number) for attempt in attempts for number in attempt.jobs]
    page = call.page(jobs, lambda job: job_json(call.state, call.repo, run, *job))
    return {"total_count": len(jobs), "jobs": page}
