"""One repository with the bot at work in it: what people do there, and what they then read."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import httpx

from bot.clients.github import GitHub
from bot.config import REPO_CONFIG_PATH
from bot.hub.act import WorkflowOrder
from bot.hub.state import Comment, Repository
from bot.init import repository_files
from bot.runs.world import World
from bot.values.github import DeploymentStatus
from bot.values.naming import PREVIEW_LABEL
from bot.values.progress import Progress
from tests.fakes.faults import Fault
from tests.fakes.model import Answer, FakeModel
from tests.fakes.packages import FakePackages
from tests.fakes.runner import Script
from tests.flow.house import House

T = TypeVar("T")
BOT = "gptdeploy[bot]"
DEADLINE = 60.0


class Scene:
    """One repository with the bot at work in it.

    Args:
        config: its `.github/microservice.yml`.
        poll: how long a run waits for a webhook before it asks.
        bare: it has no workflow files.
    """

    def __init__(
        self, house: House, github: GitHub, name: str, model: FakeModel, config: str, poll: float, bare: bool
    ) -> None:
        self.house = house
        self.name = name
        self.model = model
        self.builds: list[WorkflowOrder] = []
        self.red: list[str] = []
        self._read: set[int] = set()
        self._held = threading.Event()
        self._held.set()
        files = {"README.md": "# Services\n"} | ({} if bare else repository_files())
        if config:
            files[REPO_CONFIG_PATH] = config
        house.hub.create_repository(name, files)
        house.hub.add_collaborator(name, "rev", "write")
        self.deploys: Script = announce
        self.builder: Script = self._build
        self.green_log = "all good"
        house.scripts[name] = self._script
        house.worlds[name] = World(
            github=github,
            model=model.client(name="fake", api_key="none"),
            packages=FakePackages(),
            poll_seconds=poll,
            label="microservice",
        )

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

    def conversations(self, number: int) -> list[list[tuple[str, str]]]:
        """Return what was said on the lines of a pull request, a list for each conversation: login and text."""
        with self.house.hub.parts.state.lock:
            pull = self._repository().issues[number].pull
            assert pull is not None
            return [
                [(comment.author.login, _visible(comment.body)) for comment in thread.comments]
                for thread in pull.threads
            ]

    def answered(self, number: int, count: int) -> list[list[tuple[str, str]]]:
        """Wait until the bot has answered on that many lines of a pull request; return all conversations."""

        def look() -> list[list[tuple[str, str]]] | None:
            said = self.conversations(number)
            return said if sum(login == BOT for talk in said for login, _ in talk) >= count else None

        return _await(look, f"{count} answers on lines of #{number}")

    def fails(self, method: str, path: str, **how: Any) -> Fault:
        """Have GitHub fail for requests about the repository; `path` is a pattern below it, see `Fault`."""
        return self.house.faults.plan(Fault(method, f"/repos/{self.name}{path}", **how))

    def fails_query(self, words: str, **how: Any) -> Fault:
        """The same for GraphQL requests that hold some words."""
        return self.house.faults.plan(Fault("POST", "/api/graphql$", words, **how))

    def fails_for_all(self, times: int = 1_000_000, **how: Any) -> Fault:
        """The same for all requests about the repository, those for its tokens among them."""
        return self.house.faults.plan(Fault(about=self.name.partition("/")[2], times=times, **how))

    def until(self, look: Callable[[], bool]) -> None:
        """Wait until something holds."""
        _await(look, "what the test waits for")

    def queued(self, number: int, count: int) -> None:
        """Wait until that many requests for changes wait for their turn on an issue."""
        runs = self.house.runs
        _await(lambda: len(runs.revisions(self.name, number)) == count, f"{count} requests for changes of #{number}")

    def call(self, method: str, path: str, body: dict[str, Any], author: str = "rev") -> Any:
        """Ask the API of the repository for something as a person, and return its answer."""
        hub = self.house.hub
        answer = httpx.request(
            method,
            f"{hub.api_url}/repos/{self.name}{path}",
            json=body,
            headers={"Authorization": f"Bearer {hub.token(author)}"},
        )
        answer.raise_for_status()
        return answer.json()

    def next_comment(self, number: int) -> str:
        """Return the bot's next comment on an issue or pull request as people see it; wait for it.

        The status comment is not among them: see `status`.
        """
        unread = _await(lambda: self._unread(number), f"a comment on #{number}")
        self._read.add(unread[0].id)
        return _visible(unread[0].body)

    def platform_answer(self, number: int) -> str:
        """Return the newest answer of the deploy workflow on an issue or pull request; wait for the next one."""
        return self.workflow_comment(number, "answer")

    def workflow_comment(self, number: int, kind: str) -> str:
        """Return the next comment of a kind that a workflow makes on an issue or pull request; wait for it."""

        def look() -> list[Comment]:
            with self.house.hub.parts.state.lock:
                comments = list(self._repository().issues[number].comments)
            return [c for c in comments if f"gptdeploy:{kind}:" in c.body and c.id not in self._read]

        found = _await(look, f"a comment with {kind} on #{number}")[0]
        self._read.add(found.id)
        return _visible(found.body)

    def workflows_ended(self) -> None:
        """Wait until no workflow runs."""

        def look() -> bool:
            with self.house.hub.parts.state.lock:
                return all(run.latest.status == "completed" for run in self._repository().workflow_runs)

        _await(look, "the end of all workflow runs")

    def status(self, number: int) -> str:
        """Return the status comment as people see it."""
        (status,) = [comment for comment in self._comments(number) if f"status:{number}" in comment.body]
        return _visible(status.body)

    def shows(self, number: int, beginning: str) -> None:
        """Wait until the status comment begins with some words."""
        _await(lambda: self.status(number).startswith(beginning), f"a status that begins with {beginning!r}")

    def shown(self, number: int, words: str) -> None:
        """Wait until the status comment holds some words."""

        def look() -> bool:
            return any("gptdeploy:status:" in c.body and words in c.body for c in self._comments(number))

        _await(look, f"a status that holds {words!r}")

    def edited(self, number: int, beginning: str, gone: str = "") -> str:
        """Wait until a comment begins with some words, and holds others no more; return it as people see it."""

        def look() -> str | None:
            bodies = [_visible(comment.body) for comment in self._comments(number)]
            found = [body for body in bodies if body.startswith(beginning) and not (gone and gone in body)]
            return found[0] if found else None

        return _await(look, f"a comment that begins with {beginning!r}")

    def finished(self, number: int) -> Progress:
        """Wait until the run of an issue has ended, and return how."""

        def look() -> Progress | None:
            progress = self.house.runs.latest(self.name, number)
            ended = progress is not None and self.house.runs.finished(progress.run_id)
            return progress if ended else None

        return _await(look, f"the end of the run of #{number}")

    def reached(self, number: int, stage: str) -> Progress:
        """Wait until the run of an issue has reached a stage."""

        def look() -> Progress | None:
            progress = self.house.runs.latest(self.name, number)
            return progress if progress is not None and progress.stage == stage else None

        return _await(look, f"stage {stage}")

    def noted(self, number: int, words: str) -> Progress:
        """Wait until the bot's pages show the run of an issue with some words."""

        def look() -> Progress | None:
            progress = self.house.runs.latest(self.name, number)
            return progress if progress is not None and words in progress.note else None

        return _await(look, f"a note with {words!r}")

    def ends(self, number: int) -> None:
        """Wait until no run is at work on an issue."""
        _await(lambda: self.house.runs.active(self.name, number) is None, f"the end of the run of #{number}")

    def until_asked(self, count: int = 1) -> None:
        """Wait until the model has been asked that often."""
        _await(lambda: len(self.model.requests) >= count, f"question {count} to the model")

    def reactions(self, comment: int) -> list[str]:
        """Return the reactions to a comment."""
        with self.house.hub.parts.state.lock:
            found = [c for issue in self._repository().issues.values() for c in issue.comments if c.id == comment]
            return [reaction.content for reaction in found[0].reactions]

    def content(self) -> list[str]:
        """Return the bot's content-creating requests in this repository, in order, as "METHOD path"."""
        prefix = f"/api/v3/repos/{self.name}"
        return [
            f"{request.method} {request.path.removeprefix(prefix)}"
            for request in self.house.hub.requests
            if request.actor == BOT
            and request.kind == "content"
            # GraphQL names its repository in the body; tests that count run one after the other.
            and (request.path.startswith(f"{prefix}/") or request.path == "/api/graphql")
        ]

    def unread(self) -> Iterable[str]:
        """Return the bot's comments that no test has read: there must be none at the end."""
        with self.house.hub.parts.state.lock:
            numbers = list(self._repository().issues)
        return [f"#{number}: {_visible(comment.body)}" for number in numbers for comment in self._unread(number)]

    def _unread(self, number: int) -> list[Comment]:
        return [
            comment
            for comment in self._comments(number)
            if comment.id not in self._read and "gptdeploy:status:" not in comment.body
        ]

    def _comments(self, number: int) -> list[Comment]:
        with self.house.hub.parts.state.lock:
            comments = list(self._repository().issues[number].comments)
        return [comment for comment in comments if comment.author.login == BOT]

    def _repository(self) -> Repository:
        return self.house.hub.repository(self.name)

    def _script(self, order: WorkflowOrder) -> tuple[str, str]:
        if order.workflow_path.endswith("microservice-deploy.yml"):
            closed = order.event_name == "pull_request_target"
            labels = [label["name"] for label in order.event["pull_request"]["labels"]] if closed else []
            # As the file says of its job.
            return self.deploys(order) if not closed or PREVIEW_LABEL in labels else ("skipped", "")
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


def _await(look: Callable[[], T | None], what: str) -> T:
    deadline = time.monotonic() + DEADLINE
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.05)


def _visible(body: str) -> str:
    return re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL).strip()
