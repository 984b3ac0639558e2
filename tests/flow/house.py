"""The real bot and the embedded GitHub, in one process: a signed webhook in, the exact comments out.

Only Actions (an instant stand-in), the model (an endpoint that says what the test tells it) and the package index are
not the real parts.
"""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.clients.github import GitHub, Pace
from bot.commands.allowance import Allowance
from bot.commands.answer import answer
from bot.config import Settings
from bot.hub import Hub
from bot.runs.aside import tell_set_aside
from bot.runs.durable.client import COMMAND, DurableRuns
from bot.runs.durable.database import open_engine
from bot.runs.durable.flow import Flow
from bot.runs.durable.gates import Backoff
from bot.runs.durable.names import DurableNames
from bot.runs.durable.postgres import is_postgres
from bot.runs.durable.rate_limits import DurableRateLimits
from bot.runs.durable.server_gates import ServerRefusals
from bot.runs.durable.worker import Worker
from bot.runs.run import run
from bot.runs.world import World
from bot.values.aside import SetAside
from bot.values.command import Request
from bot.values.progress import Progress
from bot.values.run import RunRequest as BotRequest
from bot.values.seats import Limit, Limits, Work
from bot.web import create_app
from tests.fakes.faults import Faults
from tests.fakes.pace import no_pace
from tests.fakes.runner import FakeRunner, Script
from tests.word.front import Word

if TYPE_CHECKING:
    from wsgiref.types import StartResponse


SECRET = "flow-secret"
_ENDS_SECONDS = 60
"""How long what is at work may take to end, when the house is closed."""
_UNANSWERED = sa.text(
    "SELECT count(*) FROM workflow_status WHERE name = :name AND status IN ('ENQUEUED', 'PENDING')"
    " AND substr(workflow_uuid, 1, length(:repo) + 1) = :repo || '/'"
)


class _AsTold(Limits):
    """How much may be under way at the same time: a worker keeps the limits that it is given, and these change."""

    told: ClassVar[Limits] = Limits()

    def of(self, work: Work) -> Limit:
        return self.told.of(work)


class _Backoff(Backoff):
    """The same of waits."""

    worth_a_word: ClassVar[float] = Backoff.news

    def is_news(self, seconds: float) -> bool:
        return seconds >= self.worth_a_word


class House:
    """What all tests share: GitHub, the bot's web process and its worker. Every test has a repository of its own.

    Args:
        word: what is asked and answered is held to it; None for no check.
        pace: how fast the bot may write.
        database: the address of a server; by default the runs are kept in a file.
    """

    def __init__(
        self,
        root: Path,
        word: Word | None,
        pace: Callable[[], Pace] = no_pace,
        database: str = "",
    ) -> None:
        self._pace = pace
        self._limits = _AsTold()
        self.scripts: dict[str, Script] = {}
        self.worlds: dict[str, World] = {}
        self.allowances: dict[str, Allowance] = {}
        self.hub = Hub(root / "hub", 0, FakeRunner(lambda request: self.scripts[request.repository](request)))
        self.faults = self.hub.front = Faults(self.hub.front)
        # Before the faults: what goes wrong is checked, too.
        if word is not None:
            word.hold(self.hub)
        self.hub.start()
        self._database = database = database or f"sqlite:///{root}/runs.sqlite"
        self.engine = open_engine(database, patient=True)
        self._connections: list[Any] = []
        if is_postgres(database):
            sa.event.listen(self.engine, "connect", lambda connection, _: self._connections.append(connection))
        self.runs = DurableRuns(database)
        self.lost: set[tuple[str, str]] = set()
        self.at_work: Counter[tuple[str, int]] = Counter()
        """How many runs of an issue the worker has in its hands: quicker to look at than the database."""
        self._web = make_server("127.0.0.1", 0, self._receive, threaded=True, request_handler=_Silent)
        threading.Thread(target=self._web.serve_forever, args=(0.05,), daemon=True).start()
        self.webhook_url = f"http://127.0.0.1:{self._web.server_port}/webhook"
        backoff = _Backoff(first=0.05, longest=0.4, longest_blocked=0.4)
        self._worker = Worker(
            database,
            self._run,
            self._answer,
            self._aside,
            self.runs,
            backoff=backoff,
            limits=self._limits,
        )
        self._worker.start()

    def install(self) -> GitHub:
        app = self.hub.install_app(self.webhook_url, SECRET)
        self.app = create_app(
            Settings.from_environment(
                {
                    "GITHUB_APP_ID": str(app.app_id),
                    "GITHUB_PRIVATE_KEY": app.private_key_pem,
                    "GITHUB_WEBHOOK_SECRET": SECRET,
                    "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
                }
            ),
            self.runs,
        )
        return GitHub(
            *(self.hub.api_url, app.app_id, app.private_key_pem, self._pace, DurableNames(self.engine)),
            limits=DurableRateLimits(self.engine),
            refusals=ServerRefusals(self.engine) if is_postgres(self._database) else None,
        )

    def limit(self, limits: Limits) -> None:
        """Have so much be under way at the same time from now on."""
        _AsTold.told = limits

    def tell_waits(self, seconds: float = _Backoff.news) -> None:
        """Have people hear of waits that take so long from now on."""
        _Backoff.worth_a_word = seconds

    def close(self) -> None:
        self._worker.stop(_ENDS_SECONDS)
        self._web.shutdown()
        self._web.server_close()
        self.hub.stop()
        self.runs.close()
        for connection in self._connections:
            # A thread of DBOS may have had it in its hands when the worker closed them all.
            connection.close()
        for world in self.worlds.values():
            world.model.close()

    def answered(self, repo: str) -> bool:
        """Return whether nothing that people said in a repository waits for the worker, or is in its hands."""
        with self.engine.connect() as connection:
            return not connection.execute(_UNANSWERED, {"name": COMMAND, "repo": repo}).scalar()

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
        self.at_work[request.repo, request.issue] += 1
        try:
            return run(flow, self.worlds[request.repo], request)
        finally:
            self.at_work[request.repo, request.issue] -= 1

    def _answer(self, flow: Flow, request: Request) -> None:
        # One for all repositories of a worker; here each test begins with one of its own.
        allowance = self.allowances.setdefault(request.repo, Allowance())
        answer(flow, self.worlds[request.repo], self.runs, allowance, request)

    def _aside(self, flow: Flow, aside: SetAside) -> None:
        tell_set_aside(flow, self.worlds[aside.asked.repo], self.runs, aside)


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""
