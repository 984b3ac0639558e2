"""The machines of a platform of several: one joins or leaves, and what each of them is."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound, NotFound

from bot.clients.docker_engine import tolerate
from bot.deploy import agent, engine_swarm, own_registry, swarm
from bot.deploy.certificate import Certificate
from bot.deploy.containers import listed, playground_image
from bot.deploy.ingress import OWN_CERTIFICATE, OWN_FOLDER, OWN_KEY
from bot.deploy.layout import LABEL, SLUG_LABEL, TLS, Platform
from bot.errors import UserError

_READY_SECONDS = 60.0


@dataclass(frozen=True)
class Machine:
    """A machine of a swarm.

    Attributes:
        node: its id in the swarm.
        role: "leader", "manager" or "worker".
        availability: "active", or what somebody has set instead, e.g. "drain".
        state: "ready" where it answers, "down" where it does not.
        member: whether it has an ingress of the platform.
        services: which services run there, a name for each replica.
    """

    node: str
    name: str
    address: str
    role: str
    availability: str
    state: str
    member: bool
    services: tuple[str, ...]


def machines(client: docker.DockerClient, platform: Platform) -> tuple[Machine, ...]:
    """Return all machines of the platform's swarm."""
    api: Any = client.api
    label = f"{LABEL}={platform.name}"
    running: dict[str, list[str]] = {}
    slugs = {
        service["ID"]: service["Spec"]["Labels"][SLUG_LABEL]
        for service in api.services(filters={"label": [label, SLUG_LABEL]})
    }
    for task in api.tasks(filters={"desired-state": "running"}):
        if task.get("ServiceID") in slugs and task["Status"]["State"] == "running":
            running.setdefault(task.get("NodeID", ""), []).append(slugs[task["ServiceID"]])
    return tuple(_machine(node, platform, running.get(node["ID"], [])) for node in api.nodes())


def _machine(node: dict[str, Any], platform: Platform, services: list[str]) -> Machine:
    manager = node.get("ManagerStatus") or {}
    return Machine(
        node=node["ID"],
        name=node["Description"]["Hostname"],
        address=node["Status"].get("Addr", ""),
        role="leader" if manager.get("Leader") else node["Spec"]["Role"],
        availability=node["Spec"]["Availability"],
        state=node["Status"]["State"],
        member=agent.member_label(platform) in (node["Spec"].get("Labels") or {}),
        services=tuple(sorted(services)),
    )


def join(  # noqa: PLR0913 (an argument a fact)
    client: docker.DockerClient,
    platform: Platform,
    new: docker.DockerClient,
    say: Callable[[str], None],
    *,
    manager: bool = False,
    address: str = "",
    images: swarm.Images = swarm.IMAGES,
) -> None:
    """Have another engine join the platform, or mend what it has of it. Services go on serving.

    It gets the images of the platform's own containers from the engine that has them, and needs no registry for these.

    Args:
        client: a manager's, with the platform on it.
        new: the engine that joins.
        manager: whether it may decide for the swarm; the machines decide as long as more than half of these answer.
        address: its own, in the network of the others; "" lets it choose.

    Raises:
        UserError: says what stands in the way.
    """
    check(platform)
    node = _enter(client, new, manager, address)
    engine_swarm.notice_losses(client)
    registry = own_registry.port_of(client, platform)
    playground = playground_image(client, images.python)
    for image in (images.caddy, images.python, playground):
        carry(client, new, image, say)
    certificate = _certificate(client, platform) if platform.tls is TLS.OWN else None
    try:
        swarm.run(new, platform, images, certificate, playground, [], [])
        if registry:
            own_registry.lead_to(client, new, platform, registry, images.caddy)
    except APIError as error:
        raise UserError(f"The engine that joins refuses: {error.explanation or error}") from error
    for each in (str(client.info()["Swarm"]["NodeID"]), node):
        _label(client, each, agent.member_label(platform))
    agent.spread(client, platform, str(client.images.get(images.python).id))


def check(platform: Platform) -> None:
    """Check that a platform can be on several machines.

    Raises:
        UserError: its certificates are bound to one.
    """
    if platform.tls in (TLS.AUTO, TLS.INTERNAL):
        raise UserError(
            "The certificates of this platform are made by the ingress of one machine, and those of others would not "
            "have them: give it one by `gptdeploy platform up --certificate`, or use `--tls off` behind a proxy."
        )


def leave(client: docker.DockerClient, platform: Platform, old: docker.DockerClient) -> None:
    """Take a machine that answers out of the platform and its swarm: its replicas start elsewhere first.

    Raises:
        UserError: it is no other machine of this swarm.
    """
    node = str(old.info()["Swarm"].get("NodeID") or "")
    if not node or node == client.info()["Swarm"]["NodeID"]:
        raise UserError("This is no other machine of the platform; `gptdeploy platform down` removes the last one.")
    spec = _node(client, node)["Spec"]
    _update(client, node, {**spec, "Availability": "drain", "Role": "worker"})
    _wait(lambda: not any(node == machine.node and machine.services for machine in machines(client, platform)))
    label: dict[str, Any] = {"label": f"{LABEL}={platform.name}"}
    for container in listed(old, f"{LABEL}={platform.name}"):
        tolerate(partial(container.remove, force=True))
    old.swarm.leave(force=True)
    for volume in old.volumes.list(filters=label):
        volume.remove()
    # Those of the swarm go with it.
    for network in old.networks.list(filters={**label, "scope": "local"}):
        tolerate(partial(network.remove))
    forget(client, node)


def forget(client: docker.DockerClient, node: str) -> None:
    """Take a machine that is lost out of the swarm, by its id or name.

    Raises:
        UserError: there is none, or it still answers.
    """
    api: Any = client.api
    found = _node(client, node)
    if not _wait(lambda: _node(client, found["ID"])["Status"]["State"] == "down"):
        raise UserError(f"`{node}` still answers: `gptdeploy platform leave --host` takes it out.")
    if found["Spec"]["Role"] == "manager":
        _update(client, found["ID"], {**found["Spec"], "Role": "worker"})
    api.remove_node(found["ID"], force=True)


def _enter(client: docker.DockerClient, new: docker.DockerClient, manager: bool, address: str) -> str:
    """Have an engine be in the swarm, and return the id of its node."""
    here, there = client.info()["Swarm"], new.info()["Swarm"]
    if there["LocalNodeState"] == "inactive":
        role = "Manager" if manager else "Worker"
        options = {"advertise_addr": address} if address else {}
        try:
            new.swarm.join(
                remote_addrs=engine_swarm.managers(client),
                join_token=engine_swarm.token(client, role),
                listen_addr=f"0.0.0.0:{engine_swarm.PORT}",
                **options,
            )
        except APIError as error:
            raise UserError(f"The engine does not join: {error.explanation or error}") from error
    node = str(new.info()["Swarm"]["NodeID"])
    if node == here["NodeID"]:
        raise UserError("This engine has the platform already: `--host` names the machine that joins.")
    try:
        if not _wait(lambda: _node(client, node)["Status"]["State"] == "ready"):
            raise UserError("The engine has joined, and does not answer the managers: see its log.")
    except NotFound as error:
        raise UserError("The engine is in another swarm: `docker swarm leave` there, and try again.") from error
    if manager and _node(client, node)["Spec"]["Role"] != "manager":
        _update(client, node, {**_node(client, node)["Spec"], "Role": "manager"})
    return node


def carry(client: docker.DockerClient, new: docker.DockerClient, name: str, say: Callable[[str], None]) -> None:
    """Bring an image from one engine to another under its name, unless it has the same one."""
    image = client.images.get(name)
    try:
        if new.images.get(name).id == image.id:
            return
    except ImageNotFound:
        pass
    say(f"bringing {name} there")
    pieces: Any = image.save(named=name)
    new.images.load(pieces)


def _certificate(client: docker.DockerClient, platform: Platform) -> Certificate:
    pieces, _ = client.containers.get(platform.ingress).get_archive(OWN_FOLDER)
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        folder = OWN_FOLDER.rpartition("/")[2]
        files = [tar.extractfile(f"{folder}/{name}") for name in (OWN_CERTIFICATE, OWN_KEY)]
        chain, key = (file.read() if file else b"" for file in files)
    return Certificate(chain, key)


def _label(client: docker.DockerClient, node: str, label: str) -> None:
    spec = _node(client, node)["Spec"]
    if label not in (spec.get("Labels") or {}):
        _update(client, node, {**spec, "Labels": {**(spec.get("Labels") or {}), label: "1"}})


def _update(client: docker.DockerClient, node: str, spec: dict[str, Any]) -> None:
    """Change a node; its version moves on when its state does, so it is tried again."""
    api: Any = client.api
    for remaining in reversed(range(10)):
        try:
            api.update_node(node, _node(client, node)["Version"]["Index"], node_spec=spec)
            return
        except APIError as error:
            if not remaining or "out of sequence" not in str(error.explanation):
                raise
        time.sleep(0.2)


def _node(client: docker.DockerClient, node: str) -> dict[str, Any]:
    api: Any = client.api
    found: dict[str, Any] = api.inspect_node(node)
    return found


def _wait(reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _READY_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
