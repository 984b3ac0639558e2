"""The catalogue of a platform: one `<slug>.json` a service, in a volume that the playground and the ingress read."""

from __future__ import annotations

import json
import re
from typing import Any

import docker
from docker.errors import NotFound

from bot.deploy.layout import EGRESS_FOLDER, Platform
from bot.errors import UserError

_FOLDER = "/catalog"
_SLUG = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
# The file is written under another name first, so that readers see the old entry or the new one, and nothing between.
_WRITE = 'printf %s "$2" > "$1.new" && mv -f "$1.new" "$1"'


def add(client: docker.DockerClient, platform: Platform, entry: dict[str, Any]) -> None:
    """Put in an entry (with `slug`) if the service has none; one that is there stays."""
    _shell(client, platform, f'test -e "$1" || {{ {_WRITE}; }}', entry)


def replace(client: docker.DockerClient, platform: Platform, entry: dict[str, Any]) -> None:
    """Put an entry (with `slug`) in the place of the one before."""
    _shell(client, platform, _WRITE, entry)


def remove(client: docker.DockerClient, platform: Platform, slug: str) -> None:
    """Remove the entry of a service, if it has one; from then on the ingress answers 404 for it."""
    _run(client, platform, ["rm", "-f", _path(slug)])


def set_egress(client: docker.DockerClient, platform: Platform, subnet: str, hosts: tuple[str, ...]) -> None:
    """Write down what the services of a subnet, named by its first address, may reach; with no hosts, nothing."""
    path = f"{EGRESS_FOLDER}/{subnet}.json"
    if hosts:
        script = f'mkdir -p "{EGRESS_FOLDER}" && {_WRITE}'
        _run(client, platform, ["sh", "-c", script, "sh", path, json.dumps(hosts)])
    else:
        _run(client, platform, ["rm", "-f", path])


def _shell(client: docker.DockerClient, platform: Platform, script: str, entry: dict[str, Any]) -> None:
    _run(client, platform, ["sh", "-c", script, "sh", _path(entry["slug"]), json.dumps(entry, ensure_ascii=False)])


def _run(client: docker.DockerClient, platform: Platform, command: list[str]) -> None:
    try:
        container = client.containers.get(platform.playground)
    except NotFound as error:
        raise UserError("The platform has no playground: `gptdeploy platform up` mends it.") from error
    # As root, because the playground's own user may only read.
    result = container.exec_run(command, user="0")
    if result.exit_code:
        output: Any = result.output
        raise UserError(
            "The platform's catalogue cannot be written: %(reason)s", reason=output.decode("utf-8", "replace").strip()
        )


def _path(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise UserError("`%(slug)s` cannot be the name of a service.", slug=slug)
    return f"{_FOLDER}/{slug}.json"
