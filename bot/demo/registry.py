"""The demo's image registry: a container on loopback, which Docker engines trust without TLS."""

from __future__ import annotations

import contextlib
import time

import docker
import httpx
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from bot.demo import Say, images
from bot.errors import UserError

_LABEL = "gptdeploy.demo"
_LOOPBACK = "127.0.0.1"
_START_SECONDS = 30.0


def start(client: docker.DockerClient, port: int, say: Say, name: str) -> str:
    """Make sure that the registry runs, and return its address as image names begin with it: "127.0.0.1:5000".

    A registry that runs on another port is moved to this one, and keeps its images.

    Args:
        port: where it listens on loopback.
        name: of the container and of the volume that holds the images.

    Raises:
        UserError: the port is taken, or the registry does not come up.
    """
    address = f"{_LOOPBACK}:{port}"
    container = _find(client, name)
    if container is not None and _published(container) != port:
        container.remove(force=True)
        container = None
    try:
        if container is None:
            say(f"registry: {address}")
            container = client.containers.create(
                images.REGISTRY,
                name=name,
                labels={_LABEL: "registry"},
                ports={"5000/tcp": (_LOOPBACK, port)},
                volumes={name: {"bind": "/var/lib/registry", "mode": "rw"}},
                # The type stubs do not know this policy.
                restart_policy={"Name": "unless-stopped"},  # type: ignore[arg-type]
            )
        container.start()
    except APIError as error:
        if container is not None:
            container.remove(force=True)
        raise UserError(f"The registry does not start on {address}: {error.explanation}") from error
    _await(address, container)
    return address


def stop(client: docker.DockerClient, name: str) -> None:
    """Remove the registry with its images, if there is one."""
    container = _find(client, name)
    if container is not None:
        container.remove(force=True)
    with contextlib.suppress(NotFound):
        client.volumes.get(name).remove()


def _find(client: docker.DockerClient, name: str) -> Container | None:
    try:
        return client.containers.get(name)
    except NotFound:
        return None


def _published(container: Container) -> int | None:
    """Return the loopback port a container publishes, running or not."""
    bindings = container.attrs["HostConfig"]["PortBindings"] or {}
    return next((int(binding["HostPort"]) for binding in bindings.get("5000/tcp") or ()), None)


def _await(address: str, container: Container) -> None:
    """Wait until the registry's API answers: https://distribution.github.io/distribution/spec/api/#api-version-check"""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://{address}/v2/", timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
        container.reload()
        if container.status in ("exited", "dead"):
            break
    last_words = container.logs(tail=3).decode(errors="replace").strip()
    raise UserError(f"The registry does not answer at {address}: {last_words or 'it says nothing'}")
