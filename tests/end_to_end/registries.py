"""Registries of tests, what is pushed there, and a platform that pulls from them."""

from __future__ import annotations

import io
import re
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import docker
import httpx
import pytest
from docker.errors import ImageNotFound
from docker.models.containers import Container

from bot.clients.docker_engine import tolerate
from bot.demo.ports import free_port
from bot.deploy import Platform, platform_down, platform_up, swarm
from bot.doctor import Finding
from tests.end_to_end.services import Drawing
from tests.end_to_end.visiting import references
from tests.unit.doctor.ward import Ward, one

USER, PASSWORD = "platform", "correct horse"
# What `htpasswd -B` makes of it: https://httpd.apache.org/docs/2.4/misc/password_encryptions.html
KNOWN = b"platform:$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n"
_STRANGERS = b"stranger:" + KNOWN.partition(b":")[2]
_LABEL = f"gptdeploy-test={uuid4().hex}"
_DENIED = b'{"errors": [{"code": "DENIED", "message": "denied"}]}'
_GUARDED = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "here",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/passwords",
}


@dataclass(frozen=True)
class Registry:
    """A registry on loopback, as the Docker project has it.

    Attributes:
        address: as names of images begin with it.
    """

    container: Container
    address: str

    def know(self, users: bytes) -> None:
        """Let these users in and nobody else."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            entry = tarfile.TarInfo("passwords")
            entry.size, entry.mtime = len(users), int(time.time())
            tar.addfile(entry, io.BytesIO(users))
        self.container.put_archive("/", archive.getvalue())

    def end_password(self) -> None:
        """Have nobody's password count any more."""
        self.know(_STRANGERS)

    def await_answer(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                if httpx.get(f"http://{self.address}/v2/", trust_env=False).status_code in (200, 401):
                    return
            except httpx.TransportError:
                assert time.monotonic() < deadline, self.container.logs()
            time.sleep(0.1)


@contextmanager
def registry(client: docker.DockerClient, *, guarded: bool = False) -> Iterator[Registry]:
    """Run a registry; a guarded one asks for the password."""
    name, port = f"gptdeploy-test-{uuid4().hex[:8]}", free_port()
    container = client.containers.create(
        swarm.IMAGES.registry,
        name=name,
        ports={"5000/tcp": ("127.0.0.1", port)},
        environment=_GUARDED if guarded else {},
    )
    try:
        made = Registry(container, f"127.0.0.1:{port}")
        if guarded:
            made.know(KNOWN)
        container.start()
        made.await_answer()
        yield made
    finally:
        container.remove(force=True, v=True)


@contextmanager
def empty_platform(client: docker.DockerClient) -> Iterator[Platform]:
    """Bring a platform up without services."""
    made = Platform(port=free_port(), name=f"gptdeploy-test-{uuid4().hex[:8]}")
    platform_up(client, made)
    yield made
    platform_down(client, made.name)
    for reference in references(client):
        # What a service has run, under the names of the registries here.
        if re.match(r"127\.0\.0\.1:\d+/(octo/services/draw|gptdeploy-test-)", reference):
            tolerate(partial(client.images.remove, reference))
    ours: dict[str, str | list[str] | bool] = {"label": f"gptdeploy.platform={made.name}"}
    assert not client.containers.list(all=True, filters=ours, ignore_removed=True)
    assert not client.volumes.list(filters=ours)
    assert not client.networks.list(filters=ours)
    assert not client.configs.list(filters=ours)


def pushed(drawing: Drawing, address: str, colour: str, auth: dict[str, str] | None = None) -> str:
    """Build a version that is one of a colour, push it, and return its name; the engine itself has it no more."""
    image = drawing.variant(f"ENV COLOUR={colour}", f"LABEL {_LABEL}")
    name = f"{address}/octo/services/draw"
    drawing.client.images.get(image).tag(name, colour)
    events = list(drawing.client.api.push(name, tag=colour, stream=True, decode=True, auth_config=auth))
    lose(drawing.client, image)
    return f"{name}@{events[-1]['aux']['Digest']}"


def lose(client: docker.DockerClient, image: str) -> None:
    """Remove an image under all its names."""
    found = client.images.get(image)
    for reference in (*found.tags, *(found.attrs["RepoDigests"] or ())):
        tolerate(partial(client.images.remove, reference, force=True))
    with pytest.raises(ImageNotFound):
        client.images.get(str(found.id))


def prune(client: docker.DockerClient, platform: Platform, image: str) -> None:
    """Have the engine remove what no container uses, as `docker system prune --all` does; other tests keep theirs.

    Args:
        image: it is among that.
    """
    assert client.images.get(image)
    client.containers.prune({"label": f"gptdeploy.platform={platform.name}"})
    client.images.prune({"dangling": False, "label": _LABEL})
    with pytest.raises(ImageNotFound):
        client.images.get(image)


def colours(drawing: Drawing) -> set[str]:
    """Return which versions run."""
    running = [container for container in drawing.containers() if container.status == "running"]
    return {dict(line.split("=", 1) for line in each.attrs["Config"]["Env"])["COLOUR"] for each in running}


def until_alone(drawing: Drawing, colour: str) -> None:
    deadline = time.monotonic() + 40
    while colours(drawing) != {colour}:
        assert time.monotonic() < deadline
        time.sleep(0.2)


class Front:
    """What everybody may pull is in front of a registry, by tokens that it gives to everybody, as ghcr.io does.

    Who signs in to get a token has to have a password that is good.
    https://distribution.github.io/distribution/spec/auth/token/

    Attributes:
        ended: whether the only password has ended.
        closed: whether a token, though it is given, opens nothing, as one without the right to read.
        signed_in: how many tokens were given for it.
    """

    def __init__(self, behind: str) -> None:
        self.ended, self.closed, self.signed_in = False, False, 0
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path.startswith("/token"):
                    self.give(*front.token("Authorization" in self.headers))
                elif self.headers.get("Authorization") != "Bearer given":
                    realm = f'Bearer realm="http://{front.address}/token",service="{front.address}"'
                    self.give(401, b"{}", {"WWW-Authenticate": realm})
                elif front.closed and "/manifests/" in self.path:
                    self.give(403, _DENIED, {})
                else:
                    accept = {"Accept": ", ".join(self.headers.get_all("Accept", []))}
                    url = f"http://{behind}{self.path}"
                    found = httpx.request(self.command, url, headers=accept, trust_env=False)
                    kept = ("Content-Type", "Docker-Content-Digest", "Content-Length")
                    headers = {name: found.headers[name] for name in kept if name in found.headers}
                    self.give(found.status_code, found.content, headers)

            do_HEAD = do_GET

            def give(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,)).start()

    def token(self, signed_in: bool) -> tuple[int, bytes, dict[str, str]]:
        if signed_in and self.ended:
            return 403, _DENIED, {}
        self.signed_in += signed_in
        return 200, b'{"token": "given"}', {"Content-Type": "application/json"}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def front_of(behind: Registry) -> Iterator[Front]:
    front = Front(behind.address)
    try:
        yield front
    finally:
        front.close()


@contextmanager
def doctor(folder: Path, platform: Platform) -> Iterator[Callable[[], Finding]]:
    """Yield what looks whether a platform can pull the images of a repository."""
    ward = Ward(folder)
    try:
        yield lambda: one("pull", replace(ward.patient(), platform=platform.name))
    finally:
        ward.close()
