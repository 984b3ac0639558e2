"""Build stages of a service with the engine's classic builder, keep what serves as cache, and clear away the rest.

The builder is used through the engine's API: that needs no command on the bot's machine, and every engine has it
(https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild).
"""

from __future__ import annotations

import io
import re
import tarfile
import time
from collections.abc import Iterator, Mapping
from typing import Any

import docker
from docker.errors import APIError

from bot.clients.docker_engine.removal import tolerate
from bot.errors import TransientError

LABEL = "gptdeploy.preflight"
"""On whatever is created here: `tools` on images that serve as cache, else when it shall be gone (epoch, seconds)."""

REPOSITORY = "gptdeploy-preflight"
"""The name of the images that serve as cache: all that is installed before the sources come."""

_KEPT = 5
_LINES = 20_000
# What the builder says where the service's files are to blame; anything else is about the engine or the registry.
_OF_THE_SERVICE = re.compile(r"The command '|(?:COPY|ADD) failed|dockerfile parse error|unknown instruction", re.I)


def build(
    client: docker.DockerClient,
    files: Mapping[str, str | bytes],
    target: str,
    label: str,
    seconds: float,
    network: str | None = None,
) -> tuple[str | None, list[str]]:
    """Build up to the stage `target`; return the image's id, or None where that failed, and the builder's log.

    Args:
        files: the build context by path.
        seconds: what it may take, and how long again it may say nothing.
        network: of the containers it is built in; None for the engine's usual one.

    Raises:
        TransientError: the engine or a registry fails in a way that says nothing about the files.
    """
    output, image = list[str](), None
    deadline = time.monotonic() + seconds
    try:
        events: Iterator[dict[str, Any]] = client.api.build(
            fileobj=_context(files),
            custom_context=True,
            target=target,
            labels={LABEL: label},
            network_mode=network,
            rm=True,
            forcerm=True,
            decode=True,
            timeout=int(seconds) + 1,
        )
        for event in events:
            output.append(str(event.get("stream", "")))
            if error := event.get("error"):
                if not _OF_THE_SERVICE.match(error):
                    raise TransientError(f"The Docker engine cannot build: {error}")
                return None, lines("".join(output) + f"\n{error}")
            image = event.get("aux", {}).get("ID", image)
            if time.monotonic() > deadline:
                # Who hangs up has the engine end the build.
                return None, lines("".join(output) + f"\nERROR: not built within {seconds:g} seconds")
    except APIError as error:
        if not error.is_client_error():
            raise
        return None, [f"Error response from daemon: {error.explanation or error}"]
    if image is None:
        raise TransientError("The Docker engine ended the build without an image.")
    return image, lines("".join(output))


def keep(client: docker.DockerClient, image: str) -> None:
    """Name the image, so that its layers stay as cache, and let go of all but the newest ones."""
    client.images.get(image).tag(REPOSITORY, tag=image.rpartition(":")[2][:12])
    # Not as objects: asking for each of them fails where another process has just removed one.
    images: list[dict[str, Any]] = client.api.images(REPOSITORY)
    for old in sorted(images, key=lambda one: int(one["Created"]), reverse=True)[_KEPT:]:
        if old["Id"] != image:
            for tag in old["RepoTags"] or ():
                remove_image(client, tag)


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


def remove_container(client: docker.DockerClient, name: str) -> None:
    """End and remove a container; that it is gone already is fine."""
    tolerate(lambda: client.api.remove_container(name, force=True, v=True))


def remove_image(client: docker.DockerClient, name: str) -> None:
    """Remove an image; that it is gone already, or in use by another run, is fine."""
    tolerate(lambda: client.api.remove_image(name))


def lines(output: str) -> list[str]:
    """Return the last lines of what was said, as many as anybody will look at."""
    return output.splitlines()[-_LINES:]


def _due(labels: Mapping[str, str]) -> float:
    return float(labels[LABEL]) if labels[LABEL].isdecimal() else float("inf")


def _context(files: Mapping[str, str | bytes]) -> io.BytesIO:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    archive.seek(0)
    return archive
