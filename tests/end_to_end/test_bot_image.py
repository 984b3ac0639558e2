"""The bot's own image: it builds on the base image there is, runs as nobody special, starts, and deploys."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import docker
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.clients.docker_engine import tolerate
from bot.clients.github import GitHub, NewCommit
from bot.demo import machine
from bot.demo.ports import free_port
from bot.deploy import NAME_VARIABLE, Platform, answers, own_registry, platform_down, platform_up, swarm
from bot.deploy.deployed import deployed
from bot.deploy.owner import NOBODY
from bot.foreign import Plain
from bot.hub import ActRunner, Hub
from bot.hub.state import Attempt
from bot.init import repository_files
from tests.end_to_end import services
from tests.end_to_end.registries import registry
from tests.end_to_end.visiting import references

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def image(images: docker.DockerClient) -> Iterator[str]:
    tag = f"gptdeploy-test-{uuid4().hex[:8]}"
    command = ["docker", "build", "--quiet", "--tag", tag, str(ROOT)]
    subprocess.run(command, check=True, env=machine.runner_environment(), timeout=600)
    yield tag
    images.images.remove(tag, force=True)


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_help_lists_every_command_and_nobody_is_root(images: docker.DockerClient, image: str) -> None:
    output = images.containers.run(image, ["--help"], remove=True).decode()
    for command in ("deploy", "demo", "init", "platform", "serve", "web", "worker"):
        assert f"\n  {command} " in output
    assert images.containers.run(image, ["-u"], entrypoint="id", remove=True).decode().strip() == "10001"
    assert "--announce" in images.containers.run(image, ["deploy", "--help"], remove=True).decode()


def test_missing_settings_are_named_all_at_once(images: docker.DockerClient, image: str) -> None:
    container = images.containers.run(image, ["worker"], detach=True)
    try:
        assert container.wait(timeout=60)["StatusCode"] == 2
        output = container.logs().decode()
    finally:
        container.remove(force=True)
    for name in ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"):
        assert name in output


def test_serve_answers_and_ends_when_told(images: docker.DockerClient, image: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    port = free_port()
    container = images.containers.run(
        image,
        detach=True,
        ports={"8000/tcp": ("127.0.0.1", port)},
        environment={
            "GITHUB_APP_ID": "1",
            "GITHUB_PRIVATE_KEY": key.decode(),
            "GITHUB_WEBHOOK_SECRET": secrets.token_hex(16),
            "OPENAI_API_KEY": "unused",
        },
    )
    try:

        def answers() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
            except httpx.TransportError:
                return False

        assert _within(60, answers), container.logs().decode()
        assert _within(60, lambda: b"worker is ready" in container.logs()), container.logs().decode()
        container.stop(timeout=30)
        # 137 would be the kill that follows when it does not end by itself.
        assert container.wait(timeout=10)["StatusCode"] == 0, container.logs().decode()
    finally:
        container.remove(force=True)


@pytest.fixture
def transit(images: docker.DockerClient) -> Iterator[str]:
    """The address of a registry on the way."""
    with registry(images) as made:
        yield made.address


def test_it_deploys_where_a_runner_has_no_command_of_the_bot(
    images: docker.DockerClient, image: str, transit: str, tmp_path: Path
) -> None:
    """The workflow builds and pushes to a registry on the way; the deployer puts the image into the platform's own."""
    name, repository = f"gptdeploy-test-{uuid4().hex[:8]}", "octo/services"
    platform = Platform(port=free_port(), name=name)
    path = [entry for entry in os.get_exec_path() if not (Path(entry) / "gptdeploy").exists()]
    builder = machine.runner_environment()
    if builder["PATH"] != os.environ["PATH"]:
        path.insert(0, builder["PATH"].split(os.pathsep)[0])
    runner = ActRunner(
        variables={"REGISTRY": transit, "GPTDEPLOY_IMAGE": image},
        environment={**os.environ, **builder, "PATH": os.pathsep.join(path), NAME_VARIABLE: name},
    )
    hub = Hub(tmp_path / "hub", free_port(), runner)
    hub.start()
    try:
        platform_up(images, platform)
        own = own_registry.set_up(images, platform, free_port(5950), swarm.IMAGES.registry)
        made = hub.create_repository(repository, repository_files())
        issue = hub.open_issue(repository, "Draw", "Draw a code.", []).number
        person = GitHub.with_token(hub.api_url, hub.token("octo")).repository(repository)
        head = person.head("main")
        assert head is not None
        sha = person.commit("main", head, NewCommit(Plain("Draw"), services.files("hosted"), "hosted"))

        def attempts() -> list[Attempt]:
            with hub.parts.state.lock:
                return [run.latest for run in made.workflow_runs if run.trigger.head_sha == sha]

        assert _within(300, lambda: [attempt.status for attempt in attempts()] == ["completed"])
        jobs = [job for attempt in attempts() for job in attempt.jobs.values() if job.log.exists()]
        assert attempts()[0].conclusion == "success", "\n".join(job.log.read_text() for job in jobs)
        live = deployed(images, platform, "hosted", NOBODY)
        assert live.history.current.image.startswith(f"{own}/octo/services/hosted@sha256:")
        assert live.history.current.commit == sha
        assert answers(platform.deployment("hosted").api_url, "hosted")
        with hub.parts.state.lock:
            comments = [comment.body for comment in made.issues[issue].comments]
        assert platform.deployment("hosted").playground_url in "".join(comments)
    finally:
        hub.stop()
        platform_down(images, name)
        for reference in references(images):
            if "/octo/services/hosted" in reference:
                tolerate(partial(images.images.remove, reference))
