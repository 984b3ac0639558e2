"""Workflow runs: started, and their failed jobs run again."""

from __future__ import annotations

import threading

from bot.clients.github import Repository
from bot.hub.act import WorkflowOrder
from bot.values.jobs import failed_jobs
from tests.contract.client.steps import BUILD, DEPLOY, finished, opened, red
from tests.contract.conftest import World


def test_workflow_is_dispatched(world: World, repository: Repository) -> None:
    main = repository.head("main")
    assert main is not None
    assert repository.workflow_run(DEPLOY, main) is None

    repository.dispatch(DEPLOY, "main", {"slug": "one"})

    dispatched = finished(world, repository, DEPLOY, main)
    assert dispatched.attempt == 1
    assert failed_jobs(repository.jobs(dispatched)) == []


def test_failed_jobs_run_again_as_the_next_attempt(world: World, repository: Repository) -> None:
    world.runner.script = red
    _, sha = opened(world, repository)
    first = finished(world, repository, BUILD, sha)
    (job,) = failed_jobs(repository.jobs(first))
    go = threading.Event()

    def slow(_: WorkflowOrder) -> tuple[str, str]:
        assert go.wait(10)
        return "failure", "still no luck"

    world.runner.script = slow
    repository.rerun_failed(first)
    repository.rerun_failed(first)
    again = repository.workflow_run(BUILD, sha)
    assert again is not None
    assert (again.id, again.attempt, again.done, again.conclusion) == (first.id, 2, False, None)
    # Who was told of the first attempt's end is not answered with the second one.
    assert repository.jobs_of_ended(first) is None
    go.set()

    second = finished(world, repository, BUILD, sha)
    (failed,) = failed_jobs(repository.jobs(second))
    assert (second.attempt, second.green, failed.id != job.id) == (2, False, True)
    assert any("still no luck" in line for line in repository.job_log(failed.id))
    assert repository.jobs_of_ended(second) == (failed,)
    # The first attempt is over and done with, whoever asks again.
    repository.rerun_failed(first)
    world.runner.script = lambda _: ("success", "luck")
    repository.rerun_failed(second)
    assert finished(world, repository, BUILD, sha).green
    assert [order.attempt for order in world.runner.orders] == [1, 2, 3]


def test_workflow_run_is_cancelled_and_one_that_has_ended_stays(world: World, repository: Repository) -> None:
    go = threading.Event()

    def slow(_: WorkflowOrder) -> tuple[str, str]:
        assert go.wait(10)
        return "success", "luck"

    world.runner.script = slow
    _, sha = opened(world, repository)
    running = repository.workflow_run(BUILD, sha)
    assert running is not None and not running.done
    repository.cancel(running)
    go.set()
    ended = finished(world, repository, BUILD, sha)
    assert ended.conclusion == "cancelled"
    # As a step that crashed after its request.
    repository.cancel(ended)
    assert repository.workflow_run(BUILD, sha) == ended
