"""Build stages of a service with the engine's classic builder, and keep the images that serve as cache.

The engine's API is used, because every engine has it and the bot's machine then needs no `docker` command
(https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild).
"""

from __future__ import annotations

import io
import re
import tarfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError

from bot.clients.docker_engine.removal import LABEL, remove_image
from bot.errors import TransientError

REPOSITORY = "gptdeploy-preflight"
"""The name of the images that serve as cache. They hold all that is installed before the sources are copied."""

_KEPT = 5
_LINES = 20_000
# What the builder says where the service's files are to blame. Any other error is the engine's or the registry's.
_SERVICE_ERROR = re.compile(r"The command '|(?:COPY|ADD) failed|dockerfile parse error|unknown instruction", re.I)


@dataclass(frozen=True)
class Stage:
    """A stage of a Dockerfile, and how it is built.

    Attributes:
        name: the last stage that is built.
        label: the value of `LABEL` on the image.
        seconds: what the build may take; the engine may be silent for as long.
        network: what the build's containers are connected to; None: the engine's usual network.
    """

    name: str
    label: str
    seconds: float
    network: str | None = None


def build(client: docker.DockerClient, files: Mapping[str, str | bytes], stage: Stage) -> tuple[str | None, list[str]]:
    """Build up to a stage; return the image's id, or None where that failed, and the builder's log.

    Args:
        files: the build context by path.

    Raises:
        TransientError: the engine or a registry fails in a way that says nothing about the files.
    """
    output, image = list[str](), None
    deadline = time.monotonic() + stage.seconds
    try:
        for event in _events(client, files, stage):
            output.append(str(event.get("stream", "")))
            if error := event.get("error"):
                if not _SERVICE_ERROR.match(error):
                    raise TransientError(f"The Docker engine cannot build: {error}")
                return None, last_lines("".join(output) + f"\n{error}")
            image = event.get("aux", {}).get("ID", image)
            if time.monotonic() > deadline:
                # The engine ends a build when the connection is closed.
                return None, last_lines("".join(output) + f"\nERROR: not built within {stage.seconds:g} seconds")
    except APIError as error:
        if not error.is_client_error():
            raise
        return None, [f"Error response from daemon: {error.explanation or error}"]
    if image is None:
        raise TransientError("The Docker engine ended the build without an image.")
    return image, last_lines("".join(output))


def _events(client: docker.DockerClient, files: Mapping[str, str | bytes], stage: Stage) -> Iterator[dict[str, Any]]:
    events: Iterator[dict[str, Any]] = client.api.build(
        fileobj=_context(files),
        custom_context=True,
        target=stage.name,
        labels={LABEL: stage.label},
        network_mode=stage.network,
        rm=True,
        forcerm=True,
        decode=True,
        timeout=int(stage.seconds) + 1,
    )
    return events


def keep(client: docker.DockerClient, image: str) -> None:
    """Name an image, so that its layers stay as cache, and remove all but the newest images of that name."""
    client.images.get(image).tag(REPOSITORY, tag=image.rpartition(":")[2][:12])
    # `client.images.list` asks for each image again, and fails where another process has just removed one.
    images: list[dict[str, Any]] = client.api.images(REPOSITORY)
    for old in sorted(images, key=lambda image: int(image["Created"]), reverse=True)[_KEPT:]:
        if old["Id"] != image:
            for tag in old["RepoTags"] or ():
                remove_image(client, tag)


def last_lines(output: str) -> list[str]:
    """Return the first line of an output, which says how the others are to be read, and the last 20,000."""
    first, *rest = output.splitlines() or [""]
    return [first, *rest[-_LINES:]]


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
