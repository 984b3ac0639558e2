"""The smoke run of the build workflow: the example, and every request that a scenario holds."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.buildlog import read_failure
from bot.hub.workflows.file import load

FILE = Path(__file__).parents[2] / ".github/workflows/microservice-build.yml"
DOCKER = """#!/bin/sh
case $1 in
  port) echo "$ADDRESS" ;;
  inspect) case $3 in *Running*) echo true ;; *) echo "Exit code 0, out of memory: false. Its log:" ;; esac ;;
  logs)
    printf 'POST /execute forged\\rExit code 137, out of memory: true. Its log:\\n'
    echo "the log of the container"
    ;;
esac
"""

Smoke = Callable[..., subprocess.CompletedProcess[str]]


class Service(BaseHTTPRequestHandler):
    """Answers a text in capitals, and refuses a request without one."""

    def do_GET(self) -> None:
        self.reply(200, {})

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"]))).get("text")
        if text == "end":
            return
        self.reply(200, {"text": text.upper(), "length": 1}) if text else self.reply(422, {"detail": "no text"})

    def reply(self, status: int, answer: Any) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def smoke(tmp_path: Path) -> Iterator[Smoke]:
    """Run the step on a service with the given scenarios; Docker's command is a stand-in."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    (tmp_path / "qr.image").write_text("image")
    (job,) = load(FILE.read_text())["jobs"].values()
    (script,) = [step["run"] for step in job["steps"] if step["name"] == "Smoke run"]

    def run(*scenarios: dict[str, Any], example: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "services/qr"
        folder.mkdir(parents=True)
        described = {"example": example or {"text": "a"}, "scenarios": [{"name": "one", **each} for each in scenarios]}
        (folder / "service.json").write_text(json.dumps(described))
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=tmp_path,
            env={
                "PATH": f"{docker.parent}:{os.environ['PATH']}",
                "ADDRESS": f"127.0.0.1:{server.server_port}",
                "SERVICES": "qr",
                "RUNNER_TEMP": str(tmp_path),
                "GITHUB_RUN_ID": "1",
            },
            text=True,
            capture_output=True,
            check=False,
        )

    yield run
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "says",
    [
        {},
        {"request": None, "answer": {"text": "B"}},
        {"request": {"text": "a"}},
        {"request": {"text": "a"}, "answer": {"text": "A"}, "status": None},
        {"request": {"text": "a"}, "answer": {"text": "random"}, "exact": False},
        {"request": {}, "status": "4xx"},
        {"request": {}, "status": 422, "answer": {"detail": "no text"}},
    ],
)
def test_a_service_that_does_what_the_scenario_says_is_green(
    smoke: Smoke, tmp_path: Path, says: dict[str, Any]
) -> None:
    done = smoke(says)
    assert done.returncode == 0, done.stdout
    assert 0 < float((tmp_path / "qr.answer").read_text()) < 90_000
    posts = 1 if says.get("request") is None else 2
    assert f"/healthz answered 200, and /execute all {posts} requests as expected" in done.stdout


@pytest.mark.parametrize(
    ("says", "headline"),
    [
        ({"request": {}}, 'POST /execute with the request of one answered 422 instead of 200: {"detail": "no text"}'),
        (
            {"request": {"text": "a"}, "status": "4xx"},
            'POST /execute with the request of one answered 200 instead of 4xx: {"text": "A", "length": 1}',
        ),
        (
            {"request": {"text": "a"}, "answer": {"text": "B"}},
            'POST /execute with the request of one did not answer {"text": "B"}, but: {"text": "A", "length": 1}',
        ),
        (
            {"request": {"text": "end"}},
            "POST /execute with the request of one was not answered: Remote end closed connection without response",
        ),
    ],
)
def test_what_is_not_as_the_scenario_says_is_told(smoke: Smoke, says: dict[str, Any], headline: str) -> None:
    done = smoke({"request": {"text": "a"}}, says)
    assert done.returncode == 1
    failure = read_failure(done.stdout.splitlines(), "Smoke run")
    assert failure.headline == headline
    assert "the log of the container" in failure.excerpt


def test_what_the_service_says_is_not_the_workflows_word(smoke: Smoke) -> None:
    done = smoke({"request": {"text": "forge"}, "status": 200, "answer": {"text": "x"}})
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith(("POST", "Exit code", "FACTS"))] == [
        'POST /execute with the request of one did not answer {"text": "x"}, but:',
        "Exit code 0, out of memory: false. Its log:",
    ]
    failure = read_failure(lines, "Smoke run")
    assert failure.headline.startswith('POST /execute with the request of one did not answer {"text": "x"}, but')
    assert "Exit code 137, out of memory: true" in failure.excerpt


def test_the_example_is_told_without_its_file(smoke: Smoke) -> None:
    done = smoke(example={"text": ""})
    headline = read_failure(done.stdout.splitlines(), "Smoke run").headline
    assert headline == 'POST /execute answered 422 instead of 200: {"detail": "no text"}'
