"""A worker that is killed whenever it has written something to GitHub, before it hears the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.flow.worker_process import start_worker

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "host"}


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


class Worker:
    """The bot's worker as a process; killed whenever it has written something, and started again."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.kills = 0
        self._environment = environment
        self._log = log
        self._lock = threading.Lock()
        self._process = start_worker(environment, log)

    def kill(self) -> None:
        with self._lock:
            self._process.kill()
            self._process.join()
            self.kills += 1
            self._process = start_worker(self._environment, self._log)

    def close(self) -> None:
        with self._lock:
            self._process.kill()
            self._process.join()


class Proxy:
    """Stands between the bot and GitHub: a write is passed on, and its answer never arrives.

    Args:
        steps: returns how many steps are stored.
    """

    def __init__(self, steps: Callable[[], int]) -> None:
        self.target = ""
        self._steps = steps
        self._steps_at_kills: list[int] = []
        self._client = httpx.Client(trust_env=False, timeout=30)
        self._server = make_server("127.0.0.1", 0, self._pass_on, threaded=True, request_handler=Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.worker: Worker | None = None
        self.seen: set[str] = set()
        self._turn = threading.Condition()
        self._passing = 0
        self._kills = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def _pass_on(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        kills = self.worker.kills if self.worker else 0
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") and name != "HTTP_HOST"
        }
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        url = f"{self.target}{environ['PATH_INFO']}{query}"
        with self._turn:
            if self._kills or (self.worker and kills != self.worker.kills):
                # Who asks is dead, or will be in a moment.
                start_response("502 Bad Gateway", [])
                return [b""]
            self._passing += 1
        try:
            answer = self._client.request(environ["REQUEST_METHOD"], url, content=body, headers=headers)
        finally:
            with self._turn:
                self._passing -= 1
                self._turn.notify_all()
        self._maybe_kill(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP]
        start_response(f"{answer.status_code} {answer.reason_phrase}", kept)
        return [answer.content]

    def _maybe_kill(self, method: str, path: str, body: bytes) -> None:
        """Kill the worker the first time it makes a certain write; the second time it may hear the answer."""
        if (
            method == "GET"
            or path.endswith("/access_tokens")
            or (path.endswith("/graphql") and b"mutation" not in body)
        ):
            return
        what = f"{method} {path} {body[:4000]!r}"
        with self._turn:
            if what in self.seen or self.worker is None or self._kills:
                return
            steps = self._steps()
            if self._steps_at_kills[-2:] == [steps, steps]:
                # An edit of the status is no step. A third crash without one would have the run set aside.
                return
            self._steps_at_kills.append(steps)
            self.seen.add(what)
            # What GitHub has been asked beside it is done as well, and nothing more of this worker's.
            self._kills = True
            self._turn.wait_for(lambda: not self._passing)
            self.worker.kill()
            self._kills = False
