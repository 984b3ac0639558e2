"""One repository with the bot at work in it: what people do there, and what they then read."""

from __future__ import annotations

import threading
from typing import Any

import httpx

from bot.clients.github import GitHub
from bot.config import REPO_CONFIG_PATH
from bot.hub.act import WorkflowOrder
from bot.init import repository_files
from bot.runs.world import World
from bot.values.github import DeploymentStatus
from bot.values.naming import PREVIEW_LABEL
from tests.fakes.faults import Fault
from tests.fakes.model import Answer, FakeModel
from tests.fakes.packages import FakePackages
from tests.fakes.runner import Script
from tests.flow.house import House
from tests.flow.reader import DEADLINE, Reader


class Scene(Reader):
    """One repository with the bot at work in it.

    Attributes:
        name: what GitHub calls it; key: what the bot does.

    Args:
        config: its `.github/microservice.yml`.
        poll: how long a run waits for a webhook before it asks.
        bare: it has no workflow files; label: it has the label.
    """

    def __init__(
        self,
        house: House,
        github: GitHub,
        name: str,
        model: FakeModel,
        config: str,
        poll: float,
        bare: bool,
        label: bool,
    ) -> None:
        files = {"README.md": "# Services\n"} | ({} if bare else repository_files())
        if config:
            files[REPO_CONFIG_PATH] = config
        repository = house.hub.create_repository(name, files, ["microservice"] if label else [])
        super().__init__(house, name, name if name not in house.worlds else f"{name}~{repository.id}", model)
        self.builds: list[WorkflowOrder] = []
        self.red: list[str] = []
        self._held = threading.Event()
        self._held.set()
        house.hub.add_collaborator(name, "rev", "write")
        self.deploys: Script = announce
        self.builder: Script = self._build
        self.green_log = "all good"
        house.scripts[name] = self._script
        house.worlds[self.key] = World(
            github=github,
            model=model.client(name="fake", api_key="none"),
            packages=FakePackages(),
            poll_seconds=poll,
            label="microservice",
        )

    def move(self, name: str) -> None:
        """Give the repository another name, or another owner."""
        hub = self.house.hub
        self.house.scripts[name] = self._script
        with hub.parts.state.lock:
            hub.parts.owning.move(self._repository(), name)
        self.name = name

    def answers(self, *answers: Answer) -> None:
        """Have the model say this, one after the other."""
        self.model.answers += answers

    def build_logs(self, *logs: str) -> None:
        """Have the next builds be red with these logs; the ones after them are green."""
        self.red += logs

    def hold_builds(self) -> None:
        """Have builds not end until `release_builds`."""
        self._held.clear()

    def release_builds(self) -> None:
        """Let builds end again."""
        self._held.set()

    def open(self, body: str, title: str = "Upper case", author: str = "octo") -> int:
        """Open an issue with the label."""
        return self.house.hub.open_issue(self.name, title, body, ["microservice"], author).number

    def say(self, number: int, body: str, author: str = "octo") -> int:
        """Comment as a person."""
        return self.house.hub.comment(self.name, number, body, author)

    def review(self, number: int, event: str, body: str = "", *comments: dict[str, Any], author: str = "rev") -> int:
        """Review a pull request as a person, with comments on lines; return the review's id."""
        wanted = {"event": event, "body": body, "comments": comments}
        return int(self.call("POST", f"/pulls/{number}/reviews", wanted, author)["id"])

    def leave(self) -> None:
        """Have no run be at work on the issues any more; one that would go on is stopped."""
        house = self.house
        for repo, issue in [place for place, count in list(house.at_work.items()) if count and place[0] == self.key]:
            if run := house.runs.active(repo, issue):
                house.runs.stop(run)
            self.ends(issue)

    def fails(self, method: str, path: str, **how: Any) -> Fault:
        """Have GitHub fail for requests about the repository; `path` is a pattern below it, see `Fault`."""
        return self.house.faults.plan(Fault(method, f"{self._path}{path}", **how))

    def fails_query(self, words: str, **how: Any) -> Fault:
        """The same for GraphQL requests that hold some words."""
        return self.house.faults.plan(Fault("POST", "/api/graphql$", words, **how))

    def fails_for_all(self, times: int = 1_000_000, **how: Any) -> Fault:
        """The same for all requests about the repository, those for its tokens among them."""
        about = f"{self.name.partition('/')[2]}|{self._repository().id}"
        return self.house.faults.plan(Fault(about=about, times=times, **how))

    def call(self, method: str, path: str, body: dict[str, Any], author: str = "rev") -> Any:
        """Ask the API of the repository for something as a person, and return its answer."""
        hub = self.house.hub
        answer = httpx.request(
            method,
            f"{hub.api_url}/repos/{self.name}{path}",
            json=body or None,
            headers={"Authorization": f"Bearer {hub.token(author)}"},
        )
        answer.raise_for_status()
        return answer.json()

    def _script(self, order: WorkflowOrder) -> tuple[str, str]:
        if order.workflow_path.endswith("microservice-deploy.yml"):
            labels = order.event.get("pull_request", {}).get("labels", [])
            names = [label["name"] for label in (*labels, order.event.get("label") or {"name": ""})]
            # As the file says of its job.
            needed = order.event_name != "pull_request_target" or PREVIEW_LABEL in names
            return self.deploys(order) if needed else ("skipped", "")
        self.builds.append(order)
        return self.builder(order)

    def _build(self, _: WorkflowOrder) -> tuple[str, str]:
        self._held.wait(DEADLINE)
        return ("failure", self.red.pop(0)) if self.red else ("success", self.green_log)


def announce(order: WorkflowOrder) -> tuple[str, str]:
    """Be the deploy workflow: tell GitHub where the service is, as the deployer does."""
    repository = GitHub.with_token(order.api_url, order.token).repository(order.repository)
    inputs: dict[str, str] = order.event.get("inputs") or {}
    slug = inputs.get("service") or repository.services(order.head_sha)[0]
    url = f"http://{slug}.localhost:8080/"
    status = DeploymentStatus(state="success", url=url, description="deployed")
    repository.set_deployment(f"microservice-{slug}", order.head_sha, status)
    return "success", "deployed"
