"""A relay that speaks as smee.io does; the real `smee-client` is held to it, too (tests/contract/test_relay.py).

https://github.com/probot/smee.io/blob/master/lib/server.js
"""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class FakeRelay:
    """Channels, each with those who listen to it. Nothing is kept for whoever comes later.

    Attributes:
        url: its address; refuses: it is out of order.
        heard: how often somebody began to listen to a channel.
    """

    def __init__(self) -> None:
        self.refuses = False
        self.heard: dict[str, int] = defaultdict(int)
        self._listeners: dict[str, list[queue.Queue[str | None]]] = defaultdict(list)
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self.cut()
        self._server.server_close()

    def listen(self, path: str) -> Iterator[str]:
        """Yield the events of a channel as lines, until they are cut."""
        mine: queue.Queue[str | None] = queue.Queue()
        with self._lock:
            self._listeners[path].append(mine)
        yield "event: ready\ndata: {}"
        with self._lock:
            self.heard[path] += 1
        yield "event: ping\ndata: {}"
        while (data := mine.get()) is not None:
            yield f"data: {data}"

    def send(self, path: str, data: str) -> None:
        """Send an event to all who listen to a channel."""
        with self._lock:
            listeners = list(self._listeners[path])
        for each in listeners:
            each.put(data)

    def cut(self) -> None:
        """End all connections, as a relay does that is started anew."""
        with self._lock:
            listeners = [each for all_of in self._listeners.values() for each in all_of]
            self._listeners.clear()
        for each in listeners:
            each.put(None)

    def wait_for(self, channel: str, times: int = 1, seconds: float = 20) -> None:
        """Wait until somebody has begun to listen to a channel so often."""
        path, deadline = channel.removeprefix(self.url), time.monotonic() + seconds
        while self.heard[path] < times:
            assert time.monotonic() < deadline, f"nobody listens to {channel}"
            time.sleep(0.01)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, relay: FakeRelay) -> None:
        self.relay = relay
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._new()

    def do_GET(self) -> None:
        if self.path == "/new":
            self._new()
        elif self.server.relay.refuses or self.headers.get("Accept") != "text/event-stream":
            self._answer(503 if self.server.relay.refuses else 200, b"<!doctype html>a page for people")
        else:
            self._stream()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        names = {name.lower(): value for name, value in self.headers.items()}
        event = names | {"body": json.loads(body), "query": {}, "timestamp": int(time.time() * 1000)}
        self.server.relay.send(self.path, json.dumps(event, ensure_ascii=False, separators=(",", ":")))
        self._answer(200)

    def _new(self) -> None:
        self.send_response(307)
        self.send_header("Location", f"http://{self.headers['Host']}/{secrets.token_urlsafe(12)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _stream(self) -> None:
        self.send_response(200)
        for name, value in (("Content-Type", "text/event-stream"), ("Connection", "close")):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        for number, event in enumerate(self.server.relay.listen(self.path)):
            try:
                self.wfile.write(f"id: {number}\n{event}\n\n".encode())
            except OSError:
                return

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
