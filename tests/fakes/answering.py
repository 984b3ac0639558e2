"""What answers each connection alike, with or without a certificate."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.fakes.certificate import self_signed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@contextmanager
def answering(answer: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Listen on loopback; yield the port."""

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with (
                    suppress(OSError),
                    context.wrap_socket(connection, server_side=True) if context else connection as client,
                ):
                    client.recv(65_536)
                    client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            # Closed alone, it would go on to listen for as long as the thread waits for a connection.
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def secured(folder: Path, *names: str, answer: bytes = b"") -> Iterator[int]:
    """Listen with a certificate of these names that nobody vouches for, which is `chain.pem`; yield the port."""
    chain, key = self_signed(*names)
    (folder / "chain.pem").write_bytes(chain)
    (folder / "key.pem").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    with answering(answer, context) as port:
        yield port
