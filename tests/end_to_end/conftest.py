"""What the end-to-end tests share: an engine, images, a browser, and one stack of registry, platform, hub and bot.

An engine that was started here is stopped at the end; images stay in its storage, so that a second run finds them. The
stack is what a first `gptdeploy demo` leaves behind; `gptdeploy demo --down` removes it at the end.

Most of the time something is waited for. So groups of tests run side by side, each in a process of its own.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext, suppress
from functools import partial
from inspect import signature
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import docker
import pytest
from docker.errors import NotFound
from playwright.sync_api import Browser, sync_playwright

from bot.clients.docker_engine import Engine, tolerate
from bot.clients.docker_engine.removal import LABEL as LABEL_OF_PREFLIGHT
from bot.demo import Say, machine
from bot.demo import images as stock
from bot.demo.command import IssueFile
from bot.demo.examples import load as load_example
from bot.demo.ports import free_port, starting
from bot.demo.processes import BotCommands
from bot.demo.scripted import ScriptedModel
from bot.demo.stack import Choices, Stack, repository_config, start
from bot.demo.state import State
from bot.deploy import Platform, find_platform, platform_down, platform_up
from bot.deploy.layout import LABEL
from bot.deploy.removal import withdraw
from tests.end_to_end import capitals, services
from tests.end_to_end.demos import REPLAYED, RUN_SECONDS, Demo, Second, Spoken
from tests.end_to_end.groups import GroupScheduling
from tests.end_to_end.services import Drawing
from tests.evaluate.endpoint import Replayer, staged
from tests.evaluate.record import FOLDER
from tests.evaluate.suite import load
from tests.evaluate.trial import attempt

_HERE = Path(__file__).parent


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling | None:
    return GroupScheduling(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, so that `-m "not end_to_end"` leaves it out.

    What asks only how something ended that is under way comes last.
    """
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.end_to_end)
    items.sort(key=_looks_back)


def _looks_back(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    return not {"issues", "results"}.isdisjoint(signature(item.function).parameters)


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Say:
    """Tell the person at the terminal what takes so long; pytest does not capture it."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def write(line: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            print(f"set-up: {line}", file=sys.stderr)

    return write


@pytest.fixture(scope="session")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of this test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def engine(say: Say, together: Path) -> Iterator[docker.DockerClient]:
    """A client of an engine that answers. If it was started here, the last process that uses it stops it."""
    ours = together / "engine-is-ours"
    with (together / "engine-users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with starting(together / "set-up", lambda _: None):
            handle = machine.ensure_engine(say)
        if handle.started:
            ours.touch()
        yield handle.client
        handle.client.close()
        with suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if ours.exists():
                machine.stop_engine()


@pytest.fixture(scope="session")
def images(engine: docker.DockerClient, say: Say, together: Path) -> docker.DockerClient:
    """A client of an engine that has the images the demo needs."""
    with starting(together / "set-up", lambda _: None):
        stock.ensure(engine, (stock.PYTHON, stock.CADDY, stock.REGISTRY), say)
    return engine


@pytest.fixture(scope="session")
def demo(images: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The command, before anything runs; what it has started is gone afterwards.

    Its platform has a name of its own: a demo that a person has up on this machine, or left behind, stays as it is.
    """
    name = f"gptdeploy-test-{uuid4().hex[:8]}"
    demo = Demo(tmp_path_factory.mktemp("demo"), name)
    yield demo
    done = demo.run("--down")
    assert done.returncode == 0, done.stderr
    assert not (demo.folder / ".gptdeploy").exists()
    ours: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={name}"}
    assert not images.containers.list(all=True, filters=ours, ignore_removed=True)
    assert not images.networks.list(filters=ours)
    assert not images.volumes.list(filters=ours)
    assert not images.containers.list(all=True, filters={"name": name}, ignore_removed=True)


@pytest.fixture(scope="session")
def qr(demo: Demo) -> dict[str, Any]:
    """What `gptdeploy demo` tells of the example `qr`; registry, platform and service stay up."""
    return demo.once("--example", "qr")


@pytest.fixture(scope="session")
def second(demo: Demo, qr: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Second:
    beside = demo.beside(tmp_path_factory.mktemp("beside"))
    example = load_example("qr")
    tests = [word for scenario in example.scenarios for word in ("--test", scenario)]
    with ThreadPoolExecutor() as threads:
        typed = threads.submit(demo.typed, "--description", example.description, *tests, "--verbose")
        config = ("--config", "fixes=0", "--config", "strategies=1")
        return Second(beside.once("--example", "qr", *config, status=1), typed.result())


@pytest.fixture(scope="session")
def spoken() -> Iterator[Spoken]:
    """The model of the stack where nothing is recorded: it says what a test tells it to, and knows the examples."""
    with ScriptedModel() as scripted, Spoken(scripted.base_url) as spoken:
        yield spoken


@pytest.fixture(scope="session")
def idle_stack(demo: Demo, second: Second, images: docker.DockerClient, spoken: Spoken) -> Iterator[Stack]:
    """Hub and bot, once for all tests; they use the registry and the platform of the command.

    The model replies what was recorded of tasks of the evaluation, and beyond them what `spoken` says.
    It comes after every use of the command, which does not start twice in a folder.
    """
    state = State(demo.folder / ".gptdeploy")
    with state.held(), ExitStack() as parts:
        recorded = parts.enter_context(Replayer(load(REPLAYED), FOLDER, beyond=spoken.url))
        config, environ = repository_config({"clarify": "never"}), staged(demo.environment, recorded.url)
        yield start(parts, state, images, Choices(config, environ, BotCommands()), print)


@pytest.fixture(scope="session")
def issues(idle_stack: Stack) -> dict[str, int]:
    """Issues that are opened at the same time, whose runs go side by side: number by example."""
    ideas = {
        "obj": IssueFile.model_validate(load_example("obj").model_dump(include=set(IssueFile.model_fields))),
        "pdf": IssueFile.model_validate(load_example("pdf").model_dump(include=set(IssueFile.model_fields))),
        "unknown": IssueFile(title="Fold proteins", description="Fold proteins"),
    }
    return {name: idle_stack.open_issue(idea.title, idea.body())[0] for name, idea in ideas.items()}


@pytest.fixture(scope="session")
def results(idle_stack: Stack) -> Iterator[dict[str, Future[dict[str, Any]]]]:
    """Tasks of the evaluation that were begun at the same time: what will come of each."""
    stopped = Event()
    with ThreadPoolExecutor(len(REPLAYED)) as pool:
        yield {task.name: pool.submit(attempt, idle_stack, task, RUN_SECONDS, stopped) for task in load(REPLAYED)}
        stopped.set()


@pytest.fixture(scope="session")
def stack(idle_stack: Stack, issues: dict[str, int], results: dict[str, Future[dict[str, Any]]]) -> Stack:
    """The same, with all on its way that takes long; meanwhile there are other tests."""
    return idle_stack


@pytest.fixture(scope="session")
def platform(demo: Demo, qr: dict[str, Any], images: docker.DockerClient) -> Platform:
    """The platform of the stack; the service `qr-code` is on it."""
    platform = find_platform(images, demo.platform)
    assert platform is not None
    return platform


@pytest.fixture(scope="session")
def ground(images: docker.DockerClient) -> Iterator[Platform]:
    """A platform without a demo, for what is done with services and with the platform itself."""
    platform = Platform(port=free_port(), name=f"gptdeploy-test-{uuid4().hex[:8]}")
    platform_up(images, platform)
    yield platform
    platform_down(images, platform.name)
    assert find_platform(images, platform.name) is None


@pytest.fixture(scope="session")
def chromium(say: Say, together: Path) -> Path:
    """The path of a browser, as playwright takes it for `executable_path`."""
    with starting(together / "set-up", lambda _: None):
        return machine.ensure_chromium(say)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=str(chromium), args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def drawing(
    ground: Platform, images: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Drawing]:
    """A service that is built, and not deployed yet."""
    name = f"gptdeploy-test-{uuid4().hex[:8]}"
    root = tmp_path_factory.mktemp("platform")
    for path, text in services.files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    folder = root / "services" / services.SPEC.slug
    # With the workflows' builder, which keeps what it has installed for the next time.
    command = ["docker", "build", "--quiet", "--target", "service", "--tag", f"{name}:1", str(folder)]
    subprocess.run(command, check=True, env={**os.environ, **machine.runner_environment()}, stdout=subprocess.DEVNULL)
    made = Drawing(images, ground, folder, f"{name}:1")
    yield made
    with suppress(NotFound):
        withdraw(images, ground, services.SPEC.slug)
    while any(container.status == "running" for container in made.containers()):
        time.sleep(0.1)
    for image in images.images.list(name):
        # What a variant was built on stays until the engine has forgotten the variant.
        tolerate(partial(images.images.remove, image.id or "", force=True))


@pytest.fixture(scope="session")
def live(drawing: Drawing) -> Drawing:
    """The same, with the service deployed."""
    assert drawing.deploy(drawing.image) == ""
    return drawing


@pytest.fixture(scope="session")
def kept(images: docker.DockerClient) -> docker.DockerClient:
    """The engine, with what every preflight needs in its cache, as some tests have little time.

    The cache stays for the next time; it holds a few images, and the newest of them.
    """
    assert Engine().build_and_test(capitals.service()) is None
    return images


@pytest.fixture
def engine_under_test(kept: docker.DockerClient) -> Iterator[Engine]:
    """The engine, which has nothing of ours but its cache afterwards."""
    yield Engine()
    assert kept.containers.list(all=True, filters={"label": LABEL_OF_PREFLIGHT}, ignore_removed=True) == []
    images = kept.images.list(filters={"label": LABEL_OF_PREFLIGHT})
    assert [image for image in images if not image.tags] == []


@pytest.fixture(params=["0", "1"], ids=["classic", "buildkit"])
def built(request: pytest.FixtureRequest, kept: docker.DockerClient, tmp_path: Path) -> Iterator[capitals.Built]:
    built = capitals.Built(kept, tmp_path, str(request.param))
    yield built
    built.remove()
