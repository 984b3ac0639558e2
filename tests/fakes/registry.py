"""An image registry that gives manifests to everybody who fetches a token first, as ghcr.io does; one is private.

https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Registry:
    """One on loopback.

    Attributes:
        manifests: what it has, as "name/reference"; private: names of which strangers get no token.
        tokens: what it answers in the place of a token.
    """

    def __init__(self) -> None:
        self.manifests: set[str] = set()
        self.private: set[str] = set()
        self.tokens: bytes | None = None
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                registry.answer(self)

            do_GET = do_HEAD

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        headers, body = {}, b""
        if url.path == "/token":
            scope = parse_qs(url.query)["scope"][0]
            status = 403 if scope.split(":")[1] in self.private else 200
            body = json.dumps({"token": scope}).encode() if self.tokens is None else self.tokens
        else:
            name, _, reference = url.path.removeprefix("/v2/").partition("/manifests/")
            scope = f"repository:{name}:pull"
            if handler.headers["Authorization"] == f"Bearer {scope}":
                status = 200 if f"{name}/{reference}" in self.manifests else 404
            else:
                status = 401
                realm = f'realm="http://{self.address}/token",service="{self.address}"'
                headers["WWW-Authenticate"] = f'Bearer {realm},scope="{scope}"'
        handler.send_response(status)
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(body)
