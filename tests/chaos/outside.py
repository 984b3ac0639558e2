"""What is outside of the bot: GitHub, whose builds are instant, and a model. Each issue has a repository of its own."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

from bot.demo.ports import free_port
from bot.errors import TransientError
from bot.hub import Hub
from bot.hub.act import WorkflowOrder
from bot.init import repository_files
from tests.fakes.faults import Faults
from tests.fakes.model import Answer, FakeModel
from tests.fakes.runner import FakeRunner
from tests.flow.replies import files, fix, spec, strategies, suite
from tests.flow.scene import announce
from tests.flow.test_run import BODY, RED

_AGAIN_SECONDS = 1.0


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


class Outside:
    """GitHub and a model.

    Args:
        build_seconds: how long a build takes.
        host: by which others reach GitHub, at the port that it has on loopback.

    Attributes:
        hub, faults: GitHub, and what goes wrong on it.
        orders: how often which workflow ran for which commit.
        issues: the repositories with an issue each, #1.
    """

    def __init__(self, folder: Path, build_seconds: float, host: str = "127.0.0.1") -> None:
        self._build_seconds = build_seconds
        self.orders: Counter[tuple[str, str, str]] = Counter()
        self.issues: list[str] = []
        self.model = _Model()
        self.model.__enter__()
        port = free_port()
        self.hub = Hub(folder / "hub", port, FakeRunner(self._run_workflow), f"http://{host}:{port}")
        self.faults = self.hub.front = Faults(self.hub.front)
        self.hub.start()

    def close(self) -> None:
        self.hub.stop()
        self.model.__exit__(None, None, None)

    def open_issue(self) -> str:
        """Open an issue in a new repository, and return the repository's name."""
        name = f"octo/chaos-{len(self.issues) + 1}"
        self.hub.create_repository(name, repository_files(), ["microservice"])
        self.issues.append(name)
        number = self.hub.open_issue(name, "Upper case", BODY, ["microservice"]).number
        assert number == 1
        return name

    def say(self, name: str, text: str) -> None:
        self.hub.comment(name, 1, text, "octo")

    def _run_workflow(self, order: WorkflowOrder) -> tuple[str, str]:
        """Build what the model wrote: red at first, green with the fix. Deploy it."""
        deploys = order.workflow_path.endswith("microservice-deploy.yml")
        self.orders[order.repository, "deploy" if deploys else "build", order.head_sha] += 1
        time.sleep(self._build_seconds)
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
            time.sleep(_AGAIN_SECONDS)
