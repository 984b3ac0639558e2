"""A network for each service: nothing leads out of it, and only the ingress joins it, or the way out where it may.

Containers are joined while they run, so no request is interrupted. The subnets are small and cut from one pool, by
which ingress and way out know a service from others. The swarm itself refuses a subnet that another network has.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from ipaddress import IPv4Network

import docker
from docker.errors import APIError, NotFound
from docker.models.networks import Network
from docker.types import IPAMConfig, IPAMPool

from bot.clients.docker_engine import tolerate
from bot.deploy import catalogue
from bot.deploy.layout import LABEL, POOL, SLUG_LABEL, SUBNET_PREFIX, Platform
from bot.errors import UserError

_TRIES = 20
_ALLOCATION_SECONDS = 3.0
"""For the swarm to give a network its subnet, which it does after it has made the network."""


def ensure(client: docker.DockerClient, platform: Platform, slug: str) -> Network:
    """Return the network of a service, with the ingress in it; it is made where it is not there.

    Raises:
        UserError: the engine has a network of that name that is not the platform's, or no subnet is free.
    """
    network = find(client, platform, slug) or _create(client, platform, slug)
    join(network, platform.ingress)
    return network


def find(client: docker.DockerClient, platform: Platform, slug: str) -> Network | None:
    """Return the network of a service, None where it has none."""
    found = of_services(client, platform, f"{SLUG_LABEL}={slug}")
    return found[0] if found else None


def of_services(client: docker.DockerClient, platform: Platform, *labels: str) -> list[Network]:
    """Return the networks of the platform's services, or those with some labels."""
    wanted = [f"{LABEL}={platform.name}", *(labels or (SLUG_LABEL,))]
    return client.networks.list(filters={"label": wanted})


def subnet(network: Network) -> IPv4Network | None:
    """Return what a network's addresses are cut from; None while it has nothing."""
    pools = (network.attrs.get("IPAM") or {}).get("Config") or []
    return IPv4Network(pools[0]["Subnet"]) if pools else None


def join(network: Network, container: str) -> None:
    """Let a container into a network while it runs; one that is in it stays."""
    try:
        network.connect(container)
    except APIError as error:
        # "already attached to network", or "already exists in network".
        if "already" not in str(error.explanation):
            raise


def leave(network: Network, container: str) -> None:
    """Take a container out of a network; one that is not in it, or not there, is fine."""
    with suppress(APIError):
        network.disconnect(container, force=True)


def remove(client: docker.DockerClient, platform: Platform, slug: str) -> None:
    """Remove the network of a service once its containers have ended. What cannot be removed is used again."""
    network = find(client, platform, slug)
    if network is None:
        return
    allow(client, platform, network, ())
    for container in (platform.ingress, platform.egress):
        leave(network, container)
    with suppress(UserError):
        remove_network(network)


def allow(client: docker.DockerClient, platform: Platform, network: Network, hosts: tuple[str, ...]) -> None:
    """Let the services in a network reach these hosts and no others.

    Raises:
        UserError: the platform has no way out.
    """
    addresses = subnet(network)
    if addresses is None:
        return
    catalogue.set_egress(client, platform, str(addresses.network_address), hosts)
    if not hosts:
        leave(network, platform.egress)
        return
    try:
        join(network, platform.egress)
    except NotFound as error:
        raise UserError("The platform has no way out for `egress`: `gptdeploy platform up` makes it.") from error


@contextmanager
def let_out(
    client: docker.DockerClient,
    platform: Platform,
    network: Network,
    before: tuple[str, ...],
    wanted: tuple[str, ...],
) -> Iterator[None]:
    """Let two versions reach what they may while one takes the other's place; then the one that is live."""
    both = tuple(dict.fromkeys((*before, *wanted)))
    live = before
    if both:
        allow(client, platform, network, both)
    try:
        yield
        live = wanted
    finally:
        if live != both:
            allow(client, platform, network, live)


def remove_network(network: Network, seconds: float = 40.0) -> None:
    """Remove a network. The engine refuses while tasks that were just removed use it, and takes a moment afterwards.

    Raises:
        UserError: it is still there.
    """
    deadline = time.monotonic() + seconds
    reason: object = "it is being removed"
    while True:
        try:
            network.remove()
        except NotFound:
            return
        except APIError as error:
            reason = error.explanation
        if time.monotonic() > deadline:
            raise UserError(f"The network `{network.name}` is still there: {reason}")
        time.sleep(0.1)


def free_subnets(used: list[IPv4Network]) -> list[IPv4Network]:
    """Return the subnets of the pool that overlap with none of those in use."""
    begin, end, size = int(POOL.network_address), int(POOL.broadcast_address), 2 ** (32 - SUBNET_PREFIX)
    taken: set[int] = set()
    for network in used:
        first, last = max(int(network.network_address), begin), min(int(network.broadcast_address), end)
        taken.update(range((first - begin) // size, (last - begin) // size + 1) if first <= last else ())
    return [IPv4Network((begin + n * size, SUBNET_PREFIX)) for n in range((end - begin) // size + 1) if n not in taken]


def _create(client: docker.DockerClient, platform: Platform, slug: str) -> Network:
    name = platform.service(slug)
    for _ in range(_TRIES):
        used = [addresses for network in client.networks.list() if (addresses := subnet(network)) is not None]
        free = free_subnets(used)
        if not free:
            raise UserError(f"No network is free for `{slug}`: take services down that nobody needs.")
        # By chance, so that two deployments that begin together hardly ever choose the same one.
        chosen = random.choice(free)  # noqa: S311 (not a secret)
        try:
            network = client.networks.create(
                name,
                driver="overlay",
                internal=True,
                attachable=True,
                labels={**platform.labels, SLUG_LABEL: slug},
                ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(chosen))]),
            )
        except APIError as error:
            if error.status_code != 409:
                raise
            # Another deployment of the service was faster; or it is somebody else's.
            made = find(client, platform, slug)
            if made is None:
                raise UserError(f"The engine has a network `{name}` that is not ours: remove it.") from error
            return made
        if _has_addresses(network):
            catalogue.set_egress(client, platform, str(chosen.network_address), ())
            return network
        tolerate(partial(remove_network, network))
    raise UserError(f"The engine gives no network for `{slug}`.")


def _has_addresses(network: Network) -> bool:
    deadline = time.monotonic() + _ALLOCATION_SECONDS
    while True:
        network.reload()
        if subnet(network) is not None:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
