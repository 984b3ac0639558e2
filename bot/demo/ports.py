"""Ports on loopback. From the look for a free one until something listens, nothing holds it: demos start in turn."""

from __future__ import annotations

import fcntl
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


def free_port(wanted: int) -> int:
    """Return `wanted` if nothing listens there on loopback, else a port that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on loopback")
