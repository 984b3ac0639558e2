"""The real web process, and what it takes: processor time, memory."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.demo.ports import free_port
from tests.fakes.app_key import app_key

_SECRET = "bench-secret"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class WebProcess:
    """gunicorn's processes, which listen at a port of this machine."""

    port: int
    processes: tuple[int, ...]

    def seconds(self) -> float:
        """Return the processor time of all of them so far."""
        return sum(_ticks(process) for process in self.processes) / _TICKS

    def megabytes(self) -> float:
        """Return the memory of all of them together, what they share counted once.

        https://docs.kernel.org/filesystems/proc.html (Pss)
        """
        return sum(_proportional(process) for process in self.processes) / 1024


@contextmanager
def started(database_url: str, *program: str) -> Iterator[WebProcess]:
    """Run `gptdeploy web` on a database, or another program of Python; it takes deliveries once this yields."""
    port = free_port(8100)
    environment = os.environ | {
        "GITHUB_APP_ID": "1",
        "GITHUB_PRIVATE_KEY": app_key(),
        "GITHUB_WEBHOOK_SECRET": _SECRET,
        "OPENAI_API_KEY": "unused",
        "DATABASE_URL": database_url,
        "GPTDEPLOY_BIND": f"127.0.0.1:{port}",
    }
    web = subprocess.Popen(
        [sys.executable, *(program or ("-m", "bot", "web"))],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(f"http://127.0.0.1:{port}/healthz")
        children = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
        yield WebProcess(port, (web.pid, *map(int, children)))
    finally:
        web.terminate()
        web.wait(20)


def signed(name: str, delivery: str, payload: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a delivery."""
    body = json.dumps(payload).encode()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": name,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()}",
    }


def _ticks(process: int) -> int:
    # The name of the program, in parentheses, may hold blanks.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _proportional(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(url)
