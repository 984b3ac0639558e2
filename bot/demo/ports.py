"""Ports on loopback. From the look for a free one until something listens, nothing holds it: demos start in turn."""

from __future__ import annotations

import fcntl
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.demo import Say


@contextmanager
def starting(lock: Path, say: Say) -> Iterator[None]:
    """Let one process at a time choose ports and have something listen there.

    Args:
        lock: a file that all of them know; it is made where it is not there.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another demo is starting on this machine: this one starts after it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def free_port(wanted: int = 0) -> int:
    """Return `wanted` if it is free on loopback, else one that the kernel gives to no connection and no other server.

    The kernel picks those from a range of its own, also between this look and the moment when something listens.
    """
    if wanted and _is_free(wanted):
        return wanted
    first = _first_picked()
    ports = list(range(first // 2, first))
    random.SystemRandom().shuffle(ports)
    found = next(filter(_is_free, ports), None)
    if found is None:
        raise OSError("no free port on loopback")
    return found


def _first_picked() -> int:
    """Return the first port that the kernel picks by itself: https://docs.kernel.org/networking/ip-sysctl.html"""
    setting = Path("/proc/sys/net/ipv4/ip_local_port_range")
    return int(setting.read_text().split()[0]) if setting.exists() else 32_768


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
