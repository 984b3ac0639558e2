"""The web process as it runs in production, and people who send as slowly as they can."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from bot.web.arrival import GRACE_SECONDS, HEAD_SECONDS
from tests.flow.web_process import SECRET, start_web

SLOW = 64
IN_TIME = 2.0
"""Seconds: less than what is slow may keep a thread, and more than an answer takes on a machine that is busy."""
HEAD = b"POST /webhook HTTP/1.1\r\nHost: bot\r\n"
BODY = HEAD + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with start_web(tmp_path_factory.mktemp("web")) as web:
        yield web.address


class Slow:
    """A client that sends something at once, and after it a byte a second for as long as it can."""

    def __init__(self, address: tuple[str, int], first: bytes, then: bytes) -> None:
        self.began = time.monotonic()
        self.seconds = 0.0
        self.answer = b""
        self._socket = socket.create_connection(address, timeout=1)
        self._first, self._then = first, then
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait until it cannot send any more."""
        self._thread.join(30)
        assert not self._thread.is_alive(), "it was never dropped"

    def _send(self) -> None:
        with self._socket, contextlib.suppress(ConnectionError):
            self._socket.sendall(self._first)
            while True:
                try:
                    data = self._socket.recv(1000)
                except TimeoutError:
                    self._socket.sendall(self._then)
                    continue
                if not data:
                    break
                self.answer += data
        self.seconds = time.monotonic() - self.began


def deliver(client: httpx.Client, number: int, size: int = 0) -> float:
    """Send a signed delivery that is to be answered with 202, by a thread, and return how many seconds that takes."""
    began = time.monotonic()
    body = json.dumps({"zen": "x" * size, "number": number}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(number),
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    assert client.post("/webhook", content=body, headers=headers).status_code == 202
    return time.monotonic() - began


def client(address: tuple[str, int]) -> httpx.Client:
    return httpx.Client(base_url=f"http://{address[0]}:{address[1]}", trust_env=False, timeout=30)


@pytest.mark.parametrize(
    ("first", "then", "deadline"),
    [
        (b"", b"P", HEAD_SECONDS),
        (HEAD, b"X", HEAD_SECONDS),
        (BODY, b" ", GRACE_SECONDS),
        (CHUNKS, b"1\r\n \r\n", GRACE_SECONDS),
        (b"POST /webhook HTTP/1.1\r\nHost: bot\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", b" ", 3),
    ],
    ids=["from the first byte", "head", "body", "chunks", "after a hundred"],
)
def test_slow_senders_keep_nobody_out_and_are_dropped(
    address: tuple[str, int], first: bytes, then: bytes, deadline: float
) -> None:
    slow = [Slow(address, first, then) for _ in range(SLOW)]
    time.sleep(0.5)
    with client(address) as github:
        waited = [deliver(github, number) for number in range(100)]
        assert github.get("/healthz").status_code == 200
    assert max(waited) < IN_TIME, sorted(waited)[-5:]
    for one in slow:
        one.end()
    assert max(one.seconds for one in slow) < deadline + 10
    assert all(not one.answer or b" 408 " in one.answer for one in slow)


def test_clients_that_read_no_answer_keep_nobody_out(address: tuple[str, int]) -> None:
    deaf = [socket.create_connection(address) for _ in range(SLOW)]
    for one in deaf:
        one.sendall(b"GET / HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
    time.sleep(0.5)
    with client(address) as github:
        assert max(deliver(github, number) for number in range(50)) < IN_TIME
    for one in deaf:
        one.close()


def test_more_connections_than_may_be_open_at_a_time_keep_nobody_out(address: tuple[str, int]) -> None:
    silent = [socket.create_connection(address) for _ in range(900)]
    with client(address) as github:
        assert max(deliver(github, number) for number in range(20)) < HEAD_SECONDS
    for one in silent:
        one.close()


def test_large_and_pipelined_and_repeated_requests_are_answered(address: tuple[str, int]) -> None:
    with client(address) as github:
        for number in range(3):
            deliver(github, number, size=20 * 1024 * 1024)
        assert github.post("/webhook", content=iter([b"{"] * 10)).status_code == 401
        assert github.post("/webhook", content=b"x" * (25 * 1024 * 1024 + 1)).status_code == 413
    with socket.create_connection(address, timeout=10) as one:
        get = b"GET /healthz HTTP/1.1\r\nHost: bot\r\n"
        one.sendall((get + b"\r\n") * 3 + get + b"Connection: close\r\n\r\n")
        answers = b""
        while data := one.recv(10_000):
            answers += data
    assert answers.count(b"HTTP/1.1 200 OK") == 4


def test_what_is_no_http_is_refused_and_a_sender_that_ends_early_is_told(address: tuple[str, int]) -> None:
    # No signature fits half a body.
    for sent, status in ((b"GET\r\n\r\n", b"400"), (BODY + b"{}", b"401")):
        with socket.create_connection(address, timeout=10) as one:
            one.sendall(sent)
            one.shutdown(socket.SHUT_WR)
            assert one.recv(1000).split()[1] == status
