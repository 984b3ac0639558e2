"""Workflow runs at the same time, as GitHub describes them: what runs beside another, what waits, cancel."""

from __future__ import annotations

import threading

from bot.hub.act import WorkflowOrder
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_actions import DEPLOY_FILE
from tests.contract.test_pulls import start
from tests.contract.test_webhooks import idle


def test_group_lets_one_run_and_one_wait_and_cancel_ends_it(world: World) -> None:
    begun = threading.Semaphore(0)

    def hang(order: WorkflowOrder) -> tuple[str, str]:
        begun.release()
        run = next(run for run in world.hub.repository(REPOSITORY).workflow_runs if run.id == order.run_id)
        assert run.latest.cancelled.wait(10)
        return "cancelled", "stopped"

    world.runner.script = hang
    actions = world.as_bot().rest.actions
    body = {"ref": "main", "inputs": {"slug": "x"}}
    ids = [
        actions.create_workflow_dispatch(OWNER, NAME, DEPLOY_FILE, data=body).parsed_data.workflow_run_id
        for _ in range(3)
    ]
    assert begun.acquire(timeout=10)

    def statuses() -> list[tuple[str | None, str | None]]:
        runs = [actions.get_workflow_run(OWNER, NAME, run).parsed_data for run in ids]
        return [(run.status, run.conclusion) for run in runs]

    assert statuses() == [("in_progress", None), ("completed", "cancelled"), ("queued", None)]
    assert refused(lambda: actions.re_run_workflow_failed_jobs(OWNER, NAME, ids[0]))[0] == 403
    for run in (ids[2], ids[0]):
        assert actions.cancel_workflow_run(OWNER, NAME, run).status_code == 202
    idle(world)
    assert statuses() == [("completed", "cancelled")] * 3
    assert refused(lambda: actions.cancel_workflow_run(OWNER, NAME, ids[0]))[0] == 409
    assert [order.run_id for order in world.runner.orders] == [ids[0]]


def test_two_runs_execute_at_once_and_the_third_waits(world: World) -> None:
    begun, go = threading.Semaphore(0), threading.Event()

    def wait(_: WorkflowOrder) -> tuple[str, str]:
        begun.release()
        assert go.wait(10)
        return "success", "done"

    world.runner.script = wait
    for name in "abc":
        start(world, f"bot/{name}", {f"services/{name}/executor.py": "x\n"})
        world.as_bot().rest.pulls.create(OWNER, NAME, data={"title": name, "head": f"bot/{name}", "base": "main"})
    assert begun.acquire(timeout=10)
    assert begun.acquire(timeout=10)

    assert [run.latest.status for run in world.hub.repository(REPOSITORY).workflow_runs] == [
        "in_progress",
        "in_progress",
        "queued",
    ]
    go.set()
    idle(world)
    assert len(world.runner.orders) == 3
