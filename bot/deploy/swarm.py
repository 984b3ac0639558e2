"""Set up a platform on a Docker engine (Swarm mode, network, ingress, playground), tell what is up, and remove it.

The ingress and the playground are plain containers on an attachable overlay network: Swarm would publish the ingress's
port on every address of the machine, a container publishes it on one. All that is created has the platform's label.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from bot.clients.docker_engine import tolerate
from bot.deploy import agent, engine_swarm, inside, networks, own_registry
from bot.deploy.certificate import Certificate, check_names, put_certificate
from bot.deploy.containers import ensure, listed, playground_image
from bot.deploy.doors import Unanswered
from bot.deploy.ingress import check, ingress_options
from bot.deploy.layout import FACTS_LABEL, LABEL, SLUG_LABEL, TLS, Platform, egress_options, playground_options
from bot.deploy.owner import Owner, owner_of
from bot.deploy.versions import EGRESS_LABEL, Version, history_of, previewed_pull
from bot.errors import UserError

SWARM_LABEL = "gptdeploy.swarm"
"""On the network, if the swarm was made for the platform; such a swarm is ended with the platform."""

_UP_SECONDS = 120.0
_AT_ONCE = 8
"""What the engine is asked to remove at a time."""


@dataclass(frozen=True)
class Images:
    """The images of the platform's own containers; the engine must have them, and the registry's for one of its own."""

    caddy: str = "caddy:2"
    python: str = "python:3.13-slim"
    registry: str = "registry:2"


IMAGES = Images()


@dataclass(frozen=True)
class ServiceStatus:
    """A deployed service: how many of its replicas run, as which version, and whose it is.

    Attributes:
        preview: the pull request whose preview it is; None for a live service.
    """

    slug: str
    image: str
    running: int
    wanted: int
    version: Version
    repository: Owner
    preview: int | None = None


@dataclass(frozen=True)
class Status:
    """What is up.

    Attributes:
        containers: what the engine says of the ingress, the playground, the way out, and the registry if there is one,
            e.g. "running"; by name.
    """

    platform: Platform
    containers: dict[str, str]
    services: tuple[ServiceStatus, ...]

    @property
    def complete(self) -> bool:
        """Whether everything runs that should."""
        names = (self.platform.ingress, self.platform.playground, self.platform.egress)
        states = [*(self.containers.get(name) for name in names), *self.containers.values()]
        return all(state == "running" for state in states) and all(
            service.running >= service.wanted for service in self.services
        )


def find_platform(client: docker.DockerClient, name: str = "gptdeploy") -> Platform | None:
    """Return the platform of that name as it is on the engine, or None."""
    for container in listed(client, f"{LABEL}={name}", FACTS_LABEL):
        return Platform.from_label(container.labels[FACTS_LABEL])
    return None


def platform_port(client: docker.DockerClient, name: str) -> int | None:
    """Return the ingress's port of the platform of that name, or None where there is none."""
    platform = find_platform(client, name)
    return platform.port if platform else None


def pull_missing(client: docker.DockerClient, images: Sequence[str], say: Callable[[str], None]) -> None:
    """Pull what the platform's containers are made from, where the engine has not got it.

    Raises:
        UserError: no registry gives it.
    """
    for name in images:
        try:
            client.images.get(name)
        except ImageNotFound:
            say(f"pulling {name}")
            try:
                client.images.pull(name)
            except APIError as error:
                raise UserError(f"The image `{name}` cannot be pulled: {error.explanation or error}") from error


def platform_up(
    client: docker.DockerClient,
    platform: Platform,
    images: Images = IMAGES,
    certificate: Certificate | None = None,
    address: str = "",
) -> None:
    """Bring the platform up and wait until its gallery answers. What is there and fits stays; services go on serving.

    Args:
        certificate: where the platform has one of its own, unless it is there already.
        address: the engine's, at which other machines shall join its swarm; "" for none.

    Raises:
        UserError: the engine or a value of the platform stands in the way; says what to do.
    """
    check(platform)
    if certificate is not None:
        check_names(certificate, platform)
    try:
        _network(client, platform, address)
        playground = playground_image(client, images.python)
        services = networks.of_services(client, platform)
        run(client, platform, images, certificate, playground, services, with_egress(client, platform, services))
        if agent.members(client, platform):
            agent.spread(client, platform, str(client.images.get(images.python).id))
    except APIError as error:
        raise UserError(_explain(error, platform)) from error
    _await_gallery(client, platform)


def run(  # noqa: PLR0913 (an argument a part)
    client: docker.DockerClient,
    platform: Platform,
    images: Images,
    certificate: Certificate | None,
    playground: str,
    services: list[Network],
    let_out: list[Network],
) -> None:
    """Run the containers of a platform on a machine.

    Args:
        playground: the image of the playground.
        services: the networks of services.
        let_out: those of services that may reach something.
    """
    client.volumes.create(platform.catalogue, labels=platform.labels)
    if platform.tls is not TLS.OFF:
        client.volumes.create(platform.certificates, labels=platform.labels)
    if certificate is not None:
        put_certificate(client, platform, images.caddy, certificate)
    ensure(client, playground, playground_options(platform), named=True)
    ensure(client, images.python, egress_options(platform), let_out)
    ensure(client, images.caddy, ingress_options(platform), services)


def platform_down(client: docker.DockerClient, name: str = "gptdeploy") -> None:
    """Remove the platform and every service on it. What is not there is fine.

    Raises:
        UserError: other machines are of it.
    """
    # An engine without a swarm has no services, and does not like to be asked for them.
    manages = bool(client.info()["Swarm"].get("ControlAvailable"))
    if manages and len(agent.members(client, Platform(name=name))) > 1:
        raise UserError("Other machines are of this platform: `gptdeploy platform leave` takes them out first.")
    label: dict[str, Any] = {"label": f"{LABEL}={name}"}
    api: Any = client.api
    for service in api.services(filters=label) if manages else ():
        tolerate(partial(api.remove_service, service["ID"]))
    # The engine takes its time for each, and does several at once.
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        # A service's task may end by itself meanwhile.
        removals = [partial(container.remove, force=True) for container in listed(client, f"{LABEL}={name}")]
        list(threads.map(tolerate, removals))
        for volume in client.volumes.list(filters=label):
            volume.remove()
        for config in client.configs.list(filters=label) if manages else ():
            config.remove()
        left = client.networks.list(filters=label)
        ours = any(SWARM_LABEL in (network.attrs.get("Labels") or {}) for network in left)
        list(threads.map(networks.remove_network, left))
    if ours and not api.services() and not _other_networks(client):
        client.swarm.leave(force=True)


def platform_status(client: docker.DockerClient, name: str = "gptdeploy") -> Status | None:
    """Return what is up, or None where there is no such platform."""
    platform = find_platform(client, name)
    if platform is None:
        return None
    containers = {
        container.name or "": container.status
        for container in listed(client, f"{LABEL}={name}")
        if container.name in (platform.ingress, platform.playground, platform.egress, own_registry.name(platform))
    }
    api: Any = client.api
    services = []
    for service in api.services(filters={"label": [f"{LABEL}={name}", SLUG_LABEL]}):
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
                repository=owner_of(service),
                preview=previewed_pull(service),
            )
        )
    return Status(platform, containers, tuple(sorted(services, key=lambda service: service.slug)))


def with_egress(client: docker.DockerClient, platform: Platform, services: list[Network]) -> list[Network]:
    """Return the networks of those services that may reach something."""
    api: Any = client.api
    found = [service["Spec"]["Labels"] for service in api.services(filters={"label": f"{LABEL}={platform.name}"})]
    let_out = {labels.get(SLUG_LABEL) for labels in found if labels.get(EGRESS_LABEL)}
    return [network for network in services if (network.attrs.get("Labels") or {}).get(SLUG_LABEL) in let_out]


def _network(client: docker.DockerClient, platform: Platform, address: str) -> None:
    labels = dict(platform.labels)
    if engine_swarm.ensure(client, address) or client.networks.list(filters={"label": SWARM_LABEL}):
        labels[SWARM_LABEL] = "made"
    for network in client.networks.list(names=[platform.network]):
        attrs = network.attrs
        if attrs["Name"] != platform.network:
            continue
        if attrs["Driver"] == "overlay" and attrs.get("Attachable") and LABEL in (attrs.get("Labels") or {}):
            return
        raise UserError(f"The engine has a network `{platform.network}` that is not ours: remove it or choose --name.")
    client.networks.create(platform.network, driver="overlay", attachable=True, labels=labels)


def _await_gallery(client: docker.DockerClient, platform: Platform) -> None:
    deadline = time.monotonic() + _UP_SECONDS
    while True:
        try:
            status = inside.ask(client, platform, platform.address, "/_stcore/health", seconds=5).status
            fault = f"it answers {status}"
            if status == 200:
                return
        except Unanswered as error:
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
        if platform.plain_port and f":{platform.plain_port}" in text:
            return f"Port {platform.plain_port} of {platform.bind} is taken: choose another with `--http-port`."
        return f"Port {platform.port} of {platform.bind} is taken: choose another with `--port`."
    return f"The Docker engine refuses: {text}"


def _other_networks(client: docker.DockerClient) -> bool:
    return any(network.attrs["Driver"] == "overlay" and network.name != "ingress" for network in client.networks.list())
