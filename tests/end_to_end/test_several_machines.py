"""A platform of three machines: each is a way in, and where one is lost, the others serve within seconds.

The kernel of some machines lacks IP_VS, so nothing here goes over Swarm's routing mesh; the networks between the
machines are its VXLAN.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.demo import Say
from bot.deploy import Platform, machines, own_registry, platform_down, rollout, swarm
from bot.deploy.certificate import Certificate
from bot.deploy.containers import listed, playground_image
from bot.deploy.deployed import deployed
from bot.deploy.description import read_description
from bot.deploy.layout import EGRESS_PORT, LABEL, SLUG_LABEL, TLS
from bot.deploy.operations import Operations
from bot.deploy.owner import NOBODY
from bot.deploy.wanted import NewVersion
from bot.errors import UserError
from tests.end_to_end import ssh
from tests.end_to_end.machines import GATEWAY, Network, started
from tests.end_to_end.services import Drawing
from tests.end_to_end.visiting import references, until
from tests.fakes.certificate import self_signed

CERTIFICATE = Certificate(*self_signed("apps.localhost", "*.apps.localhost"))
PLATFORM = Platform(
    public_url="https://apps.localhost:8443",
    port=8443,
    bind="0.0.0.0",  # noqa: S104 (of machines that nobody else reaches)
    tls=TLS.OWN,
    certificate=CERTIFICATE.hash,
    reachable=(f"{GATEWAY}/32",),
)
HOST = "draw.apps.localhost:8443"
OUTSIDE = 8000
"""The port of what the service may reach, beside its machines."""
# What a proxy answers to somebody in a service who asks for a host and a port.
TUNNEL = (
    "import socket, sys; way = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5); "
    "way.sendall(f'CONNECT {sys.argv[3]} HTTP/1.1\\r\\n\\r\\n'.encode()); print(way.recv(99).split()[1].decode())"
)


@pytest.fixture(scope="module")
def network(drawing: Drawing, say: Say, together: Path) -> Iterator[Network]:
    """Three machines, all of them managers; the first one has the images, the registry and the only replica."""
    engine, images = drawing.client, swarm.IMAGES
    ssh.install(say, together)
    with started(3) as network:
        first, second, third = [machine.client for machine in network.machines]
        playground = playground_image(engine, images.python)
        network.load(images.caddy, images.python, playground, images.registry, drawing.image)
        (network.folder / "certificate.pem").write_bytes(CERTIFICATE.chain)
        # This one is still to be brought, and a service's image to be pulled.
        second.images.remove(images.caddy)
        for other in (second, third):
            other.images.remove(drawing.image)
        swarm.platform_up(first, PLATFORM, certificate=CERTIFICATE, address=network.machines[0].address)
        own_registry.set_up(first, PLATFORM, 5000, images.registry)
        # As a worker, which then becomes a manager.
        said = through_ssh(network, "platform", "join", "--host", f"root@{network.machines[1].address}")
        assert said.endswith("is of the platform; it is a way in at port 8443.\n")
        assert not second.info()["Swarm"]["ControlAvailable"]
        for other in (second, third):
            machines.join(first, PLATFORM, other, print, manager=True)
        for other in (second, third):
            availability(first, other, "pause")
        description, egress = read_description(drawing.folder), (f"{GATEWAY}:{OUTSIDE}",)
        rollout.prepare(first, NewVersion(description, drawing.image, "", egress=egress)).carry_out()
        for other in (second, third):
            availability(first, other, "active")
        yield network


def availability(client: docker.DockerClient, other: docker.DockerClient, wanted: str) -> None:
    node = client.nodes.get(other.info()["Swarm"]["NodeID"])
    node.update({**node.attrs["Spec"], "Availability": wanted})


def through_ssh(network: Network, *words: str) -> str:
    """Call the command where the machines are reached by ssh, the first one's engine too; return what it prints."""
    first = f"ssh://root@{network.machines[0].address}"
    process = network.python("-m", "bot", *words, DOCKER_HOST=first)
    out, _ = process.communicate()
    assert process.returncode == 0
    return out


def gptdeploy(network: Network, number: int, *words: str) -> str:
    """Call the command on a machine, and return what it prints."""
    done = CliRunner().invoke(main, list(words), env={"DOCKER_HOST": network.machines[number].host})
    assert done.exit_code in (0, 1), done.output
    return done.stdout


def shown(network: Network, number: int) -> dict[str, dict[str, Any]]:
    """Return what `platform status` says of the machines, by their names."""
    said = json.loads(gptdeploy(network, number, "platform", "status", "--json"))
    return {machine["name"]: machine for machine in said["machines"]}


@contextmanager
def users(network: Network, *numbers: int) -> Iterator[list[dict[str, Any]]]:
    """Use the service through machines all the time; yield what is said when. Each has to show the certificate."""
    addresses = [f"{network.machines[number].address}:{PLATFORM.port}" for number in numbers]
    program, certificate = Path(__file__).with_name("asking.py"), network.folder / "certificate.pem"
    process = network.python(str(program), HOST, str(certificate), *addresses)
    answers: list[dict[str, Any]] = []

    def listen() -> None:
        assert process.stdout is not None
        answers.extend(map(json.loads, process.stdout))

    with process:
        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield answers
        finally:
            assert process.stdin is not None
            process.stdin.close()
            listener.join()


def settled(answers: list[dict[str, Any]], said: str, machines: int, seconds: float) -> float:
    """Wait until all machines have said the same for some seconds; return since when, in seconds since the epoch."""
    deadline = time.time() + seconds
    while True:
        others = [answer["began"] + answer["seconds"] for answer in answers if answer["said"] != said]
        since = max(others, default=0.0)
        # Each user waits this long at most: who does so now has to be heard first.
        good = {answer["address"] for answer in answers if answer["began"] > max(since, time.time() - 3)}
        if time.time() - since > 3.5 and len(good) == machines:
            return since
        assert time.time() < deadline, answers[-5:]
        time.sleep(0.2)


def replicas(network: Network) -> list[int]:
    """Return how many containers of the service run on each machine."""
    labels = (f"{LABEL}={PLATFORM.name}", f"{SLUG_LABEL}=draw")
    return [
        sum(container.status == "running" for container in listed(machine.client, *labels))
        for machine in network.machines
    ]


def test_machines_join_and_one_that_is_lost_is_replaced(network: Network) -> None:
    first, second, third = network.machines
    before = shown(network, 0)
    assert {name: (machine["state"], machine["member"]) for name, machine in before.items()} == {
        name: ("ready", True) for name in ("m1", "m2", "m3")
    }
    assert (before["m1"]["role"], before["m1"]["services"]) == ("leader", ["draw"])
    # What has a machine join by hand is a secret, and only where it is asked for.
    said = gptdeploy(network, 0, "platform", "join")
    assert said.startswith("docker swarm join --token SWMTKN-1-")
    assert said.rstrip().endswith(tuple(f" {machine.address}:2377" for machine in network.machines))
    with pytest.raises(UserError, match="Other machines are of this platform"):
        platform_down(first.client)

    # Each machine has the image before it needs it, and is a way in.
    image = deployed(first.client, PLATFORM, "draw", NOBODY).history.current.image
    until(lambda: all(image in references(machine.client) for machine in network.machines))
    with users(network, 0, 1, 2) as answers:
        settled(answers, "200", 3, 20)

    # The first is the leader, and has the registry and the only replica: nothing worse can be lost.
    with users(network, 1, 2) as answers:
        settled(answers, "200", 2, 20)
        lost = time.time()
        network.unplug(first)
        until(lambda: any(answer["said"] != "200" for answer in answers))
        back = settled(answers, "200", 2, 120) - lost
    failed = sum(answer["said"] != "200" for answer in answers)
    election = max(second.elected(), third.elected()) - lost
    # `tests/bench/machines.py` reads it: how long that takes is no matter of right or wrong.
    print(f"back after {back:.1f} s, a leader after {election:.1f} s, {failed} of {len(answers)} requests failed")
    after = shown(network, 1)
    assert after["m1"]["state"] == "down"
    assert [*after["m2"]["services"], *after["m3"]["services"]] == ["draw"]

    # Once it is there again it takes part: it is a way in, its replica is no more, and new ones are spread. What
    # somebody has pruned meanwhile is pulled again.
    for machine in (second, third):
        machine.client.images.prune({"dangling": False})
    assert [image in references(machine.client) for machine in (second, third)].count(True) == 1
    network.plug(first)
    until(lambda: {machine["state"] for machine in shown(network, 1).values()} == {"ready"})
    until(lambda: replicas(network)[0] == 0)
    until(lambda: all(image in references(machine.client) for machine in network.machines))
    Operations(second.client, PLATFORM.name, NOBODY).scale("draw", 3)
    until(lambda: replicas(network) == [1, 1, 1])
    with users(network, 0, 1, 2) as answers:
        settled(answers, "200", 3, 60)
    for machine in network.machines:
        ingresses = [
            each for each in listed(machine.client, f"{LABEL}={PLATFORM.name}") if each.name == PLATFORM.ingress
        ]
        assert [each.status for each in ingresses] == ["running"]
    # On each machine the service reaches what its settings name, and nothing else.
    outside = network.python("-m", "http.server", str(OUTSIDE), "--bind", GATEWAY)
    try:
        until(lambda: reached(first.client, OUTSIDE) == "200")
        for machine in network.machines:
            assert [reached(machine.client, port) for port in (OUTSIDE, OUTSIDE + 1)] == ["200", "403"], machine.name
    finally:
        outside.terminate()
        outside.communicate()

    # One that is lost for good is forgotten, and one that answers leaves; the others go on meanwhile.
    third.lose()
    gptdeploy(network, 0, "platform", "leave", "m3")
    with users(network, 0) as answers:
        settled(answers, "200", 1, 30)
        through_ssh(network, "platform", "leave", "--host", f"root@{second.address}")
        settled(answers, "200", 1, 30)
    assert shown(network, 0).keys() == {"m1"}
    assert not listed(second.client, f"{LABEL}={PLATFORM.name}")
    assert second.client.info()["Swarm"]["LocalNodeState"] == "inactive"
    platform_down(first.client)
    assert first.client.info()["Swarm"]["LocalNodeState"] == "inactive"


def reached(client: docker.DockerClient, port: int) -> str:
    """Return what the way out answers to the service's replica on a machine that asks for a port outside."""
    (replica,) = (each for each in listed(client, f"{SLUG_LABEL}=draw") if each.status == "running")
    words = ["python", "-c", TUNNEL, PLATFORM.egress, str(EGRESS_PORT), f"{GATEWAY}:{port}"]
    output = replica.exec_run(words).output
    assert isinstance(output, bytes)
    return output.decode().strip()
