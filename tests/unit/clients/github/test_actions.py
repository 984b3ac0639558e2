"""Workflow runs, their jobs and logs, and deployments."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from bot.clients.github import NoLog, Rejected, Repository
from bot.errors import Unavailable
from bot.values.github import DeploymentStatus, WorkflowRun
from bot.values.jobs import Job
from tests.fakes.github_http import FakeGitHub, fake_github

REPO = "/repos/octo/shop"
SHA = "a" * 40
LIVE = DeploymentStatus(state="success", url="http://qr.localhost:8080/", description="ok")


def failed_run() -> WorkflowRun:
    return WorkflowRun(id=9, attempt=1, head_sha=SHA, status="completed", conclusion="failure", url="")


def job(number: int = 1, **changes: Any) -> dict[str, Any]:
    shown = {"id": number, "name": "Build", "status": "completed", "conclusion": "failure", "steps": []}
    return {**shown, "run_attempt": 1, "head_sha": SHA, **changes}


def test_jobs_come_with_how_their_steps_have_ended(fake: FakeGitHub, repository: Repository) -> None:
    steps = [
        {"name": "Check out", "status": "completed", "conclusion": "success"},
        {"name": "Build", "status": "in_progress", "conclusion": None},
    ]
    running = job(2, status="in_progress", conclusion=None, steps=steps)
    fake.on("GET", f"{REPO}/actions/runs/9/jobs", 200, {"total_count": 1, "jobs": [running]})
    ends = (("Check out", "success"), ("Build", "in_progress"))
    assert repository.jobs(failed_run()) == (Job(id=2, name="Build", conclusion=None, steps=ends),)


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("failure", [job()]),
        ("failure", [job(1, conclusion="success"), job(2, conclusion="timed_out"), job(3, conclusion="cancelled")]),
        ("success", [job(1, conclusion="success"), job(2, conclusion="skipped")]),
    ],
)
def test_what_github_shows_as_it_was_told_is_known(
    fake: FakeGitHub, repository: Repository, end: str, shown: list[dict[str, Any]]
) -> None:
    fake.on("GET", f"{REPO}/actions/runs/9/jobs", 200, {"total_count": len(shown), "jobs": shown})
    found = repository.jobs_of_ended(failed_run().model_copy(update={"conclusion": end}))
    assert found is not None and [each.id for each in found] == list(range(1, len(shown) + 1))


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("success", [job()]),
        ("failure", [job(conclusion="success")]),
        ("failure", [job(status="in_progress", conclusion=None)]),
        ("success", [job(1, conclusion="success"), job(2, status="queued", conclusion=None)]),
        ("failure", [job(run_attempt=2)]),
        ("failure", [job(head_sha="b" * 40)]),
        ("success", []),
        ("cancelled", [job(conclusion="cancelled")]),
        ("failure", [job(conclusion="cancelled")]),
        ("action_required", []),
    ],
)
def test_what_github_does_not_show_as_it_was_told_is_not_known(
    fake: FakeGitHub, repository: Repository, end: str, shown: list[dict[str, Any]]
) -> None:
    fake.on("GET", f"{REPO}/actions/runs/9/jobs", 200, {"total_count": len(shown), "jobs": shown})
    assert repository.jobs_of_ended(failed_run().model_copy(update={"conclusion": end})) is None


def test_a_workflow_run_that_is_not_there_yet_is_not_known(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/actions/runs/9/jobs", 404, {"message": "Not Found"})
    assert repository.jobs_of_ended(failed_run()) is None
    fake.on("GET", f"{REPO}/actions/runs/9/jobs", 422, {"message": "No"})
    repository.jobs_of_ended(failed_run())
    with pytest.raises(Rejected):
        repository.jobs_of_ended(failed_run())


def test_job_log_comes_from_the_store_without_the_token(fake: FakeGitHub, repository: Repository) -> None:
    with fake_github() as store:
        store.on("GET", "/log", 200, b"\xef\xbb\xbfone\r\ntwo \xff\n\nlast")
        fake.on("GET", f"{REPO}/actions/jobs/4/logs", 302, None, Location=f"{store.url}/log")

        lines = list(repository.job_log(4))

        assert lines == ["one", "two \ufffd", "", "last"]
        assert fake.requests[0].headers["authorization"] == "Bearer secret-token"
        assert "authorization" not in store.requests[0].headers


def test_large_job_log_is_never_held(fake: FakeGitHub, repository: Repository) -> None:
    size = 24_000_000
    fake.on("GET", f"{REPO}/actions/jobs/4/logs", 200, iter([b"x" * 99_999 + b"\n"] * (size // 100_000)))
    tracemalloc.start()

    total = sum(len(line) for line in repository.job_log(4))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == size - size // 100_000
    assert peak < 3_000_000


def test_an_empty_job_log_is_not_stored_yet(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/actions/jobs/4/logs", 200, b"")
    with pytest.raises(NoLog) as missing:
        list(repository.job_log(4))
    assert missing.value.status == 404


@pytest.mark.parametrize("status", [404, 410])
def test_a_log_that_is_not_there_is_told_from_other_refusals(
    fake: FakeGitHub, repository: Repository, status: int
) -> None:
    fake.on("GET", f"{REPO}/actions/jobs/4/logs", status, {"message": "Gone"})
    with pytest.raises(NoLog) as missing:
        list(repository.job_log(4))
    assert missing.value.status == status


def test_deployment_that_says_the_same_is_not_repeated(fake: FakeGitHub, repository: Repository) -> None:
    deployment = {"id": 3, "url": f"{fake.api_url}{REPO}/deployments/3", "sha": SHA}
    fake.on("GET", f"{REPO}/deployments", 200, [deployment])
    status = {"id": 1, "state": "success", "environment_url": "http://qr.localhost:8080/", "description": "ok"}
    fake.on("GET", f"{REPO}/deployments/3/statuses", 200, [status])

    repository.set_deployment("microservice-qr", SHA, LIVE)

    assert not fake.asked("POST")


def test_deployment_of_the_commit_is_told_from_others(fake: FakeGitHub, repository: Repository) -> None:
    live = {"state": "SUCCESS", "environmentUrl": "http://qr.localhost:8080/", "description": "ok"}
    others = [{"commitOid": "b" * 40, "latestStatus": live}, {"commitOid": SHA, "latestStatus": None}]
    fake.on_graphql({"data": {"repository": {"deployments": {"nodes": [*others]}}}})
    fake.on_graphql({"data": {"repository": {"deployments": {"nodes": [{"commitOid": SHA, "latestStatus": live}]}}}})
    fake.on_graphql({"data": {"repository": {"deployments": {"nodes": others[:1]}}}})

    assert repository.deployment("microservice-qr", SHA) == DeploymentStatus(state="pending")
    assert repository.deployment("microservice-qr", SHA) == LIVE
    assert repository.deployment("microservice-qr", SHA) is None


def test_failed_jobs_run_again_once_an_attempt(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/actions/runs/9", 200, {"id": 9, "run_attempt": 1})
    fake.on("GET", f"{REPO}/actions/runs/9", 200, {"id": 9, "run_attempt": 2})
    fake.on("POST", f"{REPO}/actions/runs/9/rerun-failed-jobs", 201, {})

    repository.rerun_failed(failed_run())
    # As a step that crashed after its request, and whose second attempt is over already.
    repository.rerun_failed(failed_run())

    assert len(fake.asked("POST")) == 1


def test_cancelling_is_refused_for_other_reasons_than_that_it_has_ended(
    fake: FakeGitHub, repository: Repository
) -> None:
    path = f"{REPO}/actions/runs/9/cancel"
    fake.on("POST", path, 409, {"message": "Cannot cancel a workflow run that is completed."})
    fake.on("POST", path, 403, {"message": "Resource not accessible by integration"})

    repository.cancel(failed_run())
    with pytest.raises(Unavailable, match="not accessible"):
        repository.cancel(failed_run())


def test_workflow_run_that_runs_again_already_is_left_alone(fake: FakeGitHub, repository: Repository) -> None:
    fake.on("GET", f"{REPO}/actions/runs/9", 200, {"id": 9, "run_attempt": 1})
    path = f"{REPO}/actions/runs/9/rerun-failed-jobs"
    fake.on("POST", path, 403, {"message": "This workflow run is already running"})
    fake.on("POST", path, 403, {"message": "Unable to retry this workflow run because it was created over a month ago"})

    repository.rerun_failed(failed_run())
    with pytest.raises(Rejected, match="over a month ago"):
        repository.rerun_failed(failed_run())
