"""The bot's own image: it builds on the base image there is, runs as nobody special, and starts what it says."""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import docker
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.demo import machine
from bot.demo.ports import free_port

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
    port = free_port(0)
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
