"""Everything the demo runs: platform, hub, model and bot. It is stopped in the reverse order."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import docker
import yaml

from bot.clients import docker_engine
from bot.config import DEFAULT_LABEL, REPO_CONFIG_PATH, read_settings, settle
from bot.demo import Say, images, machine
from bot.demo.launch import start_bot
from bot.demo.ports import free_port, starting
from bot.demo.processes import BotCommands
from bot.demo.scripted import ScriptedModel
from bot.demo.state import REQUEST_LOG, State
from bot.deploy import DEFAULT_NAME, NAME_VARIABLE, Platform, own_registry, platform_down, platform_port, platform_up
from bot.hub import ActRunner, Hub
from bot.init import repository_files
from bot.runs.durable.client import DurableRuns
from bot.values.progress import Progress

REPOSITORY = "octo/services"
OWNER = "octo"
APP_SLUG, BOT_LOGIN = "gptdeploy", "gptdeploy[bot]"

# How often the demo's bot asks the embedded GitHub itself, seconds: only where a webhook got lost.
_POLL_SECONDS = "60"
_LOCK = machine.ENGINE.state / "demo.lock"


@dataclass(frozen=True)
class Stack:
    """What runs, and where.

    Attributes:
        bot_url: the bot's pages.
        scripted: whether the model is the scripted one.
    """

    hub: Hub
    runs: DurableRuns
    bot_url: str
    scripted: bool

    def open_issue(self, title: str, body: str) -> tuple[int, str]:
        """Open an issue with the label; return its number and its page."""
        issue = self.hub.open_issue(REPOSITORY, title, body, labels=[DEFAULT_LABEL], author=OWNER)
        return issue.number, f"{self.hub.url}/{REPOSITORY}/issues/{issue.number}"

    def requests(self, since: int) -> dict[str, int]:
        """Count what the bot has asked of GitHub, by kind, without the first `since` requests that GitHub got."""
        return self.hub.counted(BOT_LOGIN, APP_SLUG, since=since)

    def look(self, issue: int) -> tuple[Progress | None, bool]:
        """Return how far the newest run of an issue is, and whether it has ended."""
        progress = self.runs.latest(REPOSITORY, issue)
        return progress, progress is not None and self.runs.finished(progress.run_id)


def prepare_machine(state: State, say: Say) -> docker.DockerClient:
    """Make sure that a Docker engine answers and has the images the demo needs; return a client of it."""
    engine = machine.ensure_engine(say)
    if engine.started:
        state.record(engine=True)
    client = docker_engine.connect()
    with starting(_LOCK, say):
        images.ensure(client, (images.PYTHON, images.CADDY, images.REGISTRY), say)
    return client


@dataclass(frozen=True)
class Choices:
    """What a person chooses for a demo.

    Attributes:
        config: the text of the repository's `.github/microservice.yml`, "" for none.
        environ: the environment; its `OPENAI_*` settings choose the model, `GPTDEPLOY_PLATFORM` the platform's name.
        bot: what starts the bot's processes.
        latency: seconds that every request of the bot to GitHub takes longer.
    """

    config: str
    environ: Mapping[str, str]
    bot: BotCommands
    latency: float = 0.0


def repository_config(lines: Mapping[str, str]) -> str:
    """Return the text of a repository's configuration file, "" for no lines.

    Raises:
        UserError: a key or a value is wrong.
    """
    text = yaml.safe_dump({key: yaml.safe_load(value) for key, value in lines.items()}) if lines else ""
    settle([read_settings(REPOSITORY, text)])
    return text


def start(stack: ExitStack, state: State, client: docker.DockerClient, choices: Choices, say: Say) -> Stack:
    """Start everything on loopback. `stack` stops it again, except for the platform with its registry.

    That stays when the demo ends, and with it the services that are deployed.

    Raises:
        UserError: a part does not come up.
    """
    with starting(_LOCK, say):
        return _start(stack, state, client, choices, say)


def _start(stack: ExitStack, state: State, client: docker.DockerClient, choices: Choices, say: Say) -> Stack:
    name = choices.environ.get(NAME_VARIABLE) or DEFAULT_NAME
    platform = Platform(port=platform_port(client, name) or free_port(8080), name=name)
    state.record(platform=name, port=platform.port)
    say("platform: Swarm, ingress, playground and registry")
    platform_up(client, platform)
    registry_port = own_registry.port_of(client, platform) or free_port(own_registry.PORT)
    address = own_registry.set_up(client, platform, registry_port, images.REGISTRY)

    logs = state.fresh("logs")
    hub = _start_hub(stack, state, choices, {"REGISTRY": address})
    files = repository_files() | {"README.md": "# Services\n\nOpen an issue to get one.\n"}
    files |= {REPO_CONFIG_PATH: choices.config} if choices.config else {}
    hub.create_repository(REPOSITORY, files, [DEFAULT_LABEL])

    model, scripted = _model(stack, choices.environ)
    settings = _install_bot(hub, state)
    start_bot(stack, choices.bot, {**choices.environ, **model, **settings}, logs)
    runs = DurableRuns(settings["DATABASE_URL"])
    stack.callback(runs.close)
    return Stack(hub=hub, runs=runs, bot_url=f"http://{settings['GPTDEPLOY_BIND']}", scripted=scripted)


def take_down(state: State, say: Say) -> None:
    """Remove all that a demo started: services, platform, and the engine if it was the demo's."""
    started = state.started
    if machine.engine_answers():
        client = docker_engine.connect()
        if started.port:
            say("removing services and platform")
            platform_down(client, started.platform)
        client.close()
    if started.engine:
        say("stopping the Docker engine")
        machine.stop_engine()
    state.clear()


def _start_hub(stack: ExitStack, state: State, choices: Choices, variables: Mapping[str, str]) -> Hub:
    """Start the embedded GitHub, whose runner is this machine."""
    builder = machine.runner_environment()
    # The deploy workflow finds `gptdeploy` on the runner's PATH, the hub finds act there.
    path = os.pathsep.join([builder["PATH"], str(Path(sys.executable).parent)])
    runner = ActRunner(variables=variables, environment={**choices.environ, **builder, "PATH": path})
    hub = Hub(state.fresh("hub"), free_port(3000), runner, latency=choices.latency)
    hub.start()
    stack.callback(hub.stop)
    stack.callback(_keep_requests, hub, state.root / REQUEST_LOG)
    return hub


def _install_bot(hub: Hub, state: State) -> dict[str, str]:
    """Install the bot's App on the embedded GitHub, and return the bot's settings."""
    bot_port = free_port(8000)
    webhook_secret = secrets.token_hex(16)
    app = hub.install_app(f"http://127.0.0.1:{bot_port}/webhook", webhook_secret)
    key = state.root / "app.pem"
    key.write_text(app.private_key_pem)
    key.chmod(0o600)
    return {
        "GITHUB_APP_ID": str(app.app_id),
        "GITHUB_PRIVATE_KEY": str(key),
        "GITHUB_WEBHOOK_SECRET": webhook_secret,
        "GITHUB_API_URL": hub.api_url,
        "DATABASE_URL": f"sqlite:///{state.fresh('bot')}/runs.sqlite",
        "GPTDEPLOY_BIND": f"127.0.0.1:{bot_port}",
        "GPTDEPLOY_POLL_SECONDS": _POLL_SECONDS,
    }


def _keep_requests(hub: Hub, file: Path) -> None:
    """Write the requests to the embedded GitHub into a file, in their order."""
    keys = ("method", "path", "actor", "status", "kind")
    file.write_text(json.dumps([{key: getattr(request, key) for key in keys} for request in hub.requests], indent=1))


def _model(stack: ExitStack, environ: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """Return the settings of the model, and whether it is the scripted one because none is named."""
    if environ.get("OPENAI_API_KEY") or environ.get("OPENAI_BASE_URL"):
        return {}, False
    scripted = ScriptedModel()
    scripted.start()
    stack.callback(scripted.stop)
    return {"OPENAI_BASE_URL": scripted.base_url, "OPENAI_API_KEY": "scripted", "OPENAI_MODEL": "scripted"}, True


def environment() -> dict[str, str]:
    """Return the process's environment; the demo reads `OPENAI_*` from it and hands the rest on."""
    return dict(os.environ)
