"""What the engine is told about a service, and the probe that it runs in the service's container."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.demo.ports import free_port
from bot.deploy.description import Description, Resources
from bot.deploy.layout import Platform
from bot.deploy.service_spec import service_spec
from bot.deploy.versions import first

DESCRIPTION = Description(
    slug="qr",
    title="QR code",
    summary="Draws one.",
    example={},
    output_schema={},
    resources=Resources(memory=256, cpus=0.5, pids=64),
)
HISTORY = first(DESCRIPTION, "registry/qr:1", "a" * 40)


def test_a_service_is_locked_down_and_limited() -> None:
    spec = service_spec(Platform(), "qr", HISTORY, network="n", revision=5, patience=30)
    task = spec["TaskTemplate"]
    container = task["ContainerSpec"]
    assert task["Resources"]["Limits"] == {"NanoCPUs": 500_000_000, "MemoryBytes": 268_435_456, "Pids": 64}
    assert container["ReadOnly"]
    assert container["CapabilityDrop"] == ["ALL"]
    assert [mount["Type"] for mount in container["Mounts"]] == ["tmpfs"]
    assert spec["EndpointSpec"] == {"Mode": "dnsrr"}
    assert spec["UpdateConfig"]["Order"] == "start-first"
    assert spec["UpdateConfig"]["FailureAction"] == "rollback"


def test_nothing_leads_out_of_a_service_unless_hosts_are_named() -> None:
    spec = service_spec(Platform(), "qr", HISTORY, network="n", revision=5, patience=30)
    assert spec["TaskTemplate"]["Networks"] == [{"Target": "n"}]
    assert spec["TaskTemplate"]["ContainerSpec"]["DNSConfig"]["Nameservers"] == ["127.0.0.1"]
    assert "Env" not in spec["TaskTemplate"]["ContainerSpec"]
    let_out = service_spec(Platform(), "qr", HISTORY, network="n", egress=("a.example",), revision=5, patience=30)
    assert "HTTPS_PROXY=http://gptdeploy-egress:3128" in let_out["TaskTemplate"]["ContainerSpec"]["Env"]
    assert let_out["Labels"]["gptdeploy.egress"] == "a.example"


class Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[int, int, float], None]]:
    """Answer GET /healthz on a port with a status, from some seconds on."""
    threads = []
    ended = threading.Event()

    def start(port: int, status: int, after: float) -> None:
        def run() -> None:
            time.sleep(after)
            handler = type("Handler", (Health,), {"status": status})
            with HTTPServer(("127.0.0.1", port), handler) as server:
                server.timeout = 0.05
                while not ended.is_set():
                    server.handle_request()

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    yield start
    ended.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("status", "after", "healthy"),
    [(200, 0, True), (200, 0.4, True), (503, 0, False), (404, 0, False), (None, 0, False)],
    ids=["well", "late", "unwell", "without /healthz", "absent"],
)
def test_the_probe_waits_for_a_service_and_reads_its_status(
    serve: Callable[[int, int, float], None], tmp_path: Path, status: int | None, after: float, healthy: bool
) -> None:
    port = free_port()
    if status is not None:
        serve(port, status, after)
    spec = service_spec(Platform(), "qr", HISTORY, network="n", revision=5, patience=30)
    kind, script = spec["TaskTemplate"]["ContainerSpec"]["Healthcheck"]["Test"]
    assert kind == "CMD-SHELL"
    script = script.replace("8080", str(port)).replace("/tmp/.answered", str(tmp_path / "answered"))
    folders = os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()])
    done = subprocess.run(["sh", "-c", script], env={"PATH": folders}, timeout=10, check=False)
    assert (done.returncode == 0) is healthy
    assert (tmp_path / "answered").exists() is healthy
