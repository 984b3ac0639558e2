"""The real bot and the embedded GitHub, in one process: a signed webhook in, the exact comments out.

Only Actions (an instant stand-in), the model (an endpoint that says what the test tells it) and the package index are
not the real parts.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from bot.clients.github import GitHub, Pace
from bot.commands.allowance import Allowance
from bot.commands.answer import answer
from bot.config import Settings
from bot.hub import Hub
from bot.runs.aside import tell_set_aside
from bot.runs.durable.client import DurableRuns
from bot.runs.durable.flow import Flow
from bot.runs.durable.gates import Backoff
from bot.runs.durable.worker import Worker
from bot.runs.run import run
from bot.runs.world import World
from bot.values.aside import SetAside
from bot.values.command import Request
from bot.values.progress import Progress
from bot.values.run import RunRequest as BotRequest
from bot.web import create_app
from tests.fakes.faults import Faults
from tests.fakes.runner import FakeRunner, Script

if TYPE_CHECKING:
    from wsgiref.types import StartResponse


SECRET = "flow-secret"


class House:
    """What all tests share: GitHub, the bot's web process and its worker. Every test has a repository of its own."""

    def __init__(self, root: Path) -> None:
        self.scripts: dict[str, Script] = {}
        self.worlds: dict[str, World] = {}
        self.allowances: dict[str, Allowance] = {}
        self.hub = Hub(root / "hub", 0, FakeRunner(lambda request: self.scripts[request.repository](request)))
        self.faults = self.hub.front = Faults(self.hub.front)
        self.hub.start()
        database = f"sqlite:///{root}/runs.sqlite"
        self.runs = DurableRuns(database)
        self.lost: set[tuple[str, str]] = set()
        self._web = make_server("127.0.0.1", 0, self._receive, threaded=True, request_handler=_Silent)
        threading.Thread(target=self._web.serve_forever, args=(0.05,), daemon=True).start()
        self.webhook_url = f"http://127.0.0.1:{self._web.server_port}/webhook"
        backoff = Backoff(first=0.05, longest=0.4, longest_blocked=0.4)
        self._worker = Worker(
            database, self._run, self._answer, self._aside, self.runs, poll_seconds=0.05, backoff=backoff
        )
        self._worker.start()

    def install(self) -> GitHub:
        app = self.hub.install_app(self.webhook_url, SECRET)
        self.app = create_app(
            Settings.from_environment(
                {
                    "GITHUB_APP_ID": str(app.app_id),
                    "GITHUB_PRIVATE_KEY": "-----BEGIN unused",
                    "GITHUB_WEBHOOK_SECRET": SECRET,
                    "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
                }
            ),
            self.runs,
        )
        # What GitHub would make the bot wait for is tested where the pace is.
        return GitHub(self.hub.api_url, app.app_id, app.private_key_pem, lambda: Pace(clock=count(0, 3600).__next__))

    def close(self) -> None:
        self._worker.stop(0)
        self._web.shutdown()
        self._web.server_close()
        self.hub.stop()
        self.runs.close()
        for world in self.worlds.values():
            world.model.close()

    def _receive(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Hand a delivery on, unless the test lets it get lost: (repository, event)."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        repository = json.loads(body).get("repository", {}).get("full_name", "") if body else ""
        if (repository, environ.get("HTTP_X_GITHUB_EVENT")) in self.lost:
            start_response("502 Bad Gateway", [])
            return [b""]
        return self.app.wsgi_app(environ, start_response)

    def _run(self, flow: Flow, request: BotRequest) -> Progress:
        return run(flow, self.worlds[request.repo], request)

    def _answer(self, flow: Flow, request: Request) -> None:
        # One for all repositories of a worker; here each test begins with one of its own.
        allowance = self.allowances.setdefault(request.repo, Allowance())
        answer(flow, self.worlds[request.repo], self.runs, allowance, request)

    def _aside(self, flow: Flow, aside: SetAside) -> None:
        tell_set_aside(flow, self.worlds[aside.asked.repo], self.runs, aside)


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""
