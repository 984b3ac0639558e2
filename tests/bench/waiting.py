"""200 runs that wait for their builds: what the worker holds in memory and burns."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from pathlib import Path

from bot.clients.github import GitHub, NewCommit
from bot.clients.llm import Model, ModelSettings
from bot.clients.packages import Packages
from bot.config import Settings
from bot.foreign import Markdown, Plain
from bot.hub import Hub
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.worker import Worker
from bot.runs.steps.builds import BuildSteps
from bot.runs.waiting import Awaited, await_workflow_run
from bot.runs.world import World
from bot.values.aside import SetAside
from bot.values.command import Request
from bot.values.naming import BUILD_WORKFLOW
from bot.values.progress import Progress, Stage
from bot.values.run import RunKind, RunRequest
from tests.bench.figure import Figure
from tests.fakes.runner import FakeRunner

RUNS = 200
SECONDS = 40
_REPOSITORY = "octo/services"
_BUILD = "on: pull_request\njobs: {build: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}}\n"


def measure() -> list[Figure]:
    """Have a worker wait in 200 runs for a build that does not end, with the waiting and polling of a real run."""
    held = multiprocessing.get_context("spawn").Event()
    with tempfile.TemporaryDirectory() as folder:

        def never(_: object) -> tuple[str, str]:
            held.wait()
            return "success", ""

        with Hub(Path(folder) / "hub", 0, FakeRunner(never)) as hub:
            hub.create_repository(_REPOSITORY, {f".github/workflows/{BUILD_WORKFLOW}": _BUILD})
            app = hub.install_app("http://127.0.0.1:9/webhook", "unused-secret")
            repository = GitHub(hub.api_url, app.app_id, app.private_key_pem).repository(
                _REPOSITORY, app.installation_id
            )
            sha = repository.start_branch("gptdeploy/1-00000000/1-x", NewCommit(Plain("Add x"), {"x": "x\n"}, "x/0"))
            repository.ensure_pull("gptdeploy/1-00000000/1-x", Plain("x"), Markdown("x"))
            database = f"sqlite:///{folder}/runs.sqlite"
            runs = DurableRuns(database)
            for issue in range(RUNS):
                runs.start(
                    RunRequest(
                        repo=_REPOSITORY,
                        installation=app.installation_id,
                        issue=issue + 1,
                        actor="octo",
                        kind=RunKind.NEW,
                        delivery=f"bench-{issue}",
                    )
                )
            context = multiprocessing.get_context("spawn")
            worker = context.Process(target=_work, args=(database, hub.api_url, app.app_id, app.private_key_pem, sha))
            worker.start()
            try:
                pid = worker.pid or 0
                _begun(runs)
                calm(pid)
                before = processor_seconds(pid)
                time.sleep(SECONDS)
                idle = (processor_seconds(pid) - before) / SECONDS
                before = processor_seconds(pid)
                for issue in range(RUNS):
                    runs.signal(_REPOSITORY, issue + 1)
                calm(pid)
                # What it burnt while it calmed down is in both.
                looks = processor_seconds(pid) - before
                poll = Settings.model_fields["poll_seconds"].default
                resident = memory(pid)
            finally:
                worker.kill()
                worker.join()
                held.set()
                runs.close()
    waiting = f"{RUNS} runs waiting"
    detail = f"{waiting}: {idle * 100:.1f} % idle, and {looks:.1f} s for a look by each every {poll:g} s"
    return [
        Figure("worker's memory", resident, "MB", 300, waiting),
        Figure("worker's processor share", (idle + looks / poll) * 100, "% of a core", 5, detail),
    ]


def _work(database: str, api_url: str, app_id: int, key: str, sha: str) -> None:
    world = World(
        github=GitHub(api_url, app_id, key),
        model=Model(ModelSettings("unused", base_url="http://127.0.0.1:9/v1")),
        packages=Packages(),
        poll_seconds=Settings.model_fields["poll_seconds"].default,
        label="microservice",
    )

    def body(flow: Flow, request: RunRequest) -> Progress:
        progress = Progress(
            run_id=flow.run_id, repo=request.repo, issue=request.issue, started_at=flow.now(), stage=Stage.BUILD
        )
        flow.publish(progress)
        awaited = Awaited(BUILD_WORKFLOW, sha, start_minutes=60, minutes=60, look_first=True)
        await_workflow_run(flow, BuildSteps(flow, world, request), world.poll_seconds, awaited)
        return progress

    def command(flow: Flow, request: Request) -> None:
        raise NotImplementedError

    def aside(flow: Flow, aside: SetAside) -> None:
        raise NotImplementedError

    Worker(database, body, command, aside, DurableRuns(database)).start()
    signal.pause()


def _begun(runs: DurableRuns) -> None:
    deadline = time.monotonic() + 240
    while sum(progress is not None for progress in (runs.latest(_REPOSITORY, n + 1) for n in range(RUNS))) < RUNS:
        if time.monotonic() > deadline:
            raise TimeoutError("not all runs have begun")
        time.sleep(1)


def calm(pid: int) -> None:
    """Wait until the worker has done what there was to do."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        before = processor_seconds(pid)
        time.sleep(3)
        if processor_seconds(pid) - before < 0.4:
            return


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Return the resident memory in MB (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
