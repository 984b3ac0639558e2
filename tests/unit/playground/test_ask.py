"""What a playground reads of a service that answers without end, in drops, packed, or with a redirect."""

from __future__ import annotations

import importlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import pytest

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def ask() -> ModuleType:
    return importlib.import_module("ask")


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Answer every request as a function says; return the address."""
    servers = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                # The other side hangs up when it has enough.
                with suppress(OSError):
                    answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def says(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def without_end(request: BaseHTTPRequestHandler) -> None:
    says(b'{"text": "')(request)
    while True:
        request.wfile.write(b"x" * 100_000)


def in_drops(request: BaseHTTPRequestHandler) -> None:
    says(b"{")(request)
    while True:
        request.wfile.write(b" ")
        time.sleep(0.02)


@pytest.mark.parametrize("status", [200, 422, 500])
def test_an_answer_is_read(ask: ModuleType, serve: Callable[[Answer], str], status: int) -> None:
    value = {"text": "ä, b", "numbers": [1, 2]}
    assert ask.ask("GET", serve(says(json.dumps(value).encode(), status)), "x.localhost", 5) == (status, value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (without_end, "larger than 32 MB"),
        (in_drops, "not complete within 0.5 seconds"),
        (says(b"{}", 302, Location="http://169.254.169.254/"), "a redirect"),
        (says(b"x", Content_Encoding="gzip"), "packs its answer"),
        (says(b"[" * 100_000), "is not JSON"),
        (says(b"<p>"), r"The answer \(status 200\) is not JSON"),
        (says(b"[" + b"[]," * 400_000 + b"[]]"), "more values than a page can show"),
    ],
)
def test_what_a_page_cannot_hold_is_not_read(
    ask: ModuleType, serve: Callable[[Answer], str], answer: Answer, said: str
) -> None:
    began = time.monotonic()
    with pytest.raises(ask.Unreadable, match=said):
        ask.ask("GET", serve(answer), "x.localhost", 0.5 if answer is in_drops else 20)
    assert time.monotonic() - began < 15


def test_nothing_is_sent_through_a_proxy_of_the_machine(
    ask: ModuleType, serve: Callable[[Answer], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    found: Any = ask.ask("GET", serve(says(b"{}")), "x.localhost", 5)
    assert found == (200, {})
