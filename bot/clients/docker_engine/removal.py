"""Remove containers and images that may be gone, or be used by somebody else, by the time the engine is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import docker
from docker.errors import APIError, NotFound

LABEL = "gptdeploy.preflight"
"""On whatever is created for a preflight: `tools` on images that serve as cache, on anything else the time from which
it may be removed (epoch, seconds)."""


def tolerate(act: Callable[[], Any]) -> None:
    """End or remove something by calling `act`; "no such thing" and "in use" are no errors."""
    try:
        act()
    except NotFound:
        pass
    except APIError as error:
        if error.status_code != 409:
            raise


def remove_container(client: docker.DockerClient, name: str) -> None:
    """End and remove a container, if it is still there."""
    tolerate(lambda: client.api.remove_container(name, force=True, v=True))


def remove_image(client: docker.DockerClient, name: str) -> None:
    """Remove an image, if it is still there and no other run uses it."""
    tolerate(lambda: client.api.remove_image(name))


def sweep(client: docker.DockerClient) -> None:
    """Remove what a process that died has left behind."""
    now = time.time()
    filters: dict[str, Any] = {"label": LABEL}
    for container in client.api.containers(all=True, filters=filters):
        if _due(container["Labels"]) < now:
            remove_container(client, container["Id"])
    for image in client.api.images(filters=filters):
        if _due(image["Labels"]) < now:
            remove_image(client, image["Id"])


def _due(labels: Mapping[str, str]) -> float:
    return float(labels[LABEL]) if labels[LABEL].isdecimal() else float("inf")
