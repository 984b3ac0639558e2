"""The swarm of an engine: made, opened to other machines, and asked who is in it."""

from __future__ import annotations

import time
from typing import Any

import docker
from docker.errors import APIError

from bot.errors import UserError

PORT = 2377
LOOPBACK = "127.0.0.1"
_PENDING_SECONDS = 120.0
_SECOND = 1_000_000_000
_HEARTBEAT_SECONDS = 1.5
"""Between two signs of life of a machine, give or take half a second. Swarm's own is 5.

Without three of them, what it ran is started elsewhere; without six, where a new leader has to judge. It has to hear of
the others before that, and they try the old one for up to five seconds: so it is no less.
"""


def ensure(client: docker.DockerClient, address: str = "") -> bool:
    """Make sure that the engine manages a swarm; return whether it was made here, and not for another platform.

    Args:
        address: the engine's, at which other machines shall reach it; "" where none has to.

    Raises:
        UserError: the engine is a worker of a swarm, or its swarm has another address.
    """
    deadline = time.monotonic() + _PENDING_SECONDS
    while (swarm := client.info()["Swarm"])["LocalNodeState"] == "pending" and time.monotonic() < deadline:
        time.sleep(0.1)
    if swarm["LocalNodeState"] == "inactive":
        try:
            # On loopback, as one machine needs no more, unless a person says that there shall be more.
            listen = f"0.0.0.0:{PORT}" if address else f"{LOOPBACK}:{PORT}"
            client.swarm.init(advertise_addr=address or LOOPBACK, listen_addr=listen)
            return True
        except APIError as error:
            # A platform that comes up at the same time was faster.
            if "already part of a swarm" not in str(error.explanation):
                raise
            return ensure(client, address)
    if not swarm.get("ControlAvailable"):
        raise UserError("This engine is not a manager of its swarm: set `DOCKER_HOST` to one that is.")
    if address and swarm["NodeAddr"] != address:
        raise UserError(
            f"This engine's swarm has the address {swarm['NodeAddr']}, which stays: for {address}, "
            "`gptdeploy platform down`, `platform up` with `--address`, and `/deploy` each service again."
        )
    return False


def managers(client: docker.DockerClient) -> list[str]:
    """Return the addresses, with ports, of a swarm's managers.

    Raises:
        UserError: no other machine reaches them.
    """
    found = [manager["Addr"] for manager in client.info()["Swarm"]["RemoteManagers"]]
    if any(address.startswith(f"{LOOPBACK}:") for address in found):
        raise UserError(
            "The swarm of this engine is for one machine: `gptdeploy platform down`, then `gptdeploy platform up "
            "--address` with this machine's address in the network of the others."
        )
    return found


def token(client: docker.DockerClient, role: str) -> str:
    """Return the secret by which a machine joins as "Manager" or "Worker"."""
    client.swarm.reload()
    return str(client.swarm.attrs["JoinTokens"][role])


def notice_losses(client: docker.DockerClient) -> None:
    """Have the managers notice within seconds that a machine is lost."""
    api: Any = client.api
    swarm = api.inspect_swarm()
    spec = swarm["Spec"]
    period = int(_HEARTBEAT_SECONDS * _SECOND)
    if spec.setdefault("Dispatcher", {}).get("HeartbeatPeriod", 0) != period:
        spec["Dispatcher"]["HeartbeatPeriod"] = period
        api.update_swarm(version=swarm["Version"]["Index"], swarm_spec=spec)
