"""A hub with a repository, an App and a receiver for its webhooks; githubkit drives it, which is not the bot's SDK."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from githubkit import AppAuthStrategy, AppInstallationAuthStrategy, GitHub, TokenAuthStrategy, UnauthAuthStrategy
from githubkit.cache import MemCacheStrategy
from githubkit.exception import RequestFailed

from bot.errors import UserError
from bot.hub import AppCredentials, Hub
from tests.fakes.runner import FakeRunner
from tests.word.fetch import ensure_program
from tests.word.front import Word

REPOSITORY = "octo/services"
OWNER, NAME = REPOSITORY.split("/")
LABELS = ("microservice", "bug", "one", "two", "odd", "needs/an answer?")
SECRET = "a webhook secret"
BUILD = """\
name: Build
on:
  pull_request:
    paths: ["services/**"]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: "true"
"""
DEPLOY = """\
name: Deploy
on:
  push:
    branches: [main]
    paths: ["services/**"]
  workflow_dispatch:
    inputs:
      slug:
        required: true
permissions:
  contents: read
  deployments: write
  issues: write
concurrency:
  group: deploy
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: "true"
"""


@dataclass(frozen=True)
class Received:
    """One webhook as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["X-GitHub-Event"]

    @property
    def payload(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class World:
    """Everything a contract test touches.

    Clients are `Any`: githubkit parses every answer at run time, and its annotations confuse methods called `list`.
    """

    hub: Hub
    app: AppCredentials
    runner: FakeRunner
    received: list[Received] = field(default_factory=list)
    clients: ExitStack = field(default_factory=ExitStack)

    def as_app(self) -> Any:
        """A client with the App's key."""
        return self._client(AppAuthStrategy(self.app.app_id, self.app.private_key_pem))

    def as_bot(self) -> Any:
        """A client with a token of the App's installation."""
        state, access = self.hub.parts.state, self.hub.parts.access
        assert state.app is not None
        return self.with_token(access.installation_token(state.app, state.repositories.values(), None)[0])

    def as_bot_with_key(self) -> Any:
        """A client that mints that token itself, over HTTP."""
        strategy = AppInstallationAuthStrategy(self.app.app_id, self.app.private_key_pem, self.app.installation_id)
        return self._client(strategy)

    def with_token(self, token: str) -> Any:
        return self._client(TokenAuthStrategy(token))

    def as_nobody(self) -> Any:
        return self._client(UnauthAuthStrategy())

    def as_person(self, login: str) -> Any:
        return self.with_token(self.hub.token(login))

    def events(self) -> list[tuple[str, str | None]]:
        """Wait for the deliveries so far and return each one's event and action."""
        self.hub.parts.deliveries.drain()
        return [(item.event, item.payload.get("action")) for item in self.received]

    def payload(self, event: str, action: str | None = None) -> dict[str, Any]:
        """Return the newest payload of a kind."""
        self.events()
        found = [item.payload for item in self.received if (item.event, item.payload.get("action")) == (event, action)]
        assert found, f"no {event} {action} among {self.events()}"
        return found[-1]

    def _client(self, strategy: Any) -> Any:
        # The tokens of githubkit's default cache would outlive the hub they are good for.
        client: GitHub[Any] = GitHub(
            strategy,
            base_url=self.hub.api_url,
            cache_strategy=MemCacheStrategy(),
            http_cache=False,
            auto_retry=False,
            trust_env=False,
            ssl_verify=False,  # it is plain HTTP; saves reading the machine's certificates
        )
        return self.clients.enter_context(client)


def refused(call: Any) -> tuple[int, str]:
    """Return status and message of the error that `call` ends in."""
    with pytest.raises(RequestFailed) as caught:
        call()
    answer = caught.value.response
    assert answer.headers["X-GitHub-Request-Id"]
    return answer.status_code, answer.json()["message"]


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    """A key for all tests: making one takes longer than most of them."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def runner() -> FakeRunner:
    """What runs the workflows; a module may have another one."""
    return FakeRunner()


@pytest.fixture
def latency() -> float:
    """Seconds that a request of the App takes longer; a module may have another one."""
    return 0.0


@pytest.fixture(scope="session")
def node() -> Path:
    """The program that foreign clients run with."""
    try:
        return ensure_program("node", "nodejs")
    except UserError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def world(tmp_path: Path, key: rsa.RSAPrivateKey, runner: FakeRunner, latency: float, word: Word) -> Iterator[World]:
    received: list[Received] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(Received(dict(self.headers.items()), body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        with word.hold(Hub(tmp_path, 0, runner, latency=latency), refuses=True) as hub:
            hub.create_repository(
                REPOSITORY,
                {
                    "README.md": "# Services\n",
                    "services/one/executor.py": "print(1)\n",
                    ".github/workflows/microservice-build.yml": BUILD,
                    ".github/workflows/microservice-deploy.yml": DEPLOY,
                },
                LABELS,
            )
            app = hub.install_app(f"http://127.0.0.1:{receiver.server_port}/webhook", SECRET, key)
            with ExitStack() as clients:
                yield World(hub, app, runner, received, clients)
        receiver.shutdown()
        thread.join()
