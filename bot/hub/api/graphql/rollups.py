"""What GraphQL answers of the check runs of a commit: each of them, and what they come to together.

https://docs.github.com/en/graphql/reference/objects#statuscheckrollup
"""

from __future__ import annotations

from typing import Any

from bot.hub.api.graphql.connection import page
from bot.hub.judgement import check_runs, checks, rules_of
from bot.hub.parts import Parts
from bot.hub.payloads import check_run_url, stamp
from bot.hub.state import Annotation, CheckRun, Repository


def rollup(parts: Parts, repo: Repository, sha: str) -> Any:
    """Return the check runs of a commit, or None where it has none."""
    states = set(checks(repo, sha).values())
    if not states:
        return None
    state = "FAILURE" if "failing" in states else "SUCCESS" if states == {"success"} else "PENDING"
    runs = check_runs(repo, sha)
    return {
        "id": f"SCR_{sha}",
        "state": state,
        "contexts": lambda _, **wanted: {
            **page([_check_run(parts, repo, run) for run in runs], **wanted),
            "checkRunCount": len(runs),
        },
    }


def _check_run(parts: Parts, repo: Repository, run: CheckRun) -> Any:
    url = check_run_url(parts.state, repo, run)
    return {
        "__typename": "CheckRun",
        "id": f"CR_{run.id}",
        "databaseId": run.id,
        "name": run.name,
        "externalId": run.external_id or None,
        "status": run.status.upper(),
        "conclusion": run.conclusion.upper() if run.conclusion else None,
        "title": run.title,
        "summary": run.summary,
        "text": run.text,
        "detailsUrl": run.details_url or url,
        "permalink": url,
        "startedAt": stamp(run.started_at),
        "completedAt": stamp(run.completed_at),
        "checkSuite": {"id": f"CS_{run.suite}", "workflowRun": _workflow_run(repo, run)},
        "isRequired": lambda _, **of: _is_required(repo, run, **of),
        "annotations": lambda _, **wanted: page([_annotation(each) for each in run.annotations], **wanted),
    }


def _workflow_run(repo: Repository, run: CheckRun) -> Any:
    """Return the workflow run that a check run is a job of, or None where an App has created it."""
    found = next((each for each in repo.workflow_runs if each.id == run.suite), None)
    return found and {
        "id": f"WFR_{found.id}",
        "databaseId": found.id,
        "event": found.trigger.event,
        "workflow": {"id": f"W_{found.workflow_id}", "name": found.name},
    }


def _is_required(
    repo: Repository, run: CheckRun, pullRequestNumber: int | None = None, pullRequestId: str | None = None
) -> bool:
    named = (pull for pull in repo.pulls() if pullRequestId == f"PR_{pull.pull_id}" or pullRequestNumber == pull.number)
    pull = next(named, None)
    return pull is not None and any(run.name in rules.checks for rules in rules_of(repo, pull.base_ref))


def _annotation(annotation: Annotation) -> Any:
    return {
        "path": annotation.path,
        "location": {
            "start": {"line": annotation.start_line, "column": annotation.start_column},
            "end": {"line": annotation.end_line, "column": annotation.end_column},
        },
        "annotationLevel": annotation.level.upper(),
        "title": annotation.title,
        "message": annotation.message,
        "rawDetails": annotation.raw_details,
    }
