"""Ask the ingress from within the platform, wherever the deployer itself runs: no name, port or proxy is in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import docker
from docker.errors import APIError, NotFound

from bot.deploy.doors import Answer, Unanswered
from bot.deploy.layout import INSIDE_PORT, Platform
from bot.render import templates_dir

_PIECE = 100_000
"""Bytes of an argument; Linux takes 131,072. https://man7.org/linux/man-pages/man2/execve.2.html"""
_PIECES = 10
"""Arguments at a time; all together may have about two million bytes."""
_WRITE = 'file=$1; shift; printf %s "$@" >> "$file"'


@dataclass(frozen=True)
class Inside:
    """A service as the platform itself reaches it."""

    client: docker.DockerClient
    platform: Platform
    slug: str

    @property
    def url(self) -> str:
        return self.platform.deployment(self.slug).playground_url.rstrip("/")

    def ask(self, path: str, *, seconds: float, body: Any = None) -> Answer:
        """Return the answer.

        Raises:
            Unanswered: there is none.
        """
        host = f"{self.slug}.{self.platform.domain}"
        return ask(self.client, self.platform, host, path, seconds=seconds, body=body)


def ask(  # noqa: PLR0913 (a request has as many parts)
    client: docker.DockerClient, platform: Platform, host: str, path: str, *, seconds: float, body: Any = None
) -> Answer:
    """Send a request to the ingress by the playground's container, with a body a POST.

    Args:
        host: as the header Host has it.
        body: is sent as JSON.

    Raises:
        Unanswered: the ingress or the service does not answer, or the platform has no playground that runs.
    """
    try:
        container = client.containers.get(platform.playground)
        file = _put(container, json.dumps(body)) if body is not None else ""
        url = f"http://{_ingress(client, platform)}:{INSIDE_PORT}{path}"
        program = (templates_dir() / "platform" / "inside" / "ask_ingress.py").read_text(encoding="utf-8")
        result = container.exec_run(["python", "-c", program, url, host, str(seconds), file], demux=True)
    except (APIError, NotFound) as error:
        raise Unanswered(str(error.explanation or error)) from error
    output: Any = result.output
    said, failed = ((part or b"").decode("utf-8", "replace") for part in output)
    # A container that is killed meanwhile has no exit code, and an engine with much to do may lose what was said.
    if result.exit_code != 0 or not said:
        raise Unanswered(failed.strip().rpartition("\n")[2] or f"exit code {result.exit_code}")
    status, _, text = said.partition("\n")
    return Answer(int(status), text)


def _ingress(client: docker.DockerClient, platform: Platform) -> str:
    """Return the address of this machine's ingress; by its name, that of another machine might answer."""
    networks = client.containers.get(platform.ingress).attrs["NetworkSettings"]["Networks"]
    return str(networks[platform.network]["IPAddress"] or platform.ingress)


def _put(container: Any, text: str) -> str:
    """Write a text into a file in the container, which whoever reads it removes; return its path."""
    file = f"/tmp/{uuid4().hex}.json"  # noqa: S108 (in a container, and new)
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    for start in range(0, len(pieces), _PIECES):
        result = container.exec_run(["sh", "-c", _WRITE, "sh", file, *pieces[start : start + _PIECES]])
        if result.exit_code != 0:
            raise Unanswered(result.output.decode("utf-8", "replace").strip())
    return file
