"""Start the bot's two processes and wait until they are ready."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx

from bot.demo.processes import BotCommands
from bot.demo.state import end
from bot.errors import UserError
from bot.render import templates_dir
from bot.runs.durable.sqlite import lock_path

_START_SECONDS = 60


def start_bot(stack: ExitStack, commands: BotCommands, environ: Mapping[str, str], logs: Path) -> None:
    """Start the bot and wait until it is ready; `stack` ends it.

    Args:
        environ: of both processes; holds the bot's settings.
        logs: the folder for `web.log` and `worker.log`.

    Raises:
        UserError: a process does not come up; the text ends with its log.
    """
    lock = lock_path(environ["DATABASE_URL"])
    web = _launch(stack, commands.web, environ, logs / "web.log")
    worker = _launch(stack, commands.worker, environ, logs / "worker.log")
    with httpx.Client(base_url=f"http://{environ['GPTDEPLOY_BIND']}", timeout=2, trust_env=False) as client:
        _await(web, logs / "web.log", lambda: _answers(client))
    # A worker that is ready has written its process id there.
    _await(worker, logs / "worker.log", lambda: lock.exists() and lock.stat().st_size > 0)


def _launch(stack: ExitStack, command: Sequence[str], environ: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=dict(environ),
            cwd=templates_dir().parent,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches the demo alone, which stops the parts in order.
            start_new_session=True,
        )
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    end(process.pid)
    # It has ended; without this, Python warns of a process that is still running.
    process.wait()


def _await(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise UserError(f"The bot did not come up; {log} ends with:\n{log.read_text()[-2000:]}")


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False
