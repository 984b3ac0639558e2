"""Asking from within the platform: the way of a request through the engine, and the program that sends it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import NotFound

from bot.deploy.doors import Answer, Unanswered
from bot.deploy.inside import Inside
from bot.deploy.layout import INSIDE_PORT, Platform
from tests.fakes.answering import answering

PLATFORM = Platform("https://apps.example.com")
LONGEST_ARGUMENT, LONGEST_COMMAND = 131_072, 2_000_000
"""In bytes, as Linux takes them. https://man7.org/linux/man-pages/man2/execve.2.html"""


@dataclass
class Playground:
    """A container in which commands of the deployer run here, with the ingress at a port of this machine."""

    port: int = 0
    commands: list[list[str]] = field(default_factory=list)

    @property
    def attrs(self) -> dict[str, Any]:
        """What is known of the ingress, which has the same double: it listens on loopback."""
        return {"NetworkSettings": {"Networks": {PLATFORM.network: {"IPAddress": "127.0.0.1"}}}}

    def exec_run(self, command: list[str], demux: bool = False) -> SimpleNamespace:
        self.commands.append(command)
        assert max(len(word) for word in command) < LONGEST_ARGUMENT
        assert sum(len(word) for word in command) < LONGEST_COMMAND
        here = [word.replace(f"http://127.0.0.1:{INSIDE_PORT}", f"http://127.0.0.1:{self.port}") for word in command]
        here[0] = here[0].replace("python", sys.executable)
        done = subprocess.run(here, capture_output=True, timeout=30, check=False)
        output: Any = (done.stdout or None, done.stderr or None) if demux else done.stdout + done.stderr
        return SimpleNamespace(exit_code=done.returncode, output=output)


def door(playground: Playground) -> Inside:
    client: Any = SimpleNamespace(containers=SimpleNamespace(get=lambda _name: playground))
    return Inside(client, PLATFORM, "qr")


@pytest.mark.parametrize("size", [10, 250_000, 2_500_000])
def test_a_request_of_any_size_arrives_as_it_is(size: int, tmp_path: Path) -> None:
    got = tmp_path / "got"
    program = (
        "import http.server, sys\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n"
        "    def do_POST(self):\n"
        "        body = self.rfile.read(int(self.headers['Content-Length']))\n"
        f"        open({str(got)!r}, 'wb').write((self.path + ' ' + self.headers['Host']).encode() + b'\\n' + body)\n"
        "        self.send_response(422)\n"
        "        self.end_headers()\n"
        "        self.wfile.write('{\"ü\": 1}'.encode())\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), Handler)\n"
        "print(server.server_port, flush=True)\n"
        "server.handle_request()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        playground, body = Playground(int(server.stdout.readline())), {"text": "%s'\"\\ü" + "x" * size}
        try:
            assert door(playground).ask("/execute", seconds=20, body=body) == Answer(422, '{"ü": 1}')
        finally:
            # It waits for a request, and the test for its end.
            server.terminate()
    line, _, sent = got.read_text().partition("\n")
    assert (line, json.loads(sent)) == ("/execute qr.apps.example.com", body)
    # Nothing is left in the container.
    assert not Path(playground.commands[-1][-1]).exists()


def test_no_answer_is_told_with_its_reason() -> None:
    with answering(b"") as port, pytest.raises(Unanswered, match="RemoteDisconnected: Remote end closed"):
        door(Playground(port)).ask("/healthz", seconds=5)
    with pytest.raises(Unanswered, match="Connection refused"):
        door(Playground(1)).ask("/healthz", seconds=5)


def test_without_a_playground_there_is_no_answer() -> None:
    def get(_name: str) -> None:
        raise NotFound("No such container")

    client: Any = SimpleNamespace(containers=SimpleNamespace(get=get))
    with pytest.raises(Unanswered, match="No such container"):
        Inside(client, Platform(), "qr").ask("/healthz", seconds=5)
