"""REST: workflows, their runs, jobs and logs."""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Blueprint, Response, g, redirect, request, send_file
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.hub.access import ApiError
from bot.hub.act.runner import Job
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.parts import Parts
from bot.hub.payloads.issues import Json
from bot.hub.state.store import Attempt, Repository, Run

STORED_LOGS = "/_hub/logs/"
"""Where the stored logs are, outside the API, as GitHub keeps them on another host."""
LOG_LINK_SECONDS = 60
"""How long the address a log is redirected to is good for, as on GitHub."""


def actions_endpoints(parts: Parts) -> Blueprint:
    """Endpoints about GitHub Actions."""
    endpoints = Endpoints(parts, "actions")
    route = endpoints.route
    links = URLSafeTimedSerializer(secrets.token_bytes(32))

    def run_json(call: Call, run: Run) -> Json:
        return parts.queue.payload(call.repo, run)

    def jobs_json(call: Call, run: Run, attempts: list[Attempt]) -> Json:
        jobs = [(attempt, number, job) for attempt in attempts for number, job in attempt.jobs.items()]
        page = call.page(jobs, lambda item: parts.run_payloads.job(call.repo, run, *item))
        return {"total_count": len(jobs), "jobs": page}

    def listed(call: Call, runs: list[Run]) -> Json:
        wanted = {name: request.args.get(name) for name in ("head_sha", "event", "status", "branch")}
        found = [
            run
            for run in reversed(runs)
            if wanted["head_sha"] in (None, run.occasion.head_sha)
            and wanted["event"] in (None, run.occasion.event)
            and wanted["branch"] in (None, run.occasion.branch)
            and wanted["status"] in (None, run.latest.status, run.latest.conclusion)
        ]
        return {"total_count": len(found), "workflow_runs": call.page(found, lambda run: run_json(call, run))}

    @route("GET", "/actions/runs", "actions:read", "read")
    def runs(call: Call) -> Answer:
        return listed(call, call.repo.runs)

    @route("GET", "/actions/workflows/<workflow>", "actions:read", "read")
    def workflow(call: Call, workflow: str) -> Answer:
        path = _workflow(parts, call.repo, workflow)
        name = next((run.name for run in reversed(call.repo.runs) if run.path == path), path)
        return parts.run_payloads.workflow(call.repo, path, name)

    @route("GET", "/actions/workflows/<workflow>/runs", "actions:read", "read")
    def workflow_runs(call: Call, workflow: str) -> Answer:
        path = _workflow(parts, call.repo, workflow)
        return listed(call, [run for run in call.repo.runs if run.path == path])

    @route("POST", "/actions/workflows/<workflow>/dispatches", "actions:write", "write")
    def dispatch(call: Call, workflow: str) -> Answer:
        path = _workflow(parts, call.repo, workflow)
        run = parts.actions.dispatch(call.repo, call.by.user, path, call.text("ref"), call.body.get("inputs") or {})
        # Until API version 2026-03-10 the answer was empty.
        if request.headers.get("X-GitHub-Api-Version", "") < "2026-03-10":
            return None
        data = run_json(call, run)
        return {"workflow_run_id": run.id, "run_url": data["url"], "html_url": data["html_url"]}

    @route("GET", "/actions/runs/<int:number>", "actions:read", "read")
    def run(call: Call, number: int) -> Answer:
        return run_json(call, find_run(call.repo, number))

    @route("GET", "/actions/runs/<int:number>/jobs", "actions:read", "read")
    def jobs(call: Call, number: int) -> Answer:
        found = find_run(call.repo, number)
        everything = request.args.get("filter") == "all"
        return jobs_json(call, found, found.attempts if everything else [found.latest])

    @route("GET", "/actions/runs/<int:number>/attempts/<int:attempt>/jobs", "actions:read", "read")
    def attempt_jobs(call: Call, number: int, attempt: int) -> Answer:
        found = find_run(call.repo, number)
        if not 1 <= attempt <= len(found.attempts):
            raise ApiError(404, "Not Found")
        return jobs_json(call, found, [found.attempts[attempt - 1]])

    @route("POST", "/actions/runs/<int:number>/rerun", "actions:write", "write")
    def rerun(call: Call, number: int) -> Answer:
        parts.actions.rerun(call.repo, find_run(call.repo, number), call.by.user)
        return 201, {}

    @route("POST", "/actions/runs/<int:number>/rerun-failed-jobs", "actions:write", "write")
    def rerun_failed(call: Call, number: int) -> Answer:
        parts.actions.rerun_failed(call.repo, find_run(call.repo, number), call.by.user)
        return 201, {}

    @route("POST", "/actions/runs/<int:number>/cancel", "actions:write", "write")
    def cancel(call: Call, number: int) -> Answer:
        parts.actions.cancel(call.repo, find_run(call.repo, number))
        return 202, {}

    @route("GET", "/actions/jobs/<int:number>", "actions:read", "read")
    def job(call: Call, number: int) -> Answer:
        return parts.run_payloads.job(call.repo, *_with_id(find_job(call.repo, number), number))

    @route("GET", "/actions/jobs/<int:number>/logs", "actions:read", "read")
    def job_log(call: Call, number: int) -> Answer:
        _, _, found = find_job(call.repo, number)
        # GitHub stores a log when the job has ended; until then there is none.
        if found.status != "completed" or not found.log.is_file():
            raise ApiError(404, "Not Found")
        link = links.dumps([str(found.log), call.by.user.login])
        return redirect(f"{parts.payloads.web}{STORED_LOGS}{link}")  # type: ignore[return-value]

    @endpoints.blueprint.record_once
    def serve_logs(setup: object) -> None:
        app = setup.app  # type: ignore[attr-defined]

        @app.get(f"{STORED_LOGS}<link>")  # type: ignore[untyped-decorator]
        def stored_log(link: str) -> Response:
            try:
                path, g.actor = links.loads(link, max_age=LOG_LINK_SECONDS)
            except BadSignature:
                return Response("The link has expired.\n", 403, mimetype="text/plain")
            return send_file(Path(path), mimetype="text/plain")

    return endpoints.blueprint


def find_run(repo: Repository, number: int) -> Run:
    for run in repo.runs:
        if run.id == number:
            return run
    raise ApiError(404, "Not Found")


def find_job(repo: Repository, number: int) -> tuple[Run, Attempt, Job]:
    for run in repo.runs:
        for attempt in run.attempts:
            if number in attempt.jobs:
                return run, attempt, attempt.jobs[number]
    raise ApiError(404, "Not Found")


def _with_id(found: tuple[Run, Attempt, Job], number: int) -> tuple[Run, Attempt, int, Job]:
    run, attempt, job = found
    return run, attempt, number, job


def _workflow(parts: Parts, repo: Repository, name: str) -> str:
    """Return the path of the workflow that an id or file name stands for."""
    for path in parts.actions.workflow_paths(repo):
        if name in (str(repo.workflows[path]), path.rsplit("/", 1)[-1]):
            return path
    raise ApiError(404, "Not Found")
