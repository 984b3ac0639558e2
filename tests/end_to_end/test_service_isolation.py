"""A service that attacks from inside: it reaches nobody, and with `egress` the named host alone."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import NotFound

from bot.deploy import Platform, networks, rollout, swarm
from bot.deploy.description import read_description
from bot.deploy.layout import EGRESS_PORT
from bot.deploy.live import Live
from bot.deploy.owner import NOBODY
from bot.deploy.removal import take_down, withdraw
from bot.deploy.wanted import NewVersion
from tests.end_to_end import services
from tests.end_to_end.services import Drawing

ATTACKER = """
import base64
import http.client
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from interface import Input, Output


def attempt(what):
    try:
        if what[0] == "name":
            return "known as " + socket.gethostbyname(what[1])
        if what[0] == "http":
            connection = http.client.HTTPConnection(what[1], what[2], timeout=4)
            connection.request("GET", "/healthz", headers={"Host": what[3]})
            return f"answered {connection.getresponse().status}"
        if what[0] == "tunnel":
            proxy = urlsplit(os.environ.get("HTTPS_PROXY") or "http://" + what[3])
            connection = http.client.HTTPConnection(proxy.hostname, proxy.port, timeout=8)
            connection.set_tunnel(what[1], what[2])
            connection.request("GET", "/")
            return connection.getresponse().read().decode()
        socket.create_connection((what[1], what[2]), 4).close()
        return "reached"
    except OSError as error:
        return f"refused: {error}"
    except http.client.HTTPException as error:
        return f"refused: {error!r}"


def execute(input: Input) -> Output:
    said = []
    if input.text.startswith("["):
        with ThreadPoolExecutor(16) as threads:
            said = list(threads.map(attempt, json.loads(input.text)))
    return Output(image=base64.b64encode(json.dumps(said).encode()).decode(), user=os.getuid())
"""


@dataclass(frozen=True)
class Host:
    """A server on the engine's machine that answers everybody, as the engine's own port would; `calls` counts."""

    address: str
    port: int
    calls: list[str]


@pytest.fixture(scope="module")
def host(images: docker.DockerClient) -> Iterator[Host]:
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.client_address[0])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"the host answers")

        def log_message(self, format: str, *args: object) -> None:
            pass

    gateway = images.networks.get("docker_gwbridge").attrs["IPAM"]["Config"][0]["Gateway"]
    with ThreadingHTTPServer(("0.0.0.0", 0), Handler) as server:  # noqa: S104 (a container connects)
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield Host(gateway, server.server_port, calls)
        server.shutdown()


@dataclass(frozen=True)
class Attacker:
    drawing: Drawing
    image: str
    folder: Path

    def deploy(self, *egress: str) -> Live:
        version = NewVersion(read_description(self.folder), self.image, egress=egress)
        return rollout.prepare(self.drawing.client, version, name=self.drawing.platform.name).carry_out()

    def tries(self, **attempts: list[Any]) -> dict[str, str]:
        response = self.drawing.ask(
            "POST", "/execute", "attack.localhost", json={"text": json.dumps(list(attempts.values()))}
        )
        assert response.status_code == 200, response.text
        return dict(zip(attempts, json.loads(base64.b64decode(response.json()["image"])), strict=True))


@pytest.fixture(scope="module")
def attacker(live: Drawing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacker]:
    root = tmp_path_factory.mktemp("attacker")
    for path, text in services.files("attack", ATTACKER).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    folder = root / "services/attack"
    source = base64.b64encode(ATTACKER.encode()).decode()
    image = live.variant(
        "USER root", f"RUN echo {source} | base64 --decode > executor.py && chmod 644 executor.py", "USER service"
    )
    yield Attacker(live, image, folder)
    take_down(live.client, live.platform, "attack", NOBODY)
    assert networks.find(live.client, live.platform, "attack") is None


def address_in(live: Drawing, container: str, network: str) -> str:
    found = live.client.containers.get(container).attrs["NetworkSettings"]["Networks"]
    return str(found[network]["IPAddress"])


def test_a_service_reaches_nothing_and_nobody_waits_meanwhile(attacker: Attacker, live: Drawing, host: Host) -> None:
    platform = live.platform
    with services.load(platform, "draw.localhost", lambda answer: str(answer.status_code)) as said:
        attacker.deploy()
        other = next(container for container in live.containers() if container.status == "running")
        own, theirs = platform.service("attack"), platform.service("draw")
        results = attacker.tries(
            other_by_name=["tcp", f"tasks.{theirs}", 8080],
            other_by_address=["tcp", address_in(live, str(other.id), theirs), 8080],
            other_through_the_ingress=["http", platform.ingress, 8080, f"draw.{platform.domain}"],
            gallery_through_the_ingress=["http", address_in(live, platform.ingress, own), 8080, platform.domain],
            ingress_elsewhere=["tcp", address_in(live, platform.ingress, platform.network), 8080],
            playground_by_name=["tcp", platform.playground, 8501],
            playground_by_address=["tcp", address_in(live, platform.playground, platform.network), 8501],
            way_out=["tcp", platform.egress, EGRESS_PORT],
            metadata=["tcp", "169.254.169.254", 80],
            engine=["tcp", host.address, host.port],
            gateway=["tcp", address_in(live, platform.ingress, own).rpartition(".")[0] + ".1", host.port],
            bridge=["tcp", "172.17.0.1", host.port],
            internet=["tcp", "1.1.1.1", 443],
            internet_by_name=["name", "example.com"],
        )
        withdraw(live.client, platform, "attack")
        networks.remove(live.client, platform, "attack")
    assert {name: answer for name, answer in results.items() if not answer.startswith("refused: ")} == {}
    assert host.calls == []
    # Networks have come and gone under load.
    assert set(said) == {"200"}
    assert networks.find(live.client, platform, "attack") is None


@pytest.fixture
def opened(live: Drawing, host: Host) -> Iterator[Platform]:
    """The platform, whose operator has opened the stand-in's network to services."""
    swarm.platform_up(live.client, replace(live.platform, reachable=(f"{host.address}/32",)))
    yield live.platform
    swarm.platform_up(live.client, live.platform)


def test_a_named_host_is_reached_and_no_other(attacker: Attacker, opened: Platform, host: Host) -> None:
    named = (f"{host.address}:{host.port}", "169.254.169.254:80", f"{opened.ingress}:8080")
    attacker.deploy(*named)
    results = attacker.tries(
        named=["tunnel", host.address, host.port],
        other_port=["tunnel", host.address, host.port + 1],
        not_named=["tunnel", "1.1.1.1", 443],
        metadata=["tunnel", "169.254.169.254", 80],
        ingress=["tunnel", opened.ingress, 8080],
        past_the_way_out=["tcp", host.address, host.port],
    )
    assert results.pop("named") == "the host answers"
    assert {name: answer.startswith("refused: ") for name, answer in results.items()} == dict.fromkeys(results, True)
    assert len(host.calls) == 1
    assert "403" in results["not_named"]
    assert "403" in results["metadata"]
    # With its next deployment it has no way out any more.
    attacker.deploy()
    gone = attacker.tries(named=["tunnel", host.address, host.port, f"{opened.egress}:{EGRESS_PORT}"])
    assert gone["named"].startswith("refused: ")
    # Another service's `egress` is not this one's.
    assert len(host.calls) == 1


def test_a_service_from_before_is_carried_over_under_load(live: Drawing) -> None:
    client, api, name = live.client, live.client.api, live.platform.service("draw")
    service: dict[str, Any] = api.inspect_service(name)  # type: ignore[no-untyped-call]
    template = service["Spec"]["TaskTemplate"]
    template["Networks"] = [{"Target": live.platform.network}]
    template["ForceUpdate"] += 1
    with services.load(live.platform, "draw.localhost", lambda answer: str(answer.status_code)) as said:
        api.update_service(
            service["ID"],
            service["Version"]["Index"],
            task_template=template,
            name=name,
            labels=service["Spec"]["Labels"],
            mode=service["Spec"]["Mode"],
            update_config=service["Spec"]["UpdateConfig"],
            rollback_config=service["Spec"]["RollbackConfig"],
            endpoint_spec=service["Spec"]["EndpointSpec"],
        )
        while api.inspect_service(name).get("UpdateStatus", {}).get("State") != "completed":  # type: ignore[no-untyped-call]
            pass
        assert live.deploy(live.image) == ""
    assert set(said) == {"200"}
    now: dict[str, Any] = api.inspect_service(name)  # type: ignore[no-untyped-call]
    network = networks.find(client, live.platform, "draw")
    assert network is not None
    assert now["Spec"]["TaskTemplate"]["Networks"] == [{"Target": network.id}]


def test_the_ingress_is_made_again_with_all_networks(live: Drawing) -> None:
    ingress = live.client.containers.get(live.platform.ingress)
    ingress.remove(force=True)
    with pytest.raises(NotFound):
        live.client.containers.get(live.platform.ingress)
    swarm.platform_up(live.client, live.platform)
    assert live.ask("GET", "/healthz").status_code == 200
    live.client.containers.get(live.platform.ingress).restart(timeout=1)
    swarm.platform_up(live.client, live.platform)
    assert live.ask("GET", "/healthz").status_code == 200
