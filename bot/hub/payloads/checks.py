"""Check runs, their annotations and suites as JSON."""

from __future__ import annotations

from bot.hub.judgement import check_runs
from bot.hub.payloads.accounts import actions_app_json, app_json
from bot.hub.payloads.git import simple_commit_json
from bot.hub.payloads.values import Json, stamp
from bot.hub.payloads.workflow_runs import minimal_pull_json
from bot.hub.state import Annotation, CheckRun, Pull, Repository, State

_WORST_FIRST = ("failure", "timed_out", "cancelled", "action_required", "neutral", "skipped", "success")
"""Of the conclusions of its runs a suite has the first."""


def check_run_url(state: State, repo: Repository, run: CheckRun) -> str:
    """Return where people see a check run; that of a job is the page of the job."""
    html = state.html_url(repo)
    own = any(run is other for other in repo.check_runs)
    return f"{html}/runs/{run.id}" if own else f"{html}/actions/runs/{run.suite}/job/{run.id}"


def check_run_json(state: State, repo: Repository, run: CheckRun) -> Json:
    url = f"{state.api_url(repo)}/check-runs/{run.id}"
    html = check_run_url(state, repo, run)
    return {
        "id": run.id,
        "name": run.name,
        "node_id": f"CR_{run.id}",
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": html,
        "details_url": run.details_url or html,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": stamp(run.started_at),
        "completed_at": stamp(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite},
        "app": _app_json(state, run),
        "pull_requests": [minimal_pull_json(state, repo, pull, run.head_sha) for pull in _pulls(repo, run)],
    }


def check_run_event_json(state: State, repo: Repository, run: CheckRun) -> Json:
    """The check run as webhooks hold it."""
    suite = check_suite_json(state, repo, run)
    left_out = ("check_runs_url", "head_commit", "latest_check_runs_count", "rerequestable", "runs_rerequestable")
    simple = {name: value for name, value in suite.items() if name not in left_out}
    return {**check_run_json(state, repo, run), "check_suite": simple}


def check_suite_json(state: State, repo: Repository, run: CheckRun) -> Json:
    """The suite that a check run is in."""
    runs = [other for other in check_runs(repo, run.head_sha) if other.suite == run.suite]
    asked = max(
        (other.asked_at for other in repo.check_runs if other.suite == run.suite and other.asked_at), default=None
    )
    done = asked is None and all(other.done for other in runs)
    moments = [other.completed_at or other.started_at for other in runs]
    conclusions = {other.conclusion for other in runs}
    head = repo.git.log(run.head_sha, 1)[0]
    url = f"{state.api_url(repo)}/check-suites/{run.suite}"
    return {
        "id": run.suite,
        "node_id": f"CS_{run.suite}",
        "head_branch": _branch(repo, run.head_sha),
        "head_sha": run.head_sha,
        "status": "completed" if done else "queued" if asked else "in_progress",
        "conclusion": next((each for each in _WORST_FIRST if each in conclusions), None) if done else None,
        "url": url,
        "check_runs_url": f"{url}/check-runs",
        "before": head.parents[0] if head.parents else "0" * 40,
        "after": run.head_sha,
        "pull_requests": [minimal_pull_json(state, repo, pull, run.head_sha) for pull in _pulls(repo, run)],
        "app": _app_json(state, run),
        "created_at": stamp(min(other.started_at for other in runs)),
        "updated_at": stamp(max([*moments, asked] if asked else moments)),
        "latest_check_runs_count": len(runs),
        "rerequestable": True,
        "runs_rerequestable": True,
        "head_commit": simple_commit_json(head),
    }


def annotation_json(state: State, repo: Repository, run: CheckRun, annotation: Annotation) -> Json:
    return {
        "path": annotation.path,
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "start_column": annotation.start_column,
        "end_column": annotation.end_column,
        "annotation_level": annotation.level,
        "title": annotation.title,
        "message": annotation.message,
        "raw_details": annotation.raw_details,
        "blob_href": f"{state.html_url(repo)}/blob/{run.head_sha}/{annotation.path}",
    }


def _app_json(state: State, run: CheckRun) -> Json:
    return app_json(state, run.app) if run.app else actions_app_json(state)


def _pulls(repo: Repository, run: CheckRun) -> list[Pull]:
    """Return the open pull requests of a check run's commit, or of its branch."""
    branch = _branch(repo, run.head_sha)
    return [pull for pull in repo.pulls() if pull.state == "open" and branch == pull.head_ref]


def _branch(repo: Repository, sha: str) -> str | None:
    """Return the branch to which a commit was pushed, or None where that is not known."""
    triggers = (run.trigger for run in repo.workflow_runs if run.trigger.head_sha == sha)
    known = [*(pull.head_ref for pull in repo.pulls() if pull.head_sha == sha), *(each.branch for each in triggers)]
    return next(iter(known), None) or next((name for name, head in repo.git.branches().items() if head == sha), None)
