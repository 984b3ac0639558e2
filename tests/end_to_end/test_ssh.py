"""A platform is set up, looked at and removed from another machine, which reaches nothing but its ssh.

That machine is a network namespace without any network. Its ssh goes through a Unix socket to a server on loopback.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import docker
import pytest

from bot.demo import Say
from bot.demo.ports import free_port
from bot.deploy import find_platform, own_registry, platform_down
from tests.end_to_end import ssh

PROXY = """\
import os, socket, sys, threading
there = socket.socket(socket.AF_UNIX)
there.connect(sys.argv[1])
def send():
    while data := os.read(0, 65536):
        there.sendall(data)
    there.shutdown(socket.SHUT_WR)
threading.Thread(target=send, daemon=True).start()
while data := there.recv(65536):
    os.write(1, data)
"""


@dataclass(frozen=True)
class Laptop:
    """A machine from which the engine's one is reached as `machine`, and nothing else.

    Attributes:
        folder: with the keys, and an ssh of its own that knows the machine.
        alone: the command that leaves the network.
    """

    folder: Path
    alone: tuple[str, ...]

    def run(self, *words: str, ended: int = 0, **environment: str) -> str:
        """Call `gptdeploy`; return what it has said, on standard error where it fails."""
        clean = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
        done = subprocess.run(
            [*self.alone, sys.executable, "-m", "bot", *words],
            env={**clean, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == ended, done.stderr
        return done.stderr if ended else done.stdout

    def tunnels(self) -> list[str]:
        """Return the ssh processes of this laptop that run."""
        lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
        return [line for line in lines if f"{self.folder}/config" in line]


@pytest.fixture(scope="module")
def laptop(say: Say, together: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    folder, port = tmp_path_factory.mktemp("laptop"), free_port()
    ssh.install(say, together)
    through = f"  ProxyCommand {sys.executable} {folder}/proxy.py {folder}/way\n"
    ssh.prepare(folder, "machine", f"ListenAddress 127.0.0.1:{port}\n", through)
    (folder / "proxy.py").write_text(PROXY)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([ssh.SERVER, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
    try:
        deadline = time.monotonic() + 20
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert server.poll() is None and time.monotonic() < deadline, (folder / "sshd.log").read_text()
            time.sleep(0.05)
        with closing(socket.socket(socket.AF_UNIX)) as way:
            way.bind(str(folder / "way"))
            way.listen()
            threading.Thread(target=relay, args=(way, port), daemon=True).start()
            yield Laptop(folder, ("unshare", "--net") if os.getuid() == 0 else ())
            way.shutdown(socket.SHUT_RDWR)
    finally:
        server.terminate()
        server.wait(10)


def relay(way: socket.socket, port: int) -> None:
    """Lead each connection to the ssh server."""
    with suppress(OSError):
        while True:
            threading.Thread(target=lead, args=(way.accept()[0], port)).start()


def lead(here: socket.socket, port: int) -> None:
    with here, socket.create_connection(("127.0.0.1", port)) as there:
        back = threading.Thread(target=pump, args=(there, here))
        back.start()
        pump(here, there)
        back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def name(images: docker.DockerClient) -> Iterator[str]:
    name = f"gptdeploy-test-{uuid4().hex[:8]}"
    yield name
    platform_down(images, name)


def test_a_platform_is_set_up_and_removed_from_a_laptop(images: docker.DockerClient, laptop: Laptop, name: str) -> None:
    where, port = f"{getpass.getuser()}@machine", free_port()
    said = laptop.run(
        *("platform", "up", "--host", where, "--name", name, "--port", str(port), "--registry", str(free_port(5800))),
    )
    assert f"The platform is up: http://localhost:{port}/" in said
    platform = find_platform(images, name)
    assert platform is not None
    own = own_registry.address_of(images, platform)
    assert f"Its own registry keeps the images: {own}" in said

    # The variable says the same as the option, with the socket's path where it is another one.
    address = f"ssh://{where}/var/run/docker.sock"
    shown = json.loads(laptop.run("platform", "status", "--json", "--name", name, DOCKER_HOST=address))
    assert set(shown["containers"].values()) == {"running"}
    assert own_registry.name(platform) in shown["containers"]
    # What is set up again without a registry keeps its own.
    again = ("platform", "up", "--host", where, "--name", name, "--port", str(port))
    assert own in laptop.run(*again)

    laptop.run("platform", "down", "--yes", "--host", where, "--name", name)
    assert find_platform(images, name) is None
    # There is nothing left to remove, on an engine that may have no swarm any more.
    laptop.run("platform", "down", "--yes", "--host", where, "--name", name)
    assert laptop.tunnels() == []


def test_why_a_machine_is_not_reached_is_said_in_one_line(laptop: Laptop, name: str) -> None:
    said = laptop.run("platform", "status", "--host", "nobody@machine", "--name", name, ended=2)
    assert said.startswith("gptdeploy: `machine` is not reached through ssh: ")
    assert "Permission denied" in said
    known = (laptop.folder / "known_hosts").read_text()
    ssh.keygen(laptop.folder / "other")
    (laptop.folder / "known_hosts").write_text("machine " + " ".join((laptop.folder / "other.pub").read_text().split()))
    try:
        changed = laptop.run("platform", "status", "--host", f"{getpass.getuser()}@machine", ended=2)
    finally:
        (laptop.folder / "known_hosts").write_text(known)
    assert "Host key verification failed" in changed
    assert "No Docker engine answers" in laptop.run(
        "platform", "status", "--host", f"ssh://{getpass.getuser()}@machine/nothing.sock", ended=2
    )
    for address in ("ssh://-oProxyCommand=true", "ssh://a@b:port"):
        assert "is no address of a machine" in laptop.run("platform", "status", "--host", address, ended=2)
    assert laptop.tunnels() == []
