"""The walk: from a machine without anything to a first live service, by what the page of the set-up lists.

GitHub is the embedded one; its runner is this machine, as a self-hosted one would be. All else is as a person has it: a
browser, `gptdeploy` with an empty folder, git and `gh`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import docker
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo import machine
from bot.demo.examples import load
from bot.demo.ports import free_port
from bot.demo.scripted import ScriptedModel
from bot.deploy import NAME_VARIABLE, find_platform, platform_down
from bot.hub import ActRunner, Hub
from tests.end_to_end.demos import Spoken
from tests.end_to_end.test_setup import picture, served
from tests.word.fetch import ensure_program
from tests.word.pipe import pipe

REPOSITORY = "octo/services"
MOST = 12
"""Actions from nothing to a live service."""
_SOON = 30_000
_LIVE_SECONDS = 240


class Person:
    """Who sets the bot up, with a shell in a folder of their own.

    Attributes:
        actions: what they have done, in order.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.actions: list[str] = []
        self._folder = folder
        self._environment = environment

    def does(self, action: str, *lines: str) -> str:
        """Do one thing, and with it what has to be typed; return what the last line prints."""
        self.actions.append(action)
        done = None
        for line in lines:
            done = subprocess.run(
                ["bash", "-ec", line],
                cwd=self._folder,
                env=self._environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout if done else ""


@pytest.fixture
def platform_name(images: docker.DockerClient) -> Iterator[str]:
    name = f"gptdeploy-test-{uuid4().hex[:8]}"
    yield name
    # Without a swarm there is none.
    if images.info()["Swarm"]["LocalNodeState"] == "active":
        platform_down(images, name)
        assert find_platform(images, name) is None


@pytest.fixture
def hub(tmp_path: Path, platform_name: str) -> Iterator[Hub]:
    builder = machine.runner_environment()
    path = os.pathsep.join([builder["PATH"], str(Path(sys.executable).parent)])
    environment = {**os.environ, **builder, "PATH": path, NAME_VARIABLE: platform_name}
    with Hub(tmp_path / "hub", 0, ActRunner(variables={}, environment=environment)) as hub:
        hub.create_repository(REPOSITORY, {"README.md": "# Services\n"})
        yield hub


@pytest.fixture
def person(tmp_path: Path, hub: Hub, platform_name: str) -> Iterator[Person]:
    ensure_program("gh", "gh")
    config = tmp_path / "gh"
    config.mkdir()
    (config / "config.yml").write_text(f"http_unix_socket: {config}/socket\n")
    names = [name for name in os.environ if name.startswith(("GITHUB_", "OPENAI_", "GPTDEPLOY_", "GH_"))]
    clean = {name: value for name, value in os.environ.items() if name not in names}
    environment = clean | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}",
        "HOME": str(tmp_path),
        "GH_CONFIG_DIR": str(config),
        "GH_HOST": "github.example",
        "GH_ENTERPRISE_TOKEN": hub.token("octo"),
        "GH_PROMPT_DISABLED": "1",
        "GIT_AUTHOR_NAME": "octo",
        "GIT_AUTHOR_EMAIL": "octo@example.com",
        "GIT_COMMITTER_NAME": "octo",
        "GIT_COMMITTER_EMAIL": "octo@example.com",
        NAME_VARIABLE: platform_name,
    }
    address = urlsplit(hub.url)
    with pipe(config / "socket", (str(address.hostname), int(address.port or 0))):
        yield Person(tmp_path, environment)


def listed(page: Page) -> list[str]:
    """Return what the page says is to be done, without what is done."""
    items = [each.inner_text() for each in page.get_by_role("list").get_by_role("listitem").all()]
    return [item for item in items if not item.rstrip().endswith("done")]


def looked(page: Page) -> str:
    """Look again until the doctor has ended; return its verdict."""
    deadline = time.monotonic() + 60
    while "looking" in (verdict := page.locator("#verdict").inner_text()):
        assert time.monotonic() < deadline, page.locator("body").inner_text()
        page.wait_for_timeout(200)
    return verdict


def test_from_nothing_to_a_live_service(
    hub: Hub, person: Person, images: docker.DockerClient, platform_name: str, tmp_path: Path, browser: Browser
) -> None:
    began = time.monotonic()
    bot, idea = tmp_path / "bot", load("qr")
    bot.mkdir()
    ports = [free_port() for _ in range(3)]
    environment = {"GITHUB_URL": hub.url, "GPTDEPLOY_BIND": f"127.0.0.1:{ports[0]}"}
    with (
        ScriptedModel() as scripted,
        Spoken(scripted.base_url) as model,
        served(bot, environment) as address,
        browser.new_page(viewport={"width": 390, "height": 800}) as page,
    ):
        # Beside what it has written down, it knows what the doctor asks.
        model.about["is this an answer?"] = ["Yes."] * 9
        person.does("start `gptdeploy serve`, and open the address that it shows")
        page.goto(address)
        assert len(listed(page)) == 10
        person.does("press the button")
        page.get_by_role("button", name="Register the App on GitHub").click()
        person.does("confirm the App's name")
        page.get_by_role("button", name="Create GitHub App for octo").click()
        expect(page.get_by_text("the App gptdeploy of octo")).to_be_visible(timeout=_SOON)
        person.does("install the App")
        page.goto(f"{hub.url}/apps/gptdeploy/installations/new")
        page.get_by_role("button", name="Install").click()
        person.does("give the bot a model")
        expect(page.get_by_label("OPENAI_BASE_URL")).to_be_visible(timeout=_SOON)
        page.get_by_label("OPENAI_BASE_URL").fill(model.url)
        page.get_by_label("OPENAI_MODEL").fill("scripted")
        page.get_by_role("button", name="Keep them in .env").click()
        expect(page.get_by_role("heading", name="Give the bot a model")).to_be_hidden(timeout=_SOON)

        looked(page)
        (line,) = [each for each in page.locator("pre.line").all_inner_texts() if "gptdeploy init" in each]
        # The line that the page shows, but that the hub has no name that git could resolve.
        clone = f"git clone --quiet http://octo:{hub.token('octo')}@{urlsplit(hub.url).netloc}/{REPOSITORY}.git"
        written = line.replace(f"gh repo clone {REPOSITORY}", clone)
        assert written != line
        init, _, push = written.partition(" && git -C services add ")
        person.does("put the files into the repository", init)
        person.does("commit and push them", f"git -C services add {push}")
        up = f"gptdeploy platform up --port {ports[1]} --registry {ports[2]}"
        assert f"127.0.0.1:{ports[2]}" in person.does("set up a platform", up)
        variables = f"repos/{REPOSITORY}/actions/variables"
        person.does("set a variable", f"gh api --silent {variables} -f name=REGISTRY -f value=127.0.0.1:{ports[2]}")

        page.get_by_role("button", name="Look again").click()
        assert "green: nothing is missing" in looked(page), page.locator("body").inner_text()
        picture(page, "walk-1")
        person.does("open an issue by the form")
        page.goto(f"{hub.url}/{REPOSITORY}/issues/new?template=microservice.yml")
        page.get_by_label("Title").fill(idea.title)
        page.get_by_label("Description").fill(idea.description)
        page.get_by_label("Test scenarios").fill("\n".join(f"- {scenario}" for scenario in idea.scenarios))
        page.get_by_role("button", name="Create issue").click()
        deadline = time.monotonic() + _LIVE_SECONDS
        with hub.parts.state.lock:
            issue = hub.repository(REPOSITORY).issues[1]
        while not (live := re.search(r"is live\b.*?(http://\S+?/)[)\s]", _status(issue.comments), re.DOTALL)):
            assert time.monotonic() < deadline, (_status(issue.comments), (bot / "log").read_text()[-3000:])
            page.wait_for_timeout(200)
        page.reload()
        picture(page, "walk-2")
        host = urlsplit(live[1])
        answer = httpx.post(
            f"http://127.0.0.1:{ports[1]}/execute",
            headers={"Host": host.netloc},
            json={"text": "https://www.example.com"},
            timeout=30,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
    assert len(person.actions) <= MOST, json.dumps(person.actions, indent=1)
    print(f"{len(person.actions)} actions, {time.monotonic() - began:.0f} s")


def _status(comments: object) -> str:
    return "\n".join(comment.body for comment in comments)  # type: ignore[attr-defined]
