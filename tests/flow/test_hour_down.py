"""The bot was down for an hour: all that was said and done meanwhile is known within five minutes of its start.

What GitHub does not know to be missed is among it: half of the deliveries were never tried. The clock is the bot's own:
the pauses that it makes between its looks, which nobody waits for here, and the time that the looks take.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.serving import make_server

from bot.clients.github import GitHub
from bot.commands.missed import Missed
from bot.config import Settings
from bot.hub import Hub
from bot.hub.state import Issue, now
from bot.hub.webhooks import Delivery
from bot.web import create_app
from tests.fakes.pace import no_pace
from tests.fakes.runner import FakeRunner
from tests.fakes.runs import FakeRuns
from tests.word.front import Word

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

REPOSITORIES = [f"octo/services-{number}" for number in range(5)]
ISSUES, COMMENTS = 24, 24
"""In each of them."""
POLL_SECONDS = 300.0
SECRET = "a webhook secret"
HOUR = timedelta(hours=1)


LIMIT_SECONDS = 300.0


def loses(_: Delivery) -> bool:
    """Return that GitHub never tries a delivery."""
    return True


def keeps(_: Delivery) -> bool:
    """Return that it does."""
    return False


class Bot:
    """A web application that is down, or not."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.down = True
        self.url = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.down:
            return self._app.wsgi_app(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("502 Bad Gateway", [("Content-Length", "0")])
        return [b""]


class Clock(threading.Event):
    """Lets pauses pass at once, and adds them up; stops when all is known, or after so many seconds.

    Attributes:
        seconds: how long they were, with the time since it was made.
    """

    def __init__(self, runs: FakeRuns, limit: float) -> None:
        super().__init__()
        self._began, self._slept = time.monotonic(), 0.0
        self._runs, self._limit = runs, limit

    @property
    def seconds(self) -> float:
        return self._slept + time.monotonic() - self._began

    @property
    def known(self) -> bool:
        wanted = len(REPOSITORIES) * ISSUES, len(REPOSITORIES) * COMMENTS
        return (len(self._runs.started), len(self._runs.commands)) == wanted

    def wait(self, timeout: float | None = None) -> bool:
        time.sleep(0.2)
        if self.known or self.seconds > self._limit:
            return True
        self._slept += timeout or 0.0
        return False


@pytest.fixture
def hub(tmp_path: Path, word: Word) -> Iterator[Hub]:
    with word.hold(Hub(tmp_path, 0, FakeRunner(lambda _: ("success", "")))) as hub:
        for name in REPOSITORIES:
            hub.create_repository(name, {"README.md": "# Services\n"}, ["microservice"])
        yield hub


@contextmanager
def bot(settings: Settings, runs: FakeRuns) -> Iterator[Bot]:
    """The bot's web process behind a proxy, which answers for it while it is down."""
    bot = Bot(create_app(settings, runs))
    server = make_server("127.0.0.1", 0, bot, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    bot.url = f"http://127.0.0.1:{server.server_port}/webhook"
    try:
        yield bot
    finally:
        server.shutdown()
        server.server_close()


def an_hour(hub: Hub) -> None:
    """Have an hour pass in which people are busy, up to a moment ago; GitHub tries half of its deliveries."""
    deliveries = hub.parts.deliveries
    for name in REPOSITORIES:
        for number in range(ISSUES):
            deliveries.loses = loses if number % 2 else keeps
            issue = hub.open_issue(name, f"Idea {number}", "Convert text.", ["microservice"])
            hub.comment(name, issue.number, "/status", "octo")
    deliveries.loses = keeps
    deliveries.drain()
    with hub.parts.state.lock:
        for name in REPOSITORIES:
            issues = hub.repository(name).issues.values()
            for place, issue in enumerate(issues):
                _move(issue, HOUR * (1 - place / len(issues)))
        for place, delivery in enumerate(deliveries.all):
            delivery.at -= HOUR * (1 - place / len(deliveries.all))


def _move(issue: Issue, ago: timedelta) -> None:
    """Have an issue, and all that was said and done there, be older."""
    issue.created_at, issue.updated_at = issue.created_at - ago, issue.updated_at - ago
    for comment in issue.comments:
        comment.created_at, comment.updated_at = comment.created_at - ago, comment.updated_at - ago
    issue.history = [replace(each, at=each.at - ago) for each in issue.history]


def test_an_hour_of_everything_is_caught_up_with_in_five_minutes(hub: Hub) -> None:
    app, runs = hub.install_app("http://127.0.0.1:9/webhook", SECRET), FakeRuns()
    settings = Settings.model_validate(
        {
            "GITHUB_APP_ID": app.app_id,
            "GITHUB_PRIVATE_KEY": app.private_key_pem,
            "GITHUB_WEBHOOK_SECRET": SECRET,
            "OPENAI_API_KEY": "key",
        }
    )
    with bot(settings, runs) as web:
        state = hub.parts.state
        assert state.app is not None
        state.app = replace(state.app, webhook_url=web.url, created_at=now() - 24 * HOUR)
        an_hour(hub)
        assert {delivery.status for delivery in hub.deliveries} == {502}
        assert not runs.started and not runs.commands
        web.down = False
        missed = Missed(GitHub(hub.api_url, app.app_id, app.private_key_pem, no_pace), runs, "microservice")
        clock = Clock(runs, limit=900)
        missed.keep_looking(POLL_SECONDS, clock)
    assert clock.known, (len(runs.started), len(runs.commands))
    # Shown with `pytest -rP`, for docs/evaluation.md.
    print(f"caught up after {clock.seconds:.0f} s")
    assert clock.seconds < LIMIT_SECONDS
