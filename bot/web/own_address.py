"""Where a program of this machine reaches the web process."""

from __future__ import annotations

import socket

_EVERYWHERE = ("0.0.0.0", "::", "[::]")  # noqa: S104 (what is compared, not what is bound)


def webhook_address(bind: str) -> str:
    """Return the address that takes deliveries on this machine.

    Args:
        bind: what the web process listens on: an address and port, or "fd://N" for a socket that listens already.
    """
    if bind.startswith("fd://"):
        with socket.socket(fileno=int(bind.removeprefix("fd://"))) as listening:
            host, port = listening.getsockname()[:2]
            # It is lent.
            listening.detach()
    else:
        host, _, port = bind.rpartition(":")
    host = "127.0.0.1" if host in _EVERYWHERE else host
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{port}/webhook"
