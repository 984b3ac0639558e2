"""What the tests of the client against the hub have in common: a strategy, and the steps before the tested one."""

from __future__ import annotations

from collections.abc import Callable

from bot.clients.github import NewCommit, Repository
from bot.foreign import Markdown, Plain
from bot.hub.act import WorkflowOrder
from bot.values.github import DeploymentStatus, WorkflowRun
from bot.values.naming import branch_name, run_id
from tests.contract.conftest import REPOSITORY, World

BUILD = "microservice-build.yml"
DEPLOY = "microservice-deploy.yml"
BRANCH = branch_name(run_id(REPOSITORY, 1, "a delivery"), 1, "qrcode with Pillow")
FILES = {"services/qr/executor.py": "import qrcode\n", "services/qr/service.json": '{"slug": "qr", "title": "Größe"}\n'}
MESSAGE = "Add qr\n\nGPT-Deploy-Issue: 1"
LIVE = DeploymentStatus(state="success", url="http://qr.localhost/", description="live")


def finished(world: World, repository: Repository, workflow: str, sha: str) -> WorkflowRun:
    """Wait for the runs of a commit to end and return the newest one of a workflow, as the client sees it."""
    hub = world.hub

    def done() -> bool:
        runs = [
            run
            for run in hub.repository(REPOSITORY).workflow_runs
            if run.trigger.head_sha == sha and workflow in run.path
        ]
        return bool(runs) and all(run.latest.status == "completed" for run in runs)

    with hub.parts.state.lock:
        assert hub.parts.state.lock.wait_for(done, timeout=10), f"no finished run of {workflow} for {sha}"
    run = repository.workflow_run(workflow, sha)
    assert run is not None
    assert run.done
    return run


def content(world: World, act: Callable[[], object]) -> int:
    """Count the content-creating requests of the bot during `act`."""
    before = world.hub.counted("gptdeploy[bot]")["content"]
    act()
    return world.hub.counted("gptdeploy[bot]")["content"] - before


def red(_: WorkflowOrder) -> tuple[str, str]:
    return "failure", "Step 4/9 : RUN pip install\nERROR: No matching distribution found for qrcod==1"


def opened(world: World, repository: Repository) -> tuple[int, str]:
    """Open issue 1, a branch and its pull request; return the pull request's number and head."""
    world.hub.open_issue(REPOSITORY, "QR codes", "Make QR codes", ["microservice"])
    sha = repository.start_branch(BRANCH, NewCommit(Plain(MESSAGE), FILES, "c0"))
    return repository.ensure_pull(BRANCH, Plain("qr: qrcode"), Markdown("For #1")).number, sha
