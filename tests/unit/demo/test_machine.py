"""The engine's life, with a program that answers like `dockerd` and is none."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo import machine
from bot.demo.machine import Engine
from bot.errors import UserError

DOCKERD = """\
#!{python}
import http.server, json, os, socketserver, sys

flags = dict(argument.removeprefix("--").split("=", 1) for argument in sys.argv[1:])
socket = flags["host"].removeprefix("unix://")


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({{"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24"}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

    def address_string(self):
        return ""


if os.path.exists(socket):
    os.unlink(socket)
with open(flags["pidfile"], "w") as file:
    file.write(str(os.getpid()))
socketserver.ThreadingUnixStreamServer(socket, Answer).serve_forever()
"""

BROKEN = """\
#!/bin/sh
echo 'level=info msg="Starting up"'
echo 'failed to start daemon: no room in the inn'
exit 1
"""


def quiet(_: str) -> None:
    """Say nothing."""


def write_program(folder: Path, text: str) -> str:
    program = folder / "dockerd"
    program.write_text(text)
    program.chmod(0o755)
    return str(program)


def live(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    program = write_program(tmp_path, DOCKERD.format(python=sys.executable))
    engine = Engine(tmp_path / "state", tmp_path / "docker.sock", tmp_path / "docker.pid", program)
    yield engine
    if engine.pid_file.exists() and live(pid := int(engine.pid_file.read_text())) and pid != os.getpid():
        os.kill(pid, signal.SIGKILL)


def test_an_engine_is_started_once_and_used_again(engine: Engine) -> None:
    lines: list[str] = []
    assert not machine.engine_answers(engine)
    first = machine.ensure_engine(lines.append, engine)
    second = machine.ensure_engine(lines.append, engine)
    assert (first.started, second.started) == (True, False)
    assert lines == ["starting the Docker engine"]
    assert second.client.version()["Version"] == "20.10.24"
    first.client.close()
    second.client.close()


def test_the_engine_outlives_the_session_that_started_it(engine: Engine) -> None:
    machine.ensure_engine(quiet, engine).client.close()
    pid = int(engine.record.read_text())
    assert os.getsid(pid) not in (os.getsid(0), 0)


def test_an_engine_that_was_started_here_is_stopped_and_only_once(engine: Engine) -> None:
    machine.ensure_engine(quiet, engine).client.close()
    pid = int(engine.record.read_text())
    assert machine.stop_engine(engine)
    assert not live(pid)
    assert not machine.stop_engine(engine)


def test_an_engine_of_somebody_else_is_left_alone(engine: Engine) -> None:
    machine.ensure_engine(quiet, engine).client.close()
    engine.record.unlink()
    machine.ensure_engine(quiet, engine).client.close()
    assert not machine.stop_engine(engine)
    assert machine.engine_answers(engine)


def test_a_process_that_got_the_id_of_an_ended_engine_is_left_alone(engine: Engine) -> None:
    engine.state.mkdir()
    engine.record.write_text(str(os.getpid()))
    assert not machine.stop_engine(engine)
    assert not engine.record.exists()


def test_a_pid_file_left_behind_does_not_keep_the_engine_from_starting(engine: Engine) -> None:
    engine.pid_file.write_text(str(os.getpid()))
    handle = machine.ensure_engine(quiet, engine)
    handle.client.close()
    assert handle.started
    assert machine.stop_engine(engine)


def test_an_engine_that_does_not_start_says_why(tmp_path: Path) -> None:
    program = write_program(tmp_path, BROKEN)
    engine = Engine(tmp_path / "state", tmp_path / "docker.sock", tmp_path / "docker.pid", program)
    with pytest.raises(UserError, match="no room in the inn"):
        machine.ensure_engine(quiet, engine)
    assert not machine.stop_engine(engine)
