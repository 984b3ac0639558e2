"""The engine that a command speaks to: this machine's, or another one's through ssh, as the deploy workflow does it.

The other machine needs no Docker client and opens no port of its engine, and ssh asks at the terminal what it has to.
The Docker SDK's own transport starts an ssh for each connection, and needs a library beside the program.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import docker
from docker.errors import DockerException
from docker.utils import kwargs_from_env

from bot.clients import docker_engine
from bot.errors import UserError

_SOCKET = "/var/run/docker.sock"
_END_SECONDS = 5.0


def connect(host: str = "") -> docker.DockerClient:
    """Return a client of the engine that the environment names (`DOCKER_HOST`, else this machine's).

    Args:
        host: a machine whose engine is meant instead, as `user@machine` or `ssh://user@machine:port`; "" for none.

    Raises:
        UserError: no engine answers.
    """
    address = host if not host or _is_ssh(host) else f"ssh://{host}"
    address = address or str(kwargs_from_env().get("base_url") or "")
    try:
        client = docker_engine.connect(_through_ssh(address) if _is_ssh(address) else "")
        client.ping()
    except DockerException as error:
        raise UserError(
            "No Docker engine answers (%(reason)s). Start one, or set `DOCKER_HOST`.", reason=str(error)
        ) from error
    return client


@cache
def _through_ssh(address: str) -> str:
    """Return the address at which this process has the engine of another machine; it has it until it ends.

    Args:
        address: `ssh://[user@]host[:port][/path of the engine's socket]`, as the Docker client takes it.

    Raises:
        UserError: it is no such address, or ssh does not get there.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UserError(f"`{address}` is no address of a machine: {error}") from error
    if not host or host.startswith("-") or (parts.username or "").startswith("-"):
        raise UserError(f"`{address}` is no address of a machine, such as `ssh://user@machine`.")
    folder = Path(tempfile.mkdtemp(prefix="gptdeploy-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    socket, said = folder / "docker.sock", folder / "ssh.log"
    path = parts.path if parts.path.strip("/") else _SOCKET
    command = ["ssh", "-N", *_options(ControlMaster="no", ControlPath="none", ExitOnForwardFailure="yes")]
    command += [*_options(ServerAliveInterval="15", ConnectTimeout="30"), "-L", f"{socket}:{path}"]
    command += [*(("-l", parts.username) if parts.username else ()), *(("-p", str(port)) if port else ()), "--", host]
    with said.open("wb") as log:
        try:
            tunnel = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        except FileNotFoundError as error:
            raise UserError("This machine has no command `ssh`: install OpenSSH's client.") from error
    atexit.register(_end, tunnel)
    # No time is set: ssh may be asking a person for a passphrase.
    while not socket.is_socket():
        if tunnel.poll() is not None:
            reason = " ".join(said.read_text(errors="replace").split())
            raise UserError(f"`{host}` is not reached through ssh: {reason or f'it ended with {tunnel.returncode}'}")
        time.sleep(0.05)
    return f"unix://{socket}"


def _is_ssh(address: str) -> bool:
    return address.startswith("ssh://")


def _options(**values: str) -> list[str]:
    return [word for name, value in values.items() for word in ("-o", f"{name}={value}")]


def _end(tunnel: subprocess.Popen[bytes]) -> None:
    tunnel.terminate()
    try:
        tunnel.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        tunnel.kill()
