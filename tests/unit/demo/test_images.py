"""Pulls, with an HTTP server that answers like an engine; and what a machine says about its mirrors."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import docker
import pytest

from bot.demo import debian, images, standins
from bot.errors import UserError


def quiet(_: str) -> None:
    """Say nothing."""


class Engine(ThreadingHTTPServer):
    """Holds images, and pulls some.

    Attributes:
        images: what it has.
        pullable: what it can pull.
        silent: whether a pull gets no answer.
        pulled: what it was asked to pull.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.images: set[str] = set()
        self.pullable: set[str] = set()
        self.pulled: list[str] = []
        self.silent = False
        self.end = threading.Event()


class Answer(BaseHTTPRequestHandler):
    server: Engine

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.partition("/images/")[2].removesuffix("/json")
        present = name in self.server.images
        body = {"Id": "sha256:1"} if present else {"message": f"No such image: {name}"}
        self._send(200 if present else 404, body)

    def do_POST(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        name = f"{query['fromImage'][0]}:{query['tag'][0]}"
        self.server.pulled.append(name)
        if self.server.silent:
            self.server.end.wait()
        if name in self.server.pullable:
            self.server.images.add(name)
            self._send(200, {"status": "Download complete"})
        elif name.startswith("broken.example"):
            self._send(200, {"error": "unexpected EOF"})
        else:
            self._send(500, {"message": "dial tcp: no such host"})

    def _send(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        thread = threading.Thread(target=engine.serve_forever, args=(0.01,))
        thread.start()
        yield engine
        engine.end.set()
        engine.shutdown()
        thread.join()


@pytest.fixture
def client(engine: Engine) -> Iterator[docker.DockerClient]:
    client = docker.DockerClient(base_url=f"tcp://127.0.0.1:{engine.server_port}", version="1.41")
    yield client
    client.close()


def test_what_is_there_is_used_and_the_rest_pulled(engine: Engine, client: docker.DockerClient) -> None:
    engine.images = {"python:3.13-slim"}
    engine.pullable = {"caddy:2"}
    lines: list[str] = []
    images.ensure(client, ("python:3.13-slim", "caddy:2"), lines.append)
    assert engine.pulled == ["caddy:2"]
    assert lines == ["pulling caddy:2"]
    images.ensure(client, ("python:3.13-slim", "caddy:2"), lines.append)
    assert engine.pulled == ["caddy:2"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nowhere.example/a:1", "dial tcp: no such host"), ("broken.example/a:1", "unexpected EOF")],
)
def test_an_image_without_stand_in_that_cannot_be_pulled_is_an_error(
    client: docker.DockerClient, name: str, reason: str
) -> None:
    with pytest.raises(UserError) as raised:
        images.ensure(client, (name,), quiet)
    assert str(raised.value) == f"Cannot pull {name}: {reason}"


def test_a_registry_out_of_reach_is_asked_once(engine: Engine, client: docker.DockerClient) -> None:
    with pytest.raises(UserError, match="some/thing:1, other:2"):
        images.ensure(client, ("some/thing:1", "other:2"), quiet)
    assert engine.pulled == ["some/thing:1"]


def test_a_registry_that_says_nothing_is_given_up(engine: Engine, client: docker.DockerClient) -> None:
    engine.silent = True
    with pytest.raises(UserError, match=r"no answer within 0\.1 s"):
        images.ensure(client, ("some/thing:1",), quiet, patience=0.1)


ONE_LINE = """\
# deb http://old.example/debian bookworm main
deb [signed-by=/usr/share/keyrings/x.gpg] https://packages.example/apt sdk-bookworm main
deb-src http://sources.example/debian bookworm main
deb [arch=amd64 trusted=yes] http://mirror.example/debian bookworm main contrib
"""

DEB822 = """\
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Enabled: no

Types: deb
# http://snapshot.example/archive
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
"""


@pytest.mark.parametrize(
    ("sources", "mirror"),
    [
        ([ONE_LINE], "http://mirror.example/debian"),
        (["", DEB822], "http://mirror.example/debian"),
        (["deb file:/media/cdrom bookworm main\n"], debian.DEFAULT_MIRROR),
        ([], debian.DEFAULT_MIRROR),
    ],
)
def test_the_mirror_of_the_machine(sources: list[str], mirror: str) -> None:
    assert debian.mirror_of(sources, "bookworm") == mirror


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('ID=debian\nVERSION_CODENAME="bookworm"\n', True),
        ("ID=ubuntu\nID_LIKE=debian\n", True),
        ('ID="fedora"\n', False),
        ("", False),
    ],
)
def test_debian_and_its_relatives(text: str, expected: bool) -> None:
    assert debian.is_debian(debian.os_release(text)) is expected


def test_addresses_of_package_indexes_go_into_the_image_and_paths_do_not() -> None:
    listed = [
        "global.cert='/etc/ssl/certs/ca-certificates.crt'",
        "global.index-url='https://index.example/simple'",
        "global.extra-index-url='file:///srv/simple https://more.example/simple'",
        "global.find-links='/srv/wheels'",
        ":env:.trusted-host='index.example'",
    ]
    assert standins.pip_settings(listed) == (
        "[global]\nindex-url = https://index.example/simple\n"
        "extra-index-url = https://more.example/simple\ntrusted-host = index.example\n"
    )
    assert standins.pip_settings(["global.find-links='/srv/wheels'"]) == ""
