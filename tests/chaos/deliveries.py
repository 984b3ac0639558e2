"""Between GitHub and the bot's door: deliveries that get lost, come twice, or come late."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Iterable
from itertools import cycle
from typing import TYPE_CHECKING, Literal

import httpx
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

Fate = Literal["dropped", "doubled", "late"]
_LATE = 3.0
"""Seconds. What GitHub sends next overtakes it."""


class Deliveries:
    """Passes deliveries on to `targets` in turn, but for those that `befall` speaks of.

    Args:
        trusted: whose certificates count; by default those of the authorities that everybody knows.

    Attributes:
        befallen: how many had which fate.
    """

    def __init__(self, *targets: str, trusted: ssl.SSLContext | bool = True) -> None:
        self.befallen: Counter[str] = Counter()
        self._targets = cycle(targets)
        self._fates: list[Fate] = []
        self._lock = threading.Lock()
        self._client = httpx.Client(trust_env=False, timeout=10, verify=trusted)
        self._server = make_server("127.0.0.1", 0, self._receive, threaded=True, request_handler=_Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def befall(self, fate: Fate) -> None:
        """Have that happen to the next delivery that has no fate yet."""
        with self._lock:
            self._fates.append(fate)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def _receive(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") and name != "HTTP_HOST"
        } | {"Content-Type": environ["CONTENT_TYPE"]}
        with self._lock:
            fate = self._fates.pop(0) if self._fates else None
            if fate is not None:
                self.befallen[fate] += 1
        if fate == "dropped":
            status = 502
        elif fate == "late":
            # GitHub hears that it has arrived.
            threading.Timer(_LATE, self._pass_on, (body, headers)).start()
            status = 202
        else:
            status = self._pass_on(body, headers)
            if fate == "doubled":
                self._pass_on(body, headers)
        start_response(f"{status} -", [("Content-Length", "0")])
        return [b""]

    def _pass_on(self, body: bytes, headers: dict[str, str]) -> int:
        with self._lock:
            target = next(self._targets)
        try:
            return self._client.post(target, content=body, headers=headers).status_code
        except httpx.HTTPError:
            return 502


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""
