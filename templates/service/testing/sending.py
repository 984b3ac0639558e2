"""Requests to this service over HTTP, while its process may end and be started again."""

import os
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

Send = Callable[[bytes, str], tuple[int, bytes]]
"""Sends a body with its content type, and returns status and body of the answer."""
ENDED = "The service's process ended"
"""How a line of the log begins in which `run.py` says that the service's process ended."""
START_SECONDS = 90
READ = 1_000_000
"""How many bytes of the service's log are read at most."""


class ServiceEnded(Exception):
    """The service's process ended, or closed the connection, instead of answering."""


def send_to(port: int, log: int, timeout: float) -> Send:
    """Return what sends requests to the service.

    Args:
        log: descriptor of its log, in which `run.py` says how its process ended.
        timeout: seconds that an answer may take.
    """

    def send(body: bytes, content_type: str) -> tuple[int, bytes]:
        __tracebackhide__ = True
        began = os.fstat(log).st_size
        connection = connect(port, timeout)
        try:
            connection.request("POST", "/execute", body, {"Content-Type": content_type})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as error:
            fault = how_it_ended(log, began) or f"the service does not answer: {error!r}"
        finally:
            connection.close()
        raise ServiceEnded(fault)

    return send


def connect(port: int, timeout: float) -> HTTPConnection:
    """Connect to the service, which may be starting again."""
    __tracebackhide__ = True
    deadline = time.monotonic() + START_SECONDS
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return connection


def how_it_ended(log: int, began: int) -> str:
    """Return what `run.py` says of the end of the service's process since `began`, or "" where it did not end."""
    for _ in range(100):
        lines = os.pread(log, READ, max(began, os.fstat(log).st_size - READ)).decode("utf-8", "replace")
        for line in lines.splitlines():
            if line.startswith(ENDED):
                return line.removesuffix(" It is started again.")
        time.sleep(0.01)
    return ""
