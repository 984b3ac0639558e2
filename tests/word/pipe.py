"""Sockets that lead to loopback: for `gh`, which speaks plain HTTP on a Unix socket whatever the address that it asks
for, and for containers, which do not reach loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, BaseServer, ThreadingTCPServer, ThreadingUnixStreamServer


@contextmanager
def pipe(path: Path, address: tuple[str, int]) -> Iterator[None]:
    """Lead all that connects to the socket `path` to a TCP address."""
    with ThreadingUnixStreamServer(str(path), _leading_to(address)) as server, _serving(server):
        yield


@contextmanager
def door(host: str, port: int) -> Iterator[None]:
    """Lead all that connects to a port of `host`, which is one of this machine's addresses, to the one of loopback."""
    with ThreadingTCPServer((host, port), _leading_to(("127.0.0.1", port))) as server, _serving(server):
        yield


@contextmanager
def _serving(server: BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield
    server.shutdown()
    thread.join()


def _leading_to(address: tuple[str, int]) -> type[BaseRequestHandler]:
    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(address) as hub:
                back = threading.Thread(target=_copy, args=(hub, self.request), daemon=True)
                back.start()
                _copy(self.request, hub)
                back.join()

    return Handler


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
