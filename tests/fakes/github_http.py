"""A GitHub that gives the answers a test prescribes: for those that the hub never gives, such as a 502."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any


@dataclass
class FakeGitHub:
    """For each method and path it gives the answers of `on` in their order, and the last one again and again.

    Attributes:
        requests: all requests in order; their paths are without the API's root.
        otherwise: status, body and headers of the answer where none is prescribed.
    """

    url: str
    otherwise: tuple[int, Any, dict[str, str]] = (404, {"message": "Not Found"}, {})
    requests: list[Request] = field(default_factory=list)
    _answers: dict[tuple[str, str], deque[tuple[int, Any, dict[str, str]]]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v3"

    def on(self, method: str, path: str, status: int = 200, body: Any = None, **headers: str) -> None:
        """Prescribe an answer.

        Args:
            body: bytes, an iterator of bytes, or JSON.
            headers: names with "_" in place of "-"; "" leaves one out that GitHub always sends.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers[method, path].append((status, body, named))

    def on_graphql(self, body: Any, status: int = 200, **headers: str) -> None:
        self.on("POST", "/graphql", status, body, **headers)

    def asked(self, method: str = "", path: str = "") -> list[Request]:
        """Return the requests of a method whose path begins with `path`."""
        return [r for r in self.requests if r.method == (method or r.method) and r.path.startswith(path)]

    def answer(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        self.requests.append(request)
        answers = self._answers.get((request.method, request.path))
        if not answers:
            return self.otherwise
        return answers.popleft() if len(answers) > 1 else answers[0]


@contextmanager
def fake_github() -> Iterator[FakeGitHub]:
    """Serve a FakeGitHub on loopback while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    fake = FakeGitHub(f"http://127.0.0.1:{server.server_address[1]}")
    server.fake = fake  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/api/v3").replace("/api/graphql", "/graphql")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(raw) if raw else None
        status, answer, extra = self.server.fake.answer(  # type: ignore[attr-defined]
            Request(self.command, path, parts.query, headers, body)
        )
        self.send_response(status)
        for name, value in ({"X-GitHub-Request-Id": "0400:1A2B"} | extra).items():
            if value:
                self.send_header(name, value)
        if hasattr(answer, "__next__"):
            self.send_header("Connection", "close")
            self.end_headers()
            for chunk in answer:
                self.wfile.write(chunk)
            self.close_connection = True
            return
        if not isinstance(answer, bytes) and "Content-Type" not in extra:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        content = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
