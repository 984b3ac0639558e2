"""Pages that listen for what is new, in the web process as it runs in production: they keep nobody out."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from bot.web.reception import STREAMS
from tests.flow.test_slow_senders import IN_TIME, client, deliver
from tests.flow.web_process import Web, start_web
from tests.unit.web.test_webhook import LABELED, sign


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with start_web(tmp_path, f"sqlite:///{tmp_path}/runs.sqlite") as web:
        yield web


class Listener:
    """A page that is open."""

    def __init__(self, web: Web) -> None:
        self._socket = socket.create_connection(web.address, timeout=10)
        self._socket.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self._heard = b""

    def status(self) -> int:
        self._until(b"\r\n\r\n")
        return int(self._heard.split()[1])

    def revisions(self, count: int) -> list[bytes]:
        """Return what it has been told, once that is as much."""
        while len(found := [line for line in self._heard.splitlines() if line.startswith(b"data: ")]) < count:
            self._more()
        return found

    def ended(self) -> bool:
        """Wait until the server ends it."""
        while True:
            try:
                self._more()
            except EOFError:
                return True

    def close(self) -> None:
        self._socket.close()

    def _until(self, mark: bytes) -> None:
        while mark not in self._heard:
            self._more()

    def _more(self) -> None:
        data = self._socket.recv(4096)
        if not data:
            raise EOFError
        self._heard += data


def test_as_many_as_may_listen_keep_nobody_out_and_one_more_is_refused(web: Web) -> None:
    with ExitStack() as stack:
        listeners = [stack.enter_context(closing(Listener(web))) for _ in range(STREAMS)]
        assert {listener.status() for listener in listeners} == {200}
        assert all(listener.revisions(1) for listener in listeners)
        with client(web.address) as github:
            assert max(deliver(github, number) for number in range(100)) < IN_TIME
            assert github.get("/healthz").status_code == 200 and github.get("/").status_code == 200
        refused = stack.enter_context(closing(Listener(web)))
        assert refused.status() == 503 and refused.ended()

        # Whose browser is gone makes room.
        listeners[0].close()
        deadline = time.monotonic() + 10
        while True:
            with closing(Listener(web)) as late:
                if late.status() == 200:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_what_a_delivery_starts_is_told_within_moments(web: Web) -> None:
    with closing(Listener(web)) as listener:
        before = listener.revisions(1)
        body = json.dumps(LABELED).encode()
        headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "d", "X-Hub-Signature-256": sign(body)}
        answer = httpx.post(f"{web.url}/webhook", content=body, headers=headers, trust_env=False)
        assert answer.status_code == 202
        began = time.monotonic()
        assert listener.revisions(2)[1:] != before and time.monotonic() - began < 10


def test_open_pages_hold_up_no_end(web: Web) -> None:
    with closing(Listener(web)) as listener:
        listener.revisions(1)
        began = time.monotonic()
        web.process.terminate()
        assert web.process.wait(20) == 0 and listener.ended()
        # Before gunicorn would end what has not ended by itself.
        assert time.monotonic() - began < 9
