"""The registry that a platform may have for itself, in which images stay as long as a version needs them.

It is a container on the loopback of the engine's machine, as Swarm would publish it on every address, and alone in a
network. Engines trust a registry on loopback without TLS. All that is done with it goes through the engine, so the
deployer may be on another machine.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from bot.deploy.containers import ensure
from bot.deploy.layout import Platform
from bot.deploy.networks import join
from bot.errors import UserError

PORT = 5000
"""In its container, and by default on the engine's machine."""

_LOOPBACK = "127.0.0.1"
_FOLDER = "/var/lib/registry"
_CONFIG = "/etc/docker/registry/config.yml"
_UP_SECONDS = 30.0
_PUSH_SECONDS = 60.0
"""For a push to succeed, during which the registry may be stopped to collect what nothing needs."""

# The image has no program that speaks HTTP: https://docs.kernel.org/networking/proc_net_tcp.html, 0A means listening.
_LISTENS = f"grep -qE ':{PORT:04X} [0-9A-F]+:0000 0A' /proc/net/tcp /proc/net/tcp6"
# A manifest is deleted as the registry itself does it, by its links; its blobs go when garbage is collected.
_FORGET = """\
cd "$1/_manifests" 2> /dev/null || exit 0
for tag in tags/*; do
  if [ "$(cat "$tag/current/link" 2> /dev/null)" = "sha256:$2" ]; then rm -rf "$tag"; fi
done
rm -rf "revisions/sha256/$2"
"""
_COLLECTED = f"{_FOLDER}/.collected"
_COLLECT = f"registry garbage-collect {_CONFIG} && touch {_COLLECTED}"
_WRITE = f"dd if=/dev/zero of={_FOLDER}/.trial bs=1M count=16 2>&1; status=$?; rm -f {_FOLDER}/.trial; exit $status"
_NEW_DAY = f'test -z "$(find {_COLLECTED} -mmin -1440 2> /dev/null)"'

_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(rf"(?P<path>{_PART}(?:/{_PART})*)@sha256:(?P<digest>[0-9a-f]{{64}})")


def name(platform: Platform) -> str:
    """Return the name of the registry's container, its volume and its network."""
    return f"{platform.name}-registry"


def _between(platform: Platform) -> str:
    return f"{name(platform)}-machines"


def _way(platform: Platform) -> str:
    """Return the name of what leads to the registry from another machine."""
    return f"{name(platform)}-way"


def set_up(client: docker.DockerClient, platform: Platform, port: int, image: str) -> str:
    """Run the registry on a port, and return its address as names of images begin with it.

    One that is there keeps its images, also on another port.

    Raises:
        UserError: the engine's swarm has several machines by now, the port is taken, or the registry does not start.
    """
    if _find(client, platform) is None and len(client.nodes.list()) > 1:
        raise UserError(
            "This swarm has several machines: a registry of the platform's own is made before others join. Or let "
            "images be in a registry that all of them reach, and name who may pull there by `--registry-user`."
        )
    if not client.networks.list(names=[f"^{name(platform)}$"]):
        client.networks.create(name(platform), driver="bridge", labels=platform.labels)
    client.volumes.create(name(platform), labels=platform.labels)
    address = f"{_LOOPBACK}:{port}"
    try:
        ensure(client, image, _options(platform, port))
    except APIError as error:
        raise UserError(f"The registry does not start on {address}: {error.explanation or error}") from error
    _await(client.containers.get(name(platform)))
    for network in client.networks.list(names=[f"^{_between(platform)}$"]):
        join(network, name(platform))
    return address


def lead_to(client: docker.DockerClient, new: docker.DockerClient, platform: Platform, port: int, caddy: str) -> None:
    """Have the registry be at the same address, on loopback, on another machine.

    Names of images begin with that address, so it has to be the same everywhere. What leads there is in a network with
    the registry alone, that spans the machines.

    Args:
        client: of the engine that has the registry.
        new: of the other machine.
        caddy: the image of what leads there.
    """
    if not client.networks.list(names=[f"^{_between(platform)}$"]):
        options: dict[str, Any] = {"driver": "overlay", "attachable": True, "labels": platform.labels}
        client.networks.create(_between(platform), **options)
    join(client.networks.get(_between(platform)), name(platform))
    ensure(new, caddy, _way_options(platform, port))


def port_of(client: docker.DockerClient, platform: Platform) -> int | None:
    """Return the port of the platform's own registry, None where it has none."""
    container = _find(client, platform)
    if container is None:
        return None
    bindings = container.attrs["HostConfig"]["PortBindings"]
    return int(bindings[f"{PORT}/tcp"][0]["HostPort"])


def address_of(client: docker.DockerClient, platform: Platform) -> str:
    """Return what names of images in the platform's own registry begin with, "" where it has none."""
    port = port_of(client, platform)
    return f"{_LOOPBACK}:{port}" if port else ""


def state_of(client: docker.DockerClient, platform: Platform) -> str:
    """Return how the engine calls the state of the registry, e.g. "running"; "" where there is none."""
    container = _find(client, platform)
    return container.status if container else ""


def check(client: docker.DockerClient, platform: Platform) -> None:
    """Check that the registry runs and takes images; nothing is there afterwards that was not before.

    Raises:
        UserError: there is none, it does not run, or its disk is full or cannot be written.
    """
    state = state_of(client, platform)
    if state != "running":
        raise UserError(f"The platform's registry is {state or 'not there'}")
    _run(client.containers.get(name(platform)), ["sh", "-c", _WRITE])


def push(client: docker.DockerClient, repository: str, tag: str) -> str:
    """Push an image, and return the digest that the registry has for it.

    Raises:
        UserError: the registry does not take it.
    """
    deadline = time.monotonic() + _PUSH_SECONDS
    while True:
        digest, fault = "", ""
        for event in client.api.push(repository, tag=tag, stream=True, decode=True):
            digest = (event.get("aux") or {}).get("Digest", digest)
            fault = event.get("error", fault)
        if digest and not fault:
            return digest
        if time.monotonic() > deadline:
            raise UserError(f"The platform's registry does not take the image: {fault or 'it names no digest'}")
        time.sleep(1)


def forget(client: docker.DockerClient, platform: Platform, images: Iterable[str]) -> None:
    """Delete images from the registry, and once a day what no image needs any more; names of others are passed over."""
    container = _find(client, platform)
    if container is None:
        return
    begin = address_of(client, platform) + "/"
    ours = [image.removeprefix(begin) for image in images if image.startswith(begin)]
    for found in (found for image in ours if (found := _IMAGE.fullmatch(image))):
        folder = f"{_FOLDER}/docker/registry/v2/repositories/{found['path']}"
        _run(container, ["sh", "-c", _FORGET, "sh", folder, found["digest"]])
    if ours and container.exec_run(["sh", "-c", _NEW_DAY]).exit_code == 0:
        collect(client, platform)


def collect(client: docker.DockerClient, platform: Platform) -> None:
    """Remove what no image needs any more from the registry's disk.

    It is stopped meanwhile: a layer that is pushed at the same time would be taken for garbage, and a registry that
    runs remembers layers that are gone. https://distribution.github.io/distribution/about/garbage-collection/
    """
    container = client.containers.get(name(platform))
    container.stop()
    try:
        client.containers.run(
            str(container.attrs["Config"]["Image"]),
            ["-c", _COLLECT],
            entrypoint="sh",
            volumes={name(platform): {"bind": _FOLDER, "mode": "rw"}},
            labels=platform.labels,
            network_mode="none",
            remove=True,
        )
    finally:
        container.start()
        _await(container)


def _options(platform: Platform, port: int) -> dict[str, Any]:
    return {
        "name": name(platform),
        "hostname": name(platform),
        "network": name(platform),
        "detach": True,
        "init": True,
        "read_only": True,
        "tmpfs": {"/tmp": "size=64m"},  # noqa: S108
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "pids_limit": 512,
        "mem_limit": "512m",
        "ports": {f"{PORT}/tcp": (_LOOPBACK, port)},
        "volumes": {name(platform): {"bind": _FOLDER, "mode": "rw"}},
        "labels": platform.labels,
        "restart_policy": {"Name": "unless-stopped"},
        "log_config": {"type": "json-file", "config": {"max-size": "5m", "max-file": "2"}},
    }


def _way_options(platform: Platform, port: int) -> dict[str, Any]:
    return {
        **_options(platform, port),
        "name": _way(platform),
        "hostname": _way(platform),
        "network": _between(platform),
        "environment": {"XDG_DATA_HOME": "/tmp", "XDG_CONFIG_HOME": "/tmp"},  # noqa: S108
        "entrypoint": ["caddy", "reverse-proxy"],
        "command": ["--from", f"http://:{PORT}", "--to", f"{name(platform)}:{PORT}"],
        # The official image's program carries this capability, and does not start where it may not have it.
        "cap_add": ["NET_BIND_SERVICE"],
        "volumes": {},
        "mem_limit": "128m",
    }


def _find(client: docker.DockerClient, platform: Platform) -> Container | None:
    try:
        return client.containers.get(name(platform))
    except NotFound:
        return None


def _await(container: Container) -> None:
    deadline = time.monotonic() + _UP_SECONDS
    while True:
        container.reload()
        if container.status == "running" and container.exec_run(["sh", "-c", _LISTENS]).exit_code == 0:
            return
        if container.status in ("exited", "dead") or time.monotonic() > deadline:
            log = container.logs(tail=5).decode("utf-8", "replace").strip()
            raise UserError(f"The platform's registry does not come up. `{container.name}` says:\n{log}")
        time.sleep(0.1)


def _run(container: Container, command: list[str]) -> None:
    result = container.exec_run(command)
    if result.exit_code != 0:
        output: Any = result.output
        raise UserError(f"The platform's registry cannot be written: {output.decode('utf-8', 'replace').strip()}")
