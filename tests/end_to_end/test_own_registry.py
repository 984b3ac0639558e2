"""A registry of the platform's own keeps the images of services as long as a version needs them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docker
import httpx
import pytest

from bot.demo.ports import free_port
from bot.deploy import Platform, own_registry, swarm
from bot.deploy.deployed import deployed
from bot.deploy.operations import Operations
from bot.deploy.owner import NOBODY
from bot.doctor import State
from bot.doctor.finding import green
from bot.errors import UserError
from tests.end_to_end.registries import doctor, empty_platform, lose, prune, pushed, registry, until_alone
from tests.end_to_end.services import Drawing
from tests.end_to_end.visiting import references
from tests.unit.doctor.ward import REPOSITORY


@pytest.fixture
def platform(images: docker.DockerClient) -> Iterator[Platform]:
    with empty_platform(images) as platform:
        yield platform


def test_a_rollback_brings_back_an_image_that_the_engine_has_lost(
    drawing: Drawing, platform: Platform, tmp_path: Path
) -> None:
    client, on = drawing.client, replace(drawing, platform=platform)
    # It ends before the rollback, as a token does with its job.
    with registry(client) as transit:
        address = transit.address
        own = own_registry.set_up(client, platform, free_port(5500), swarm.IMAGES.registry)
        for colour in ("red", "blue"):
            assert on.deploy(pushed(drawing, address, colour)) == ""
    until_alone(on, "blue")
    history = deployed(client, platform, "draw", NOBODY).history
    red, blue = (version.image for version in history.versions)
    assert red.startswith(f"{own}/octo/services/draw@sha256:")
    assert [reference for reference in references(client) if f"{address}/" in reference and "@" not in reference] == []

    prune(client, platform, red)
    Operations(client, platform.name, NOBODY).rollback("draw", "")
    until_alone(on, "red")
    assert on.ask("POST", "/execute", json={"text": "x"}).status_code == 200

    # A registry that is mended, and moved, keeps them; what is live already stays under the name it has.
    moved = own_registry.set_up(client, platform, free_port(5600), swarm.IMAGES.registry)
    assert own_registry.address_of(client, platform) == moved != own
    for image in (red, blue):
        assert manifest(image.replace(own, moved)) == 200
    status = swarm.platform_status(client, platform.name)
    assert status is not None
    assert status.containers[own_registry.name(platform)] == "running"
    assert status.complete

    # The versions keep the address that they were deployed with.
    own_registry.set_up(client, platform, int(own.rpartition(":")[2]), swarm.IMAGES.registry)
    with doctor(tmp_path, platform) as examine:
        assert examine() == green(f"its own registry {own}; 2 images of {REPOSITORY}")
        own_registry.forget(client, platform, [blue])
        found = examine()
        assert (found.state, found.seen.startswith(f"{own} has {own}/octo/services/draw@")) == (State.RED, True), found
        assert found.remedy == "`/deploy` brings what is live there again"
        client.containers.get(own_registry.name(platform)).stop(timeout=0)
        found = examine()
    assert (found.state, found.seen) == (State.RED, "The platform's registry is exited")
    assert "`gptdeploy platform up` starts it again" in found.remedy


def manifest(image: str) -> int:
    """Return what its registry answers for an image."""
    name, _, digest = image.partition("@")
    host, _, path = name.partition("/")
    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    return httpx.get(f"http://{host}/v2/{path}/manifests/{digest}", headers=accept, trust_env=False).status_code


def test_what_no_version_needs_leaves_the_registry_and_its_disk(drawing: Drawing, platform: Platform) -> None:
    client, on = drawing.client, replace(drawing, platform=platform)
    own_registry.set_up(client, platform, free_port(5500), swarm.IMAGES.registry)

    def size() -> int:
        du = client.containers.get(own_registry.name(platform)).exec_run(["du", "-sk", "/var/lib/registry"])
        assert isinstance(du.output, bytes)
        return int(du.output.split()[0])

    image = drawing.variant("ENV COLOUR=green")
    assert on.deploy(image) == ""
    (version,) = deployed(client, platform, "draw", NOBODY).history.versions
    full = size()
    assert (manifest(version.image), full > 10_000) == (200, True)
    # An image of somebody's own stays, under the name that it has had.
    assert client.images.get(image)
    Operations(client, platform.name, NOBODY).delete("draw")
    assert manifest(version.image) == 404
    assert size() < full / 10
    # The registry does not take what it has removed for there.
    assert on.deploy(image) == ""
    (version,) = deployed(client, platform, "draw", NOBODY).history.versions
    assert manifest(version.image) == 200
    Operations(client, platform.name, NOBODY).delete("draw")
    lose(client, image)


def test_the_registry_is_for_the_engine_alone(images: docker.DockerClient, platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match=r"not start on 127\.0\.0\.1"):
        own_registry.set_up(images, platform, taken.getsockname()[1], swarm.IMAGES.registry)
    own = own_registry.set_up(images, platform, free_port(5500), swarm.IMAGES.registry)
    container = images.containers.get(own_registry.name(platform))
    port = int(own.rpartition(":")[2])
    assert container.attrs["HostConfig"]["PortBindings"] == {
        "5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
    }
    (network,) = container.attrs["NetworkSettings"]["Networks"].values()
    script = (
        "import socket, sys\n"
        "for host, port in ((sys.argv[1], 5000), (sys.argv[2], int(sys.argv[3]))):\n"
        "    try:\n"
        "        socket.create_connection((host, port), 2)\n"
        "        print('open')\n"
        "    except OSError:\n"
        "        print('closed')\n"
    )
    where = [network["IPAddress"], network["Gateway"], str(port)]
    for joined in ("bridge", platform.network):
        command = ["python", "-c", script, *where]
        said = images.containers.run(swarm.IMAGES.python, command, network=joined, remove=True)
        assert isinstance(said, bytes)
        assert said.split() == [b"closed", b"closed"], joined
