"""A connection to an engine."""

from __future__ import annotations

import socket

import docker
from docker.errors import DockerException
from docker.utils import kwargs_from_env

_SOCKET = "unix:///var/run/docker.sock"


def connect(address: str = "") -> docker.DockerClient:
    """Return a client of an engine; its owner closes it.

    Args:
        address: as `DOCKER_HOST` has it, without ssh; "" means what the environment names, else this machine's.

    Raises:
        DockerException: none answers.
    """
    tried = address or str(kwargs_from_env().get("base_url") or _SOCKET)
    scheme, _, path = tried.partition("://")
    if scheme.endswith("unix"):
        # The SDK leaves the socket of a failed connection to the garbage collector, which warns of it.
        with socket.socket(socket.AF_UNIX) as trial:
            try:
                trial.connect(path)
            except OSError as error:
                raise DockerException(str(error)) from error
    return docker.DockerClient(base_url=address) if address else docker.from_env()
