"""The catalogue of a platform: one `<slug>.json` a service, in a volume that the playground and the ingress read."""

from __future__ import annotations

import io
import json
import re
import tarfile
from typing import Any

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from bot.deploy.layout import Platform
from bot.errors import UserError

_FOLDER = "/catalog"
_SLUG = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")


def write(client: docker.DockerClient, platform: Platform, entry: dict[str, Any]) -> None:
    """Put an entry (with `slug`) in the place of the one before, in one stroke: readers see the old or the new."""
    slug = _checked(entry["slug"])
    container = _container(client, platform)
    data = json.dumps(entry, ensure_ascii=False).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        info = tarfile.TarInfo(f".{slug}.new")
        info.size, info.mode = len(data), 0o644
        tar.addfile(info, io.BytesIO(data))
    container.put_archive(_FOLDER, archive.getvalue())
    _run(container, ["mv", "-f", f"{_FOLDER}/.{slug}.new", f"{_FOLDER}/{slug}.json"])


def remove(client: docker.DockerClient, platform: Platform, slug: str) -> None:
    """Remove the entry of a service; from then on the ingress answers 404 for it."""
    _run(_container(client, platform), ["rm", "-f", f"{_FOLDER}/{_checked(slug)}.json"])


def exists(client: docker.DockerClient, platform: Platform, slug: str) -> bool:
    """Tell whether a service has an entry."""
    result = _container(client, platform).exec_run(["test", "-e", f"{_FOLDER}/{_checked(slug)}.json"], user="0")
    return bool(result.exit_code == 0)


def _container(client: docker.DockerClient, platform: Platform) -> Container:
    try:
        return client.containers.get(platform.playground)
    except NotFound as error:
        raise UserError("The platform has no playground: `gptdeploy platform up` mends it.") from error


def _run(container: Container, command: list[str]) -> None:
    # As root: the playground's own user may only read.
    result = container.exec_run(command, user="0")
    if result.exit_code:
        output: Any = result.output
        raise UserError(f"The platform's catalogue cannot be written: {output.decode('utf-8', 'replace').strip()}")


def _checked(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise UserError(f"`{slug}` cannot be the name of a service.")
    return slug
