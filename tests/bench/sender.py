"""Who sends deliveries, as cheaply as possible: the sender shares the cores with the process that is measured."""

from __future__ import annotations

import http
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

CONNECTIONS = 16
_READ_BYTES = 64 * 1024


class Sent(NamedTuple):
    """What came of deliveries.

    Attributes:
        latencies: seconds from when each was due to its answer.
        rate: how many a second were answered.
        refused: how many were answered with anything but 202.
        milliseconds: of processor time that the sender took for each.
    """

    latencies: list[float]
    rate: float
    refused: int
    milliseconds: float


def as_request(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a delivery, made before anything is measured."""
    lines = ["POST /webhook HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += (f"{name}: {value}" for name, value in headers.items())
    return "\r\n".join((*lines, "", "")).encode() + body


def send(ports: Sequence[int], requests: Sequence[bytes], rate: int | None) -> Sent:
    """Send over connections that are kept, in turns to each port.

    Args:
        rate: a second, evenly: a slow answer slows nothing down after it. None: each connection sends the next request
            as soon as the one before it is answered.
    """
    latencies: list[float] = []
    refused: list[int] = []
    began = 0.0

    def begin() -> None:
        nonlocal began
        began = time.monotonic() + 0.05

    # Nobody starts before everybody is connected.
    ready = threading.Barrier(CONNECTIONS, begin)

    def lane(number: int) -> None:
        with socket.create_connection(("127.0.0.1", ports[number % len(ports)]), timeout=30) as connection:
            ready.wait()
            for turn in range(number, len(requests), CONNECTIONS):
                due = began + turn / rate if rate else time.monotonic()
                time.sleep(max(0.0, due - time.monotonic()))
                connection.sendall(requests[turn])
                status = _status(connection)
                latencies.append(time.monotonic() - due)
                if status != http.HTTPStatus.ACCEPTED:
                    refused.append(status)

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(CONNECTIONS)]
    before = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, spent = time.monotonic() - began, time.process_time() - before
    assert len(latencies) == len(requests), "a connection was lost"
    return Sent(latencies, len(requests) / took, len(refused), spent / len(requests) * 1000)


def _status(connection: socket.socket) -> int:
    """Read an answer to its end."""
    answer = b""
    while True:
        data = connection.recv(_READ_BYTES)
        if not data:
            raise ConnectionError("the connection was closed before the answer was whole")
        answer += data
        head, end, body = answer.partition(b"\r\n\r\n")
        if not end:
            continue
        lines = head.lower().split(b"\r\n")
        size = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))
        if len(body) >= size:
            return int(lines[0].split()[1])
