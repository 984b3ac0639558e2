"""Set up a platform on a Docker engine (Swarm mode, network, ingress, playground), tell what is up, and remove it.

The ingress and the playground are plain containers on an attachable overlay network: Swarm would publish the ingress's
port on every address of the machine, a container publishes it on one. All that is created has the platform's label.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import docker
import httpx
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from bot.clients.docker_engine import tolerate
from bot.deploy import networks
from bot.deploy.containers import ensure, listed, playground_image
from bot.deploy.layout import (
    FACTS_LABEL,
    LABEL,
    SLUG_LABEL,
    Platform,
    check,
    egress_options,
    ingress_options,
    playground_options,
)
from bot.deploy.versions import EGRESS_LABEL, REPOSITORY_LABEL, Version, history_of, previewed_pull
from bot.errors import UserError

SWARM_LABEL = "gptdeploy.swarm"
"""On the network, if the swarm was made for the platform; such a swarm is ended with the platform."""

_UP_SECONDS = 120.0


@dataclass(frozen=True)
class Images:
    """The images of the platform's own containers; the engine must have both."""

    caddy: str = "caddy:2"
    python: str = "python:3.13-slim"


IMAGES = Images()


@dataclass(frozen=True)
class ServiceStatus:
    """A deployed service: how many of its replicas run, as which version, and whose it is ("" if unknown).

    Attributes:
        preview: the pull request whose preview it is; None for a live service.
    """

    slug: str
    image: str
    running: int
    wanted: int
    version: Version
    repository: str
    preview: int | None = None


@dataclass(frozen=True)
class Status:
    """What is up.

    Attributes:
        containers: what the engine says of the ingress, the playground and the way out, e.g. "running"; by name.
    """

    platform: Platform
    containers: dict[str, str]
    services: tuple[ServiceStatus, ...]

    @property
    def complete(self) -> bool:
        """Whether everything runs that should."""
        names = (self.platform.ingress, self.platform.playground, self.platform.egress)
        return all(self.containers.get(name) == "running" for name in names) and all(
            service.running >= service.wanted for service in self.services
        )


def connect() -> docker.DockerClient:
    """Return a client of the engine that the environment names (`DOCKER_HOST`, else this machine's).

    Raises:
        UserError: no engine answers.
    """
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        raise UserError(
            "No Docker engine answers (%(reason)s). Start one, or set `DOCKER_HOST`.", reason=str(error)
        ) from error
    return client


def find_platform(client: docker.DockerClient, name: str = "gptdeploy") -> Platform | None:
    """Return the platform of that name as it is on the engine, or None."""
    for container in listed(client, f"{LABEL}={name}", FACTS_LABEL):
        return Platform.from_label(container.labels[FACTS_LABEL])
    return None


def platform_port(client: docker.DockerClient, name: str) -> int | None:
    """Return the ingress's port of the platform of that name, or None where there is none."""
    platform = find_platform(client, name)
    return platform.port if platform else None


def pull_missing(client: docker.DockerClient, images: Images, say: Callable[[str], None]) -> None:
    """Pull what the platform's containers are made from, where the engine has not got it.

    Raises:
        UserError: no registry gives it.
    """
    for name in (images.caddy, images.python):
        try:
            client.images.get(name)
        except ImageNotFound:
            say(f"pulling {name}")
            try:
                client.images.pull(name)
            except APIError as error:
                raise UserError(f"The image `{name}` cannot be pulled: {error.explanation or error}") from error


def platform_up(client: docker.DockerClient, platform: Platform, images: Images = IMAGES) -> None:
    """Bring the platform up and wait until its gallery answers. What is there and fits stays; services go on serving.

    Raises:
        UserError: the engine or a value of the platform stands in the way; says what to do.
    """
    check(platform)
    try:
        _network(client, platform)
        client.volumes.create(platform.catalogue, labels=platform.labels)
        playground = playground_image(client, images.python)
        ensure(client, playground, playground_options(platform))
        services = networks.of_services(client, platform)
        ensure(client, images.python, egress_options(platform), _with_egress(client, platform, services))
        ensure(client, images.caddy, ingress_options(platform), services)
    except APIError as error:
        raise UserError(_explain(error, platform)) from error
    _await_gallery(client, platform)


def platform_down(client: docker.DockerClient, name: str = "gptdeploy") -> None:
    """Remove the platform and every service on it. What is not there is fine."""
    label: dict[str, Any] = {"label": f"{LABEL}={name}"}
    api: Any = client.api
    for service in api.services(filters=label):
        tolerate(partial(api.remove_service, service["ID"]))
    for container in listed(client, f"{LABEL}={name}"):
        # A service's task may end by itself meanwhile.
        tolerate(partial(container.remove, force=True))
    for volume in client.volumes.list(filters=label):
        volume.remove()
    ours = False
    for network in client.networks.list(filters=label):
        ours = ours or SWARM_LABEL in (network.attrs.get("Labels") or {})
        networks.remove_network(network)
    if ours and not api.services() and not _other_networks(client):
        client.swarm.leave(force=True)


def platform_status(client: docker.DockerClient, name: str = "gptdeploy") -> Status | None:
    """Return what is up, or None where there is no such platform."""
    platform = find_platform(client, name)
    if platform is None:
        return None
    label: dict[str, Any] = {"label": f"{LABEL}={name}"}
    containers = {
        container.name or "": container.status
        for container in listed(client, f"{LABEL}={name}")
        if container.name in (platform.ingress, platform.playground, platform.egress)
    }
    api: Any = client.api
    services = []
    for service in api.services(filters=label):
        spec: dict[str, Any] = service["Spec"]
        try:
            tasks = api.tasks(filters={"service": service["ID"], "desired-state": "running"})
        except NotFound:
            # It was taken down since the services were listed.
            continue
        services.append(
            ServiceStatus(
                slug=spec["Labels"][SLUG_LABEL],
                image=spec["TaskTemplate"]["ContainerSpec"]["Image"].partition("@")[0],
                running=sum(task["Status"]["State"] == "running" for task in tasks),
                wanted=spec["Mode"]["Replicated"]["Replicas"],
                version=history_of(service).current,
                repository=spec["Labels"].get(REPOSITORY_LABEL, ""),
                preview=previewed_pull(service),
            )
        )
    return Status(platform, containers, tuple(sorted(services, key=lambda service: service.slug)))


def _with_egress(client: docker.DockerClient, platform: Platform, services: list[Network]) -> list[Network]:
    """Return the networks of those services that may reach something."""
    api: Any = client.api
    found = [service["Spec"]["Labels"] for service in api.services(filters={"label": f"{LABEL}={platform.name}"})]
    let_out = {labels.get(SLUG_LABEL) for labels in found if labels.get(EGRESS_LABEL)}
    return [network for network in services if (network.attrs.get("Labels") or {}).get(SLUG_LABEL) in let_out]


def _network(client: docker.DockerClient, platform: Platform) -> None:
    labels = dict(platform.labels)
    swarm: dict[str, Any] = client.info()["Swarm"]
    if swarm["LocalNodeState"] == "inactive":
        # On loopback: one machine needs no more, and a person who wants more makes the swarm first.
        client.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377")
        labels[SWARM_LABEL] = "made"
    elif not swarm.get("ControlAvailable"):
        raise UserError("This engine is not a manager of its swarm: set `DOCKER_HOST` to one that is.")
    for network in client.networks.list(names=[platform.network]):
        attrs = network.attrs
        if attrs["Name"] != platform.network:
            continue
        if attrs["Driver"] == "overlay" and attrs.get("Attachable") and LABEL in (attrs.get("Labels") or {}):
            return
        raise UserError(f"The engine has a network `{platform.network}` that is not ours: remove it or choose --name.")
    client.networks.create(platform.network, driver="overlay", attachable=True, labels=labels)


def _await_gallery(client: docker.DockerClient, platform: Platform) -> None:
    host = f"[{platform.reach}]" if ":" in platform.reach else platform.reach
    deadline = time.monotonic() + _UP_SECONDS
    while True:
        try:
            response = httpx.get(
                f"http://{host}:{platform.port}/_stcore/health",
                headers={"Host": platform.address},
                timeout=5,
                trust_env=False,
            )
            fault = f"it answers {response.status_code}"
            if response.is_success:
                return
        except httpx.TransportError as error:
            fault = str(error)
        containers: list[Container] = [client.containers.get(name) for name in (platform.ingress, platform.playground)]
        ended = next((container for container in containers if container.status not in ("running", "created")), None)
        if ended is not None or time.monotonic() > deadline:
            broken = ended or containers[1]
            log = broken.logs(tail=15).decode("utf-8", "replace")
            raise UserError(f"{platform.url} does not come up: {fault}. `{broken.name}` says:\n{log}")
        time.sleep(0.1)


def _explain(error: APIError, platform: Platform) -> str:
    text = str(error.explanation or error)
    if "port is already allocated" in text or "address already in use" in text:
        return f"Port {platform.port} of {platform.bind} is taken: choose another with `--port`."
    return f"The Docker engine refuses: {text}"


def _other_networks(client: docker.DockerClient) -> bool:
    return any(network.attrs["Driver"] == "overlay" and network.name != "ingress" for network in client.networks.list())
