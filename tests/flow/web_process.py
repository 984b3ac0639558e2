"""The bot's web process as it runs in production: gunicorn, its threads, real sockets."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SECRET = "it is a secret"
_ROOT = Path(__file__).parents[2]
_LISTENS = re.compile(r"Listening at: (http://127\.0\.0\.1:[1-9][0-9]*)")
_PROGRAM = """
import sys
from bot.config import Settings
from bot.runs.durable.client import DurableRuns
from bot.web.server import serve
from tests.fakes.app_key import app_key
from tests.fakes.runs import FakeRuns

database = sys.argv[2]
serve(
    Settings(
        github_app_id=1,
        github_private_key=app_key(),
        github_webhook_secret=sys.argv[1],
        openai_api_key="key",
        bind="127.0.0.1:0",
        database_url=database or "sqlite:///unused",
    ),
    DurableRuns(database, patient=False) if database else FakeRuns(),
)
"""


@dataclass(frozen=True)
class Web:
    """The process, its address, and the file that it logs to."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        """Its host and port."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)


@contextmanager
def start_web(folder: Path, database_url: str = "") -> Iterator[Web]:
    """Start the web process on a free port, and yield once it listens.

    Args:
        database_url: where it stores; without, it stores nothing.
    """
    log = folder / "web.log"
    command = [sys.executable, "-c", _PROGRAM, SECRET, database_url]
    with log.open("wb") as file, subprocess.Popen(command, cwd=_ROOT, stderr=file) as process:
        try:
            deadline = time.monotonic() + 60
            while not (found := _LISTENS.search(log.read_text())):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield Web(process, found[1], log)
        finally:
            if process.poll() is None:
                process.kill()
