"""REST: check runs and their annotations.

https://docs.github.com/en/rest/checks/runs
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import request

from bot.hub.access import ApiError, invalid
from bot.hub.api.endpoints import Answer, Call, Endpoints
from bot.hub.checks import Report, find_check_run
from bot.hub.judgement import check_runs
from bot.hub.payloads import ACTIONS_APP, Json, annotation_json, check_run_json, check_suite_json, repository_json
from bot.hub.state import Annotation, CheckRun

ENDPOINTS = Endpoints("checks")
_TEXT_LIMIT = 65_535
"""Characters, and bytes, of a summary and of a text."""
_MESSAGE_LIMIT = 64 * 1024
"""Bytes of an annotation's message and of its details."""
_TITLE_LIMIT = 255
"""Characters of an annotation's title."""
_ANNOTATIONS = 50
"""Annotations in one request."""
_STATUSES = ("queued", "in_progress", "completed")
_CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
"""What an App may say; "stale" is GitHub's alone."""
_LEVELS = ("notice", "warning", "failure")
_REQUIRED = ("path", "start_line", "end_line", "annotation_level", "message")


@ENDPOINTS.route("POST", "/check-runs", "checks:write")
def create_check_run(call: Call) -> Answer:
    if call.by.permissions is not None:
        _must_have(call.body, ("name", "head_sha"))
    run = call.parts.checks.create(call.repo, call.by, call.text("head_sha"), _report(call))
    return 201, check_run_json(call.state, call.repo, run)


@ENDPOINTS.route("GET", "/check-runs/<int:number>", "checks:read")
def get_check_run(call: Call, number: int) -> Answer:
    shas = {run.trigger.head_sha for run in call.repo.workflow_runs}
    jobs = [run for sha in shas for run in check_runs(call.repo, sha, latest=False)]
    run = next((run for run in jobs if run.id == number), None) or find_check_run(call.repo, number)
    return check_run_json(call.state, call.repo, run)


@ENDPOINTS.route("PATCH", "/check-runs/<int:number>", "checks:write")
def update_check_run(call: Call, number: int) -> Answer:
    run = find_check_run(call.repo, number)
    call.parts.checks.update(call.repo, call.by, run, _report(call))
    return check_run_json(call.state, call.repo, run)


@ENDPOINTS.route("GET", "/check-runs/<int:number>/annotations", "checks:read")
def list_annotations(call: Call, number: int) -> Answer:
    run = find_check_run(call.repo, number)
    return call.page(run.annotations, lambda each: annotation_json(call.state, call.repo, run, each))


@ENDPOINTS.route("POST", "/check-runs/<int:number>/rerequest", "checks:write", "write")
def rerequest_check_run(call: Call, number: int) -> Answer:
    call.parts.checks.rerequest(call.repo, call.by.user, find_check_run(call.repo, number))
    return 201, {}


@ENDPOINTS.route("POST", "/check-suites/<int:number>/rerequest", "checks:write", "write")
def rerequest_check_suite(call: Call, number: int) -> Answer:
    run = next((run for run in call.repo.check_runs if run.suite == number), None)
    if run is None:
        raise ApiError(404, "Not Found")
    call.parts.checks.rerequest(call.repo, call.by.user, run, suite=True)
    return 201, {}


@ENDPOINTS.route("GET", "/commits/<path:ref>/check-runs", "checks:read")
def list_check_runs(call: Call, ref: str) -> Answer:
    asked = request.args
    runs = _asked_for(call, ref, latest=asked.get("filter", "latest") == "latest")
    found = [run for run in runs if asked.get("status", run.status) == run.status]
    newest_first = sorted(found, key=lambda run: run.id, reverse=True)
    shown = call.page(newest_first, lambda run: check_run_json(call.state, call.repo, run))
    return {"total_count": len(found), "check_runs": shown}


@ENDPOINTS.route("GET", "/commits/<path:ref>/check-suites", "checks:read")
def list_check_suites(call: Call, ref: str) -> Answer:
    # A suite is shown by one of its runs; the hub has none without.
    found = {run.suite: run for run in _asked_for(call, ref)}
    repository = repository_json(call.state, call.repo)
    suites = call.page(
        list(found.values()),
        lambda run: {**check_suite_json(call.state, call.repo, run), "repository": repository},
    )
    return {"total_count": len(found), "check_suites": suites}


def _asked_for(call: Call, ref: str, *, latest: bool = True) -> list[CheckRun]:
    """Return the check runs of a commit that have the name and the App that a request names, or refuse it."""
    sha = call.repo.git.resolve(ref)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {ref}")
    name, app = request.args.get("check_name"), request.args.get("app_id", type=int)
    runs = check_runs(call.repo, sha, latest=latest)
    return [run for run in runs if name in (None, run.name) and app in (None, _app_id(run))]


def _app_id(run: CheckRun) -> int:
    return run.app.id if run.app else ACTIONS_APP


def _report(call: Call) -> Report:
    """Return what a request says of a check run, or refuse it."""
    body, output = call.body, call.body.get("output")
    status, conclusion = body.get("status"), body.get("conclusion")
    _must_be_one_of(status, (None, *_STATUSES))
    _must_be_one_of(conclusion, (None, *_CONCLUSIONS))
    if status == "completed":
        _must_have(body, ("conclusion",))
    if output is not None:
        _must_have(output, ("title", "summary") if request.method == "POST" else ("summary",))
    output = output or {}
    for name in ("summary", "text"):
        _must_be_short(name, output.get(name) or "")
    return Report(
        name=body.get("name"),
        status=status,
        conclusion=conclusion,
        details_url=body.get("details_url"),
        external_id=body.get("external_id"),
        title=output.get("title"),
        summary=output.get("summary"),
        text=output.get("text"),
        annotations=_annotations(output.get("annotations") or []),
        started_at=_time(body.get("started_at")),
        completed_at=_time(body.get("completed_at")),
    )


def _annotations(items: list[Json]) -> list[Annotation]:
    if len(items) > _ANNOTATIONS:
        raise _bad(f"No more than {_ANNOTATIONS} items are allowed; {len(items)} were supplied.")
    return [_annotation(item) for item in items]


def _annotation(item: Json) -> Annotation:
    _must_have(item, _REQUIRED)
    _must_be_one_of(item["annotation_level"], _LEVELS)
    first, last = item["start_line"], item["end_line"]
    columns = [name for name in ("start_column", "end_column") if item.get(name) is not None]
    texts = (item["path"], item["message"], item.get("title") or "", item.get("raw_details") or "")
    right = (
        all(isinstance(text, str) for text in texts)
        and item["path"]
        and item["message"]
        and all(isinstance(number, int) for number in (first, last))
        and 0 <= first <= last
        # Columns come together, and only within one line.
        and (not columns or (len(columns) == 2 and first == last))
        and len(item.get("title") or "") <= _TITLE_LIMIT
        and all(len(text.encode()) <= _MESSAGE_LIMIT for text in texts)
    )
    if not right:
        raise invalid("CheckRun", "annotations", "invalid")
    names = ("title", "raw_details", "start_column", "end_column")
    more: dict[str, Any] = {name: item.get(name) for name in names}
    return Annotation(item["path"], first, last, item["annotation_level"], item["message"], **more)


def _must_have(body: Json, names: Sequence[str]) -> None:
    missing = [json.dumps(name) for name in names if name not in body]
    if missing:
        raise _bad(f"{', '.join(missing)} {'wasn' if len(missing) == 1 else 'weren'}'t supplied.")


def _must_be_one_of(value: Any, known: Sequence[Any]) -> None:
    if value not in known:
        raise _bad(f"{json.dumps(value)} is not a member of {json.dumps([each for each in known if each])}.")


def _must_be_short(name: str, text: str) -> None:
    if len(text) > _TEXT_LIMIT:
        raise _bad(f"Only {_TEXT_LIMIT} characters are allowed; {len(text)} were supplied.")
    if len(text.encode()) > _TEXT_LIMIT:
        raise invalid("CheckRun", name, "custom", f"{name} exceeds a maximum bytesize of {_TEXT_LIMIT}")


def _bad(reason: str) -> ApiError:
    return ApiError(422, f"Invalid request.\n\n{reason}")


def _time(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError as error:
        raise _bad(f"{json.dumps(value)} is not a valid date-time.") from error
