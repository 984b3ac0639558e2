"""The images of services on the engine: named by their digest, and removed when no version needs them any more."""

from __future__ import annotations

from collections.abc import Iterable

import docker
from docker.errors import APIError

from bot.clients.docker_engine import tolerate


def pinned(client: docker.DockerClient, image: str) -> str:
    """Return the image with the digest its registry has for it, so that every node takes the same one."""
    host = image.partition("/")[0]
    if "@" in image or "/" not in image or not any(mark in host for mark in ".:"):
        return image
    try:
        data = client.images.get_registry_data(image)
    except APIError:
        # The engine may have the image all the same; if it has not, the rollout says so.
        return image
    return f"{image}@{data.id}"


def remove(client: docker.DockerClient, images: Iterable[str]) -> None:
    """Remove images from the engine that is asked, with the tags that their registry's name has there.

    What is not there, or still used, stays; the registry keeps its own.
    """
    for name in images:
        tolerate(lambda name=name: _remove(client, name))  # type: ignore[misc]


def _remove(client: docker.DockerClient, name: str) -> None:
    place = name.partition("@")[0]
    found = client.images.get(name)
    digests: list[str] = found.attrs.get("RepoDigests") or []
    for reference in [*found.tags, *digests]:
        if reference.partition("@")[0] == place or reference.rpartition(":")[0] == place or reference == name:
            client.images.remove(reference)
