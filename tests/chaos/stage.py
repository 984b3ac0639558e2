"""The embedded GitHub, a model, and the bot as it runs in production: two processes and a database on a small disk."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from bot.demo.ports import free_port
from bot.errors import TransientError
from bot.hub import Hub
from bot.hub.act import WorkflowOrder
from bot.init import repository_files
from tests.chaos.deliveries import Deliveries
from tests.chaos.processes import Process
from tests.fakes.faults import Faults
from tests.fakes.model import Answer, FakeModel
from tests.fakes.runner import FakeRunner
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import announce
from tests.flow.test_run import BODY, RED

_SECRET = "chaos-secret"
_DISK = 24 * 1024 * 1024
_BUILD_SECONDS = 1.0
_START_SECONDS = 60.0


class _Model(FakeModel):
    """Answers by what it is asked for, as a model does, however often and in whatever order."""

    def next_answer(self, request: dict[str, Any]) -> Answer:
        form = request.get("response_format", {}).get("json_schema", {}).get("name")
        said = "\n".join(str(message["content"]) for message in request["messages"])
        if form == "spec":
            return spec()
        if form == "strategies":
            return strategies("str.upper")
        if "Write the tests, before there is any code." in said:
            return suite()
        return fix("It is not converted.", "input.text.upper()") if "Fix 1 of" in said else files("input.text")


class Stage:
    """Everything that a chaos run needs; each issue has a repository of its own.

    Attributes:
        hub, faults: GitHub, and what goes wrong on it.
        deliveries: the way from GitHub to the bot.
        orders: how often which workflow ran for which commit.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._disk = folder / "disk"
        self._disk.mkdir()
        self.small_disk = _mount(self._disk)
        self._clock = folder / "clock"
        self._clock.write_text("0")
        self.log = folder / "log"
        self.orders: Counter[tuple[str, str, str]] = Counter()
        self.issues: list[str] = []
        self.model = _Model()
        self.model.__enter__()
        self.hub = Hub(folder / "hub", 0, FakeRunner(self._run_workflow))
        self.faults = self.hub.front = Faults(self.hub.front)
        self.hub.start()
        door = free_port(0)
        self.deliveries = Deliveries(f"http://127.0.0.1:{door}/webhook")
        # GitHub knows no repository yet, and an App belongs to somebody.
        app = self.hub.install_app(self.deliveries.url, _SECRET)
        (folder / "key.pem").write_text(app.private_key_pem)
        settings = {
            "GITHUB_APP_ID": str(app.app_id),
            "GITHUB_PRIVATE_KEY": str(folder / "key.pem"),
            "GITHUB_WEBHOOK_SECRET": _SECRET,
            "GITHUB_API_URL": self.hub.api_url,
            "OPENAI_BASE_URL": self.model.url,
            "OPENAI_MODEL": "fake",
            "DATABASE_URL": f"sqlite:///{self._disk}/runs.sqlite",
            "GPTDEPLOY_POLL_SECONDS": "2",
            "GPTDEPLOY_BIND": f"127.0.0.1:{door}",
        }
        self.web = Process("web", settings, self.log, self._clock)
        _await_door(f"http://127.0.0.1:{door}/healthz")
        self.worker = Process("worker", settings, self.log, self._clock)

    def close(self) -> None:
        for process in (self.worker, self.web):
            process.close()
        self.deliveries.close()
        self.hub.stop()
        self.model.__exit__(None, None, None)
        if self.small_disk:
            subprocess.run(["umount", "--lazy", str(self._disk)], check=True)

    def open_issue(self) -> str:
        """Open an issue in a new repository, and return the repository's name."""
        name = f"octo/chaos-{len(self.issues) + 1}"
        self.hub.create_repository(name, repository_files())
        self.issues.append(name)
        number = self.hub.open_issue(name, "Upper case", BODY, ["microservice"]).number
        assert number == 1
        return name

    def say(self, name: str, text: str) -> None:
        self.hub.comment(name, 1, text, "octo")

    def set_clock(self, ahead: float) -> None:
        """Have the bot's clock be so many seconds ahead."""
        self._clock.write_text(str(ahead))

    @contextmanager
    def locked_database(self) -> Iterator[None]:
        """Keep the database from being read and written."""
        connection = sqlite3.connect(self._disk / "runs.sqlite", timeout=10, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Leave no room on the disk with the database."""
        ballast = self._disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            ballast.unlink(missing_ok=True)

    def _run_workflow(self, order: WorkflowOrder) -> tuple[str, str]:
        """Build what the model wrote: red at first, green with the fix. Deploy it."""
        deploys = order.workflow_path.endswith("microservice-deploy.yml")
        self.orders[order.repository, "deploy" if deploys else "build", order.head_sha] += 1
        time.sleep(_BUILD_SECONDS)
        if deploys:
            return _deploy(order)
        code = self.hub.repository(order.repository).git.show(order.head_sha, "services/upper-case/executor.py")
        return ("success", "all good") if code and b".upper()" in code else ("failure", RED)


def _deploy(order: WorkflowOrder) -> tuple[str, str]:
    """Announce a deployment, and go on trying as the deployer does."""
    while True:
        try:
            return announce(order)
        except TransientError:
            time.sleep(_BUILD_SECONDS)


def _await_door(url: str) -> None:
    """Wait until the bot listens: GitHub's first deliveries come in at once."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")


def _mount(folder: Path) -> bool:
    """Put a small disk below a folder; return whether this machine lets us."""
    if shutil.which("mount") is None:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    return done.returncode == 0
