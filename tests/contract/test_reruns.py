"""Re-running what failed, as GitHub describes it: the same run, its next attempt, and only the jobs that have to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.hub.act import WorkflowOrder
from bot.hub.state import Job
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_webhooks import idle
from tests.fakes.runner import FakeRunner

WORKFLOW = """\
on: push
jobs:
  lint: {runs-on: ubuntu-latest, steps: [{run: "true"}]}
  build: {runs-on: ubuntu-latest, steps: [{run: "true"}]}
  report: {needs: [lint, build], if: always(), runs-on: ubuntu-latest, steps: [{run: "true"}]}
"""


class ManyJobs(FakeRunner):
    """Finishes the workflow above at once; `red` are the jobs that fail."""

    def __init__(self) -> None:
        super().__init__()
        self.red = {"build"}

    def run(self, order: WorkflowOrder, changed: Callable[[list[Job]], None], cancelled: threading.Event) -> str:
        self.orders.append(order)
        jobs = [
            Job(name=key.title(), log=order.logs / key, status="completed", key=key, conclusion=self._ends(key))
            for key in ("lint", "build", "report")
            if key not in order.kept
        ]
        changed(jobs)
        return "failure" if any(job.conclusion == "failure" for job in jobs) else "success"

    def _ends(self, key: str) -> str:
        return "failure" if key in self.red else "success"


@pytest.fixture
def runner() -> ManyJobs:
    return ManyJobs()


def push(world: World) -> int:
    """Push the workflow, and return the run that it makes."""
    repo = world.hub.repository(REPOSITORY)
    with world.hub.parts.state.lock:
        octo, files = world.hub.caller("octo"), {".github/workflows/many.yml": WORKFLOW.encode()}
        world.hub.parts.pulls.commit(repo, octo, "main", "Add a workflow", files)
    idle(world)
    return repo.workflow_runs[-1].id


def jobs(world: World, run: int, **options: Any) -> dict[str, Any]:
    found = world.as_bot().rest.actions.list_jobs_for_workflow_run(OWNER, NAME, run, **options).parsed_data.jobs
    return {job.name: job for job in found}


def test_what_failed_and_what_waits_for_it_runs_again(world: World, runner: ManyJobs) -> None:
    run = push(world)
    actions = world.as_bot().rest.actions
    before = jobs(world, run)
    runner.red = set()

    answer = actions.re_run_workflow_failed_jobs(OWNER, NAME, run)
    idle(world)

    assert answer.status_code == 201
    assert [(order.attempt, order.kept) for order in runner.orders] == [(1, frozenset()), (2, {"lint"})]
    done = actions.get_workflow_run(OWNER, NAME, run).parsed_data
    assert (done.run_attempt, done.status, done.conclusion) == (2, "completed", "success")
    after = jobs(world, run)
    assert {name: job.conclusion for name, job in before.items()} == {
        "Lint": "success",
        "Build": "failure",
        "Report": "success",
    }
    assert {name: job.conclusion for name, job in after.items()} == dict.fromkeys(
        ("Lint", "Build", "Report"), "success"
    )
    assert not {job.id for job in before.values()} & {job.id for job in after.values()}
    assert actions.list_jobs_for_workflow_run(OWNER, NAME, run, filter_="all").parsed_data.total_count == 6
    assert world.payload("workflow_run", "completed")["workflow_run"]["run_attempt"] == 2


def test_a_job_whose_outputs_are_needed_runs_again_with_them(world: World, runner: ManyJobs) -> None:
    """GitHub keeps the outputs of an earlier attempt; the hub makes them again, so that they are there, too."""
    repo = world.hub.repository(REPOSITORY)
    giving = WORKFLOW.replace("lint: {", 'lint: {outputs: {word: "x"}, ')
    with world.hub.parts.state.lock:
        octo, files = world.hub.caller("octo"), {".github/workflows/many.yml": giving.encode()}
        world.hub.parts.pulls.commit(repo, octo, "main", "Add a workflow", files)
    idle(world)

    world.as_bot().rest.actions.re_run_workflow_failed_jobs(OWNER, NAME, repo.workflow_runs[-1].id)
    idle(world)

    assert [order.kept for order in runner.orders] == [frozenset(), frozenset()]


def test_what_cannot_run_again(world: World, runner: ManyJobs) -> None:
    run = push(world)
    rerun = world.as_bot().rest.actions.re_run_workflow_failed_jobs
    runner.red = set()
    rerun(OWNER, NAME, run)
    idle(world)

    assert refused(lambda: rerun(OWNER, NAME, run))[0] == 403
    assert refused(lambda: rerun(OWNER, NAME, 1))[0] == 404
    visitors = world.as_person("visitor").rest.actions.re_run_workflow_failed_jobs
    assert refused(lambda: visitors(OWNER, NAME, run))[0] == 403
    assert len(runner.orders) == 2
