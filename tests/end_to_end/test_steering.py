"""The life of a live service by comments: real Actions, real engine, and people who use it meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

import docker
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.clients.github import GitHub, MergeText, NewCommit, Repository
from bot.config import REPO_CONFIG_PATH
from bot.demo.stack import Stack
from bot.deploy import Platform
from bot.foreign import Plain
from bot.hub import Hub
from bot.hub.state import Comment
from bot.init import repository_files
from tests.end_to_end import services
from tests.end_to_end.browsing import keep_picture, opened
from tests.end_to_end.demos import Spoken
from tests.end_to_end.visiting import references
from tests.fakes.fields import draft
from tests.flow.replies import change

NAME = "octo/steered"
HOST, TRIED = "steered.localhost", "steered-pr-2.localhost"
WISH = "a border to choose, and 1002 as the user"
T = TypeVar("T")


def until(hub: Hub, repository: str, look: Callable[[], T | None], what: str) -> T:
    """Wait for something. The bot writes once a second, and the issues of other tests are at work at the same time."""
    deadline = time.monotonic() + 420
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come; this is what was said:\n{_said(hub, repository)}"
        time.sleep(0.2)
    return found


def _said(hub: Hub, repository: str) -> str:
    with hub.parts.state.lock:
        issues = list(hub.repository(repository).issues.values())
        return "\n".join(f"#{issue.number}: {comment.body}" for issue in issues for comment in issue.comments)


class Steered:
    """A repository with one service, and a person with write access to it."""

    def __init__(self, stack: Stack, platform: Platform) -> None:
        self.hub, self.platform = stack.hub, platform
        self.hub.create_repository(NAME, repository_files() | {REPO_CONFIG_PATH: "merge: manual\n"}, ["microservice"])
        self.person: Repository = GitHub.with_token(self.hub.api_url, self.hub.token("octo")).repository(NAME)
        # The scripted model does not know this idea: the run ends at once, and the service is a person's.
        self.issue = self.hub.open_issue(NAME, "Draw", "### Description\n\nDraw a code.", ["microservice"]).number
        self._read = 0

    def push(self, executor: str) -> str:
        """Push the service to the default branch, and wait until it is live; return the commit."""
        head = self.person.head("main")
        assert head is not None
        sha = self.person.commit("main", head, NewCommit(Plain("Draw"), services.files("steered", executor), executor))
        self.until(lambda: self.deployed(sha) == "success", "the deployment")
        return sha

    def propose(self) -> str:
        """Have a change of the service asked for by `/update`, wait until it is green, and return its commit.

        The model has to say what it changes.
        """
        self.hub.comment(NAME, self.issue, f"/update {WISH}")

        def is_green() -> bool:
            with self.hub.parts.state.lock:
                return any("🟢 #2 is green" in comment.body for comment in self._comments(self.issue))

        self.until(is_green, "the green pull request")
        return self.person.pull(2).head_sha

    def merge(self) -> str:
        """Have that change merged, wait until it is live, and return the commit on the default branch."""
        before = self.person.head("main")
        self.hub.comment(NAME, 2, "/deploy")
        sha = self.until(lambda: head if (head := self.person.head("main")) != before else None, "the merge")
        self.until(lambda: self.deployed(sha) == "success", "the deployment")
        self.until(lambda: self.hub.repository(NAME).issues[self.issue].state == "closed", "the end of the run")
        return sha

    def deployed(self, sha: str) -> str | None:
        status = self.person.deployment("microservice-steered", sha)
        return status.state if status else None

    def type(self, command: str, number: int = 1) -> str:
        """Comment on the issue, or on a pull request, and return what the platform answers."""
        self.hub.comment(NAME, number, command)
        return self.answer("gptdeploy:answer:", number)

    def answer(self, marker: str, number: int = 1) -> str:
        """Return the next comment on the issue, or on a pull request, with a marker."""

        def look() -> str | None:
            with self.hub.parts.state.lock:
                comments = self._comments(number)
            for comment in comments:
                if comment.id > self._read and marker in comment.body:
                    self._read = comment.id
                    return re.sub("<!--.*?-->", "", comment.body).strip()
            return None

        return self.until(look, f"a comment with {marker}")

    def until(self, look: Callable[[], T | None], what: str) -> T:
        return until(self.hub, NAME, look, what)

    def _comments(self, number: int) -> list[Comment]:
        return list(self.hub.repository(NAME).issues[number].comments)

    def user(self, host: str = HOST) -> int:
        """Return what the service says, which tells its version."""
        answer: int = self.ask(host).json()["user"]
        return answer

    def ask(self, host: str = HOST) -> httpx.Response:
        return services.ask(self.platform, "POST", "/execute", host, json={"text": "x", "scale": 1})


@pytest.fixture(scope="module")
def steered(stack: Stack, platform: Platform) -> Steered:
    return Steered(stack, platform)


def try_preview(steered: Steered, browser: Browser, head: str) -> None:
    """Try the change beside what is live, as a person does."""
    tried = steered.platform.deployment("steered-pr-2")
    url = tried.playground_url
    text = steered.type("/preview", 2)
    assert text.startswith(
        f"👀 **QR code** can be tried as it is at {head[:7]}: [{url}]({url})\n\n```sh\ncurl {tried.api_url} "
    )
    assert (steered.user(), steered.user(TRIED)) == (1001, 1002)
    listed = steered.type("/list")
    assert listed.count("| [steered]") == 1
    assert f"| [steered-pr-2]({url}) | #2 | {head[:7]} | answers |" in listed

    def ready(page: Page) -> None:
        what = f"This is a preview of pull request #2, at commit {head[:7]}. What is live stays as it is."
        expect(page.get_by_text(what)).to_be_visible(timeout=20_000)

    opened(browser, url, ready).close()


def test_the_life_of_a_service(steered: Steered, spoken: Spoken, browser: Browser, images: docker.DockerClient) -> None:
    first = steered.push(services.EXECUTOR.replace("os.getuid()", "1001"))

    def said(answer: httpx.Response) -> str:
        return f"{answer.status_code} {answer.json()['user'] if answer.is_success else answer.text}"

    executor = services.EXECUTOR.replace("os.getuid()", "1002").replace(
        "input.scale", "input.scale, border=input.border"
    )
    border = draft("border", "integer", required=False, default="4", limits={"minimum": 0, "maximum": 16})
    done = "Point 1: done: The border can be chosen, and the user is 1002."
    spoken.about[WISH] = [change(inputs=(border,)), f"{done}\n\nexecutor.py\n```python\n{executor}```\n"]
    with services.load(steered.platform, HOST, said) as answers:
        try_preview(steered, browser, head := steered.propose())
        second = steered.merge()
        ended = steered.answer("gptdeploy:preview-ended:", 2)
    assert ended == f"🗑️ `steered-pr-2`, the preview of #2 at {head[:7]}, is taken down."
    assert steered.ask(TRIED).status_code == 404
    assert [tag for tag in references(images) if "/steered_preview" in tag] == []
    assert steered.person.pull(2).title == "Update QR code: The border can be chosen, and the user is 1002"
    assert "- request: `border` is new (integer, " in steered.person.pull(2).body
    keep_picture(browser, f"{steered.hub.url}/{NAME}/pull/2", "update", "h1")
    assert set(answers) == {"200 1001", "200 1002"}

    with services.load(steered.platform, HOST, said) as answers:
        text = steered.type("/rollback")
    assert text.startswith(f"⏪ `steered` is back at version 1 ({first[:7]}), from version 2 ({second[:7]}): ")
    assert set(answers) == {"200 1001", "200 1002"}
    assert steered.user() == 1001
    # GitHub is told after the people.
    steered.until(
        lambda: (steered.deployed(first), steered.deployed(second)) == ("success", "inactive"), "the deployments"
    )

    assert steered.type("/scale 2") == "`steered` runs with 2 replicas; before it was 1."
    assert f"version 1 ({first[:7]}) | 2 of 2 | answers |" in steered.type("/list")
    assert "Application startup complete." in steered.type("/logs 5")
    assert steered.type("/rollback 7").startswith("`/rollback` has changed nothing: I remember no version `7`.")

    text = steered.type("/delete files=yes")
    assert text.startswith(f"🗑️ `steered`, version 1 ({first[:7]}), is taken down.")
    assert steered.ask().status_code == 404
    steered.until(lambda: steered.deployed(first) == "inactive", "the end of the deployment")
    assert steered.type("/logs") == "`/logs` has changed nothing: `steered` is not live. `/deploy` brings it live."

    # It comes back from its files; when they go, it goes.
    steered.hub.comment(NAME, steered.issue, "/deploy")
    steered.until(lambda: steered.ask().status_code == 200, "the service")
    steered.until(lambda: steered.deployed(second) == "success", "the deployment")
    removal = steered.person.pull(3)
    merged = steered.person.try_merge(removal.number, removal.head_sha, MergeText(Plain(removal.title), Plain(""))).sha
    assert merged is not None
    text = steered.answer("gptdeploy:taken-down:")
    assert text == f"🗑️ `steered`, version 1 ({second[:7]}), is taken down, because {merged[:7]} removed its folder."
    assert steered.ask().status_code == 404
