"""Machines with an engine each, in a network of their own, on the machine of the test.

A machine is a namespace of network, mounts, processes and host name, so that its engine has the usual paths, and has a
server of ssh. Its disk is memory, which is free when it ends. A bridge in a namespace of its own is their network,
which leads nowhere.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import docker
import pytest

from tests.end_to_end import ssh

# Set apart for documentation (RFC 5737): nobody's network is hidden.
NETWORK = "198.51.100"
GATEWAY = f"{NETWORK}.254"
"""From which programs of the test reach the machines, and at which they are reached."""
_NAMESPACES = ("unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
_BOOT = (
    "hostname {name} && mount --bind {folder}/run /run && mount -t tmpfs machine /var/lib/docker && mkdir /run/sshd && "
    "{sshd} -f {folder}/../sshd_config -E {folder}/sshd.log -o ListenAddress={address} && "
    "TZ=UTC exec dockerd --cgroup-parent=/{group} --log-level=info > {folder}/log 2>&1"
)
_ELECTED = re.compile(r'time="([^"]+)" .*became leader')


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@dataclass
class Machine:
    """A machine with an engine."""

    name: str
    address: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    client: docker.DockerClient = field(init=False)

    @property
    def host(self) -> str:
        """The address of its engine on the machine of the test."""
        return f"unix://{self.folder}/run/docker.sock"

    def boot(self, namespace: str, group: str) -> None:
        (self.folder / "run").mkdir(parents=True)
        Path("/var/lib/docker").mkdir(exist_ok=True)
        boot = _BOOT.format(name=self.name, address=self.address, folder=self.folder, group=group, sshd=ssh.SERVER)
        self.process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{namespace}", *_NAMESPACES, "sh", "-c", boot],
            stdin=subprocess.DEVNULL,
        )

    def connect(self) -> docker.DockerClient:
        deadline = time.monotonic() + 30
        while True:
            # The SDK leaves the socket of a failed connection to the garbage collector, which warns of it.
            with socket.socket(socket.AF_UNIX) as trial, suppress(OSError):
                trial.connect(f"{self.folder}/run/docker.sock")
                break
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)
        self.client = docker.DockerClient(base_url=self.host, timeout=120)
        return self.client

    def elected(self) -> float:
        """Return when it became the leader of its swarm the last time, in seconds since the epoch; 0 for never."""
        found = _ELECTED.findall((self.folder / "log").read_text())
        return datetime.fromisoformat(f"{found[-1][:26].rstrip('Z')}+00:00").timestamp() if found else 0.0

    def lose(self) -> None:
        """Have all that runs there end at once; nobody is told."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)
            self.process = None
            # One that has never answered has none.
            with suppress(AttributeError):
                self.client.close()


@dataclass(frozen=True)
class Network:
    """The network of some machines.

    Attributes:
        namespace: from which all of them are reached.
    """

    namespace: str
    folder: Path
    machines: tuple[Machine, ...]

    def unplug(self, machine: Machine) -> None:
        """Have nothing come from a machine or get there: no connection is closed."""
        ip("-n", self.namespace, "link", "set", machine.name, "down")

    def plug(self, machine: Machine) -> None:
        """Undo it."""
        ip("-n", self.namespace, "link", "set", machine.name, "up")

    def load(self, *images: str) -> None:
        """Bring images from the engine of the test's machine to all of them at once, what they share only once."""
        with ExitStack() as stack:
            saving = stack.enter_context(subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE))
            commands = (["docker", "--host", machine.host, "load", "--quiet"] for machine in self.machines)
            loading = [
                stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL))
                for command in commands
            ]
            assert saving.stdout is not None
            while piece := saving.stdout.read(1 << 20):
                for each in loading:
                    assert each.stdin is not None
                    each.stdin.write(piece)
        assert [each.returncode for each in (saving, *loading)] == [0] * (1 + len(loading))

    def python(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Run a program that reaches the machines, also by ssh."""
        command = ["nsenter", f"--net=/run/netns/{self.namespace}", sys.executable, *words]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", **environment},
        )


@contextmanager
def started(count: int) -> Iterator[Network]:
    """Start so many machines, and remove them afterwards. Skips the test where this is not possible.

    The machine of the test has the server of `ssh.install`.
    """
    if os.getuid() != 0 or shutil.which("dockerd") is None or shutil.which("ip") is None:
        pytest.skip("machines of a test's own need root, an engine's program and iproute2")
    word = uuid4().hex[:6]
    # A socket's path has at most 107 bytes.
    folder = Path(mkdtemp(prefix="gptdeploy-"))
    lan, group = f"gptdeploy-{word}", f"gptdeploy-test-{word}"
    found = tuple(Machine(f"m{n}", f"{NETWORK}.{n}", folder / str(n)) for n in range(1, count + 1))
    ssh.prepare(folder, f"{NETWORK}.*")
    try:
        ip("netns", "add", lan)
        ip("-n", lan, "link", "set", "lo", "up")
        ip("-n", lan, "link", "add", "lan", "type", "bridge")
        ip("-n", lan, "addr", "add", f"{GATEWAY}/24", "dev", "lan")
        ip("-n", lan, "link", "set", "lan", "up")
        for machine in found:
            own = f"{lan}-{machine.name}"
            ip("netns", "add", own)
            ip("-n", own, "link", "set", "lo", "up")
            ip("-n", own, "link", "add", "eth0", "type", "veth", "peer", "name", machine.name, "netns", lan)
            ip("-n", own, "addr", "add", f"{machine.address}/24", "dev", "eth0")
            ip("-n", own, "link", "set", "eth0", "up")
            # Nothing is there, but an engine looks for its own address by the way out.
            ip("-n", own, "route", "add", "default", "via", GATEWAY)
            ip("-n", lan, "link", "set", machine.name, "master", "lan", "up")
            machine.boot(own, group)
        for machine in found:
            machine.connect()
        yield Network(lan, folder, found)
    finally:
        for machine in found:
            machine.lose()
        for name in (*(f"{lan}-{machine.name}" for machine in found), lan):
            with suppress(subprocess.CalledProcessError):
                ip("netns", "delete", name)
        shutil.rmtree(folder)
        _remove_groups(group)


def _remove_groups(group: str) -> None:
    """Remove what the kernel keeps of the processes of the machines, once these have ended."""
    deadline = time.monotonic() + 20
    while left := [each for top in Path("/sys/fs/cgroup").glob(f"**/{group}") for each in (top, *top.glob("**/"))]:
        for each in sorted(left, reverse=True):
            with suppress(OSError):
                each.rmdir()
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
