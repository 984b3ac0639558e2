"""Everything the demo runs, started in order and stopped in reverse: hub, bot, registry, platform, model."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import docker
import httpx
import yaml

from bot.config.repository import REPO_CONFIG_PATH, RepoConfig
from bot.config.settings import DEFAULT_LABEL
from bot.demo import images, machine, registry
from bot.demo.ports import free_port
from bot.demo.processes import BotCommands
from bot.demo.scripted import ScriptedModel
from bot.demo.state import REQUEST_LOG, State, end
from bot.deploy.layout import Platform
from bot.deploy.swarm import platform_down, platform_port, platform_up
from bot.errors import UserError
from bot.hub.act.runner import ActRunner
from bot.hub.server import Hub
from bot.init import repository_files
from bot.render import templates_dir
from bot.runs.durable.client import DurableRuns, lock_path
from bot.values.run import Progress

REPOSITORY = "octo/services"
OWNER = "octo"
APP_SLUG, BOT_LOGIN = "gptdeploy", "gptdeploy[bot]"

# How often the demo's bot asks the embedded GitHub itself; nobody else uses it, so it may be often.
_POLL_SECONDS = "10"
_START_SECONDS = 60

Say = Callable[[str], None]


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
    client = docker.from_env()
    images.ensure(client, (images.PYTHON, images.CADDY, images.REGISTRY), say)
    return client


def start(
    stack: ExitStack,
    state: State,
    client: docker.DockerClient,
    config: Mapping[str, str],
    environ: Mapping[str, str],
    bot: BotCommands,
    say: Say,
    latency: float = 0.0,
) -> Stack:
    """Start everything on loopback; `stack` stops what shall not outlive the demo.

    Registry and platform stay when the demo ends, and with them the deployed services.

    Args:
        config: what goes into the repository's `.github/microservice.yml`.
        environ: the environment; its `OPENAI_*` settings choose the model.
        bot: what starts the bot's processes.
        latency: seconds that every request of the bot to GitHub takes longer.
    """
    repo_config = yaml.safe_dump({key: yaml.safe_load(value) for key, value in config.items()}) if config else ""
    RepoConfig.parse(repo_config)
    registry_port = state.started.registry_port or free_port(5000)
    state.record(registry_port=registry_port)
    registry.start(client, registry_port, say)
    port = platform_port(client) or free_port(8080)
    state.record(port=port)
    say("platform: Swarm, ingress and playground")
    platform_up(client, Platform(domain="localhost", port=port, bind="127.0.0.1"))

    logs = state.fresh("logs")
    builder = machine.runner_environment()
    # The deploy workflow finds `gptdeploy` on the runner's PATH, the hub finds act there.
    path = os.pathsep.join([builder["PATH"], str(Path(sys.executable).parent)])
    runner = ActRunner(
        variables={"REGISTRY": f"127.0.0.1:{registry_port}"}, environment={**environ, **builder, "PATH": path}
    )
    hub = Hub(state.fresh("hub"), free_port(3000), runner, latency=latency)
    hub.start()
    stack.callback(hub.stop)
    stack.callback(_keep_requests, hub, state.root / REQUEST_LOG)
    files = repository_files() | {"README.md": "# Services\n\nOpen an issue to get one.\n"}
    if repo_config:
        files[REPO_CONFIG_PATH] = repo_config
    hub.create_repository(REPOSITORY, files)

    model, scripted = _model(stack, environ)
    bot_port = free_port(8000)
    bot_url = f"http://127.0.0.1:{bot_port}"
    webhook_secret = secrets.token_hex(16)
    app = hub.install_app(f"{bot_url}/webhook", webhook_secret)
    key = state.root / "app.pem"
    key.write_text(app.private_key_pem)
    key.chmod(0o600)
    database = f"sqlite:///{state.fresh('bot')}/runs.sqlite"
    settings = {
        "GITHUB_APP_ID": str(app.app_id),
        "GITHUB_PRIVATE_KEY": str(key),
        "GITHUB_WEBHOOK_SECRET": webhook_secret,
        "GITHUB_API_URL": hub.api_url,
        "DATABASE_URL": database,
        "GPTDEPLOY_BIND": f"127.0.0.1:{bot_port}",
        "GPTDEPLOY_URL": bot_url,
        "GPTDEPLOY_POLL_SECONDS": _POLL_SECONDS,
    }
    processes = {}
    for part, command in (("web", bot.web), ("worker", bot.worker)):
        process = processes[part] = _bot(command, {**environ, **model, **settings}, logs / f"{part}.log")
        stack.callback(end, process.pid)
    _await(processes["web"], logs / "web.log", lambda: _answers(f"{bot_url}/healthz"))
    _await(processes["worker"], logs / "worker.log", lambda: _nonempty(lock_path(database)))
    runs = DurableRuns(database)
    stack.callback(runs.close)
    return Stack(hub=hub, runs=runs, bot_url=bot_url, scripted=scripted)


def take_down(state: State, say: Say) -> None:
    """Remove all that a demo started: services, platform, registry, and the engine if it was the demo's."""
    started = state.started
    if machine.engine_answers():
        client = docker.from_env()
        if started.port:
            say("removing services and platform")
            platform_down(client)
        if started.registry_port:
            registry.stop(client)
        client.close()
    if started.engine:
        say("stopping the Docker engine")
        machine.stop_engine()
    state.clear()


def _keep_requests(hub: Hub, file: Path) -> None:
    """Write down what was asked of the embedded GitHub, in order."""
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


def _bot(command: Sequence[str], environ: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        # A session of its own, so that Ctrl-C reaches the demo alone and it stops the parts in order.
        return subprocess.Popen(
            command,
            env=dict(environ),
            cwd=templates_dir().parent,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _await(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise UserError(f"The bot did not come up; {log} ends with:\n{log.read_text()[-2000:]}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _nonempty(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def environment() -> dict[str, str]:
    """Return the process's environment; the demo reads `OPENAI_*` from it and hands the rest on."""
    return dict(os.environ)
