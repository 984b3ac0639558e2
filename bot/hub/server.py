"""The embedded GitHub as one object: start it, make repositories, install the App, stop it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bot.hub.access import Caller
from bot.hub.act import Runner
from bot.hub.application import application
from bot.hub.git import BareRepository, Committer
from bot.hub.parts import PARTS_KEY, Parts
from bot.hub.request_log import ApiRequest, counted
from bot.hub.state import App, Issue, Label, Repository
from bot.hub.webhooks import Delivery

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

APP_PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "actions": "write",
        "checks": "write",
        "contents": "write",
        "deployments": "read",
        "issues": "write",
        "metadata": "read",
        "pull_requests": "write",
    }
)


@dataclass(frozen=True)
class AppCredentials:
    """What a bot needs to act as the App."""

    app_id: int
    private_key_pem: str = field(repr=False)
    installation_id: int
    client_id: str
    client_secret: str = field(repr=False)


class Hub:
    """A stand-in for GitHub, listening on loopback while it is started.

    Args:
        root: folder for repositories and logs.
        port: 0 takes any free one.
        runner: executes workflows.
        public_url: the address others use, where it is not `http://127.0.0.1:<port>`.
        latency: seconds that every request of the App takes longer; for measuring.

    Attributes:
        front: the WSGI application that answers; one that stands before it may fail as GitHub does.
    """

    def __init__(
        self, root: Path, port: int, runner: Runner, public_url: str | None = None, latency: float = 0.0
    ) -> None:
        self._root = root
        self.front: WSGIApplication = application()
        # Bound before anything else, so that the address is known and a taken port is an error here.
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, self._serve, threaded=True, request_handler=_SilentHandler
        )
        own_url = f"http://127.0.0.1:{self._server.port}"
        self.url = (public_url or own_url).rstrip("/")
        origins = frozenset({self.url, own_url, f"http://localhost:{self._server.port}"})
        self.parts = Parts.build(self.url, origins, root, runner, latency)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="hub", daemon=True
        )

    @property
    def api_url(self) -> str:
        """Root of the REST API."""
        return f"{self.url}/api/v3"

    @property
    def requests(self) -> list[ApiRequest]:
        """Every request of a program that was answered so far."""
        return list(self.parts.requests)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every webhook so far."""
        return list(self.parts.deliveries.all)

    def counted(self, *actors: str, since: int = 0) -> dict[str, int]:
        """Count the requests of some actors by kind, without the first `since` of all; see `request_log.counted`."""
        return counted(self.requests[since:], *actors)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, cancel runs and send no more webhooks."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self.parts.scheduler.close()
        self.parts.deliveries.stop()

    def __enter__(self) -> Hub:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def create_repository(
        self, full_name: str, files: Mapping[str, str | bytes], labels: Collection[str] = ()
    ) -> Repository:
        """Make a public repository with labels and one commit on `main`; `octo` is its admin, `visitor` may read."""
        state = self.parts.state
        owner, _, name = full_name.partition("/")
        with state.lock:
            number = state.new_id()
            git = BareRepository(self._root / "repositories" / owner / f"{name}-{number}.git")
            repo = Repository(number, state.user(owner), name, git, roles={"octo": "admin"})
            repo.labels = [Label(state.new_id(), label) for label in labels]
            git.create(repo.default_branch)
            content = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
            git.commit(repo.default_branch, None, "Initial commit\n", Committer(), content)
            for login in ("octo", "visitor"):
                state.user(login)
            state.repositories[full_name.lower()] = repo
            # Another repository that had this name is no longer found by it.
            state.moved.pop(full_name.lower(), None)
        return repo

    def install_app(self, webhook_url: str, secret: str, key: rsa.RSAPrivateKey | None = None) -> AppCredentials:
        """Register the App "gptdeploy", with its installation on all repositories; without `key` it gets a new one."""
        state = self.parts.state
        key = key or rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        with state.lock:
            owners = [repo.owner for repo in state.repositories.values()] or [state.user("octo")]
            state.app = App(
                id=state.new_id(),
                slug="gptdeploy",
                name="gptdeploy",
                owner=owners[0],
                bot=state.user("gptdeploy[bot]", "Bot"),
                installation_id=state.new_id(),
                public_key_pem=public,
                webhook_url=webhook_url,
                secret=secret,
                permissions=APP_PERMISSIONS,
                client_id=f"Iv23{secrets.token_hex(8)}",
                client_secret=secrets.token_hex(20),
                callback_url=urljoin(webhook_url, "/login/callback"),
            )
            return AppCredentials(
                state.app.id,
                private.decode(),
                state.app.installation_id,
                state.app.client_id,
                state.app.client_secret,
            )

    def open_issue(self, repo: str, title: str, body: str, labels: Collection[str], author: str = "octo") -> Issue:
        """Open an issue as a person does with the issue form, which sets its labels whoever the author is.

        Labels that the repository does not have are left out.
        """
        with self.parts.state.lock:
            repository, issues = self.repository(repo), self.parts.issues
            there = issues.existing(repository, labels)
            return issues.open(repository, self.caller(author), title, body, there)

    def comment(self, repo: str, number: int, body: str, author: str = "octo") -> int:
        """Comment as a person and return the comment's id."""
        with self.parts.state.lock:
            repository = self.repository(repo)
            return self.parts.issues.comment(repository, repository.issues[number], self.caller(author), body).id

    def add_collaborator(self, repo: str, login: str, role: str) -> None:
        """Give a person a role, one of `state.ROLES`."""
        with self.parts.state.lock:
            self.parts.state.user(login)
            self.repository(repo).roles[login] = role

    def token(self, login: str) -> str:
        """Return a new personal access token of a person."""
        return self.parts.access.person_token(self.parts.state.user(login))

    def repository(self, full_name: str) -> Repository:
        """Return a repository's state; hold `parts.state.lock` to read it consistently.

        Raises:
            KeyError: there is none.
        """
        return self.parts.state.repositories[full_name.lower()]

    def caller(self, login: str) -> Caller:
        """Return a person as the verbs of `parts` take it."""
        return Caller(self.parts.state.user(login))

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.front({**environ, PARTS_KEY: self.parts}, start_response)


class _SilentHandler(WSGIRequestHandler):
    """Keeps the terminal free; the request log is in memory."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass
