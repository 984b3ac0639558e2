"""The bot as it runs in production, with all that is outside of it: its processes, and a database on a small disk."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from bot.demo.ports import free_port
from tests.chaos.deliveries import Deliveries
from tests.chaos.outside import Outside
from tests.chaos.processes import Process

_SECRET = "chaos-secret"
_DISK = 24 * 1024 * 1024
_BUILD_SECONDS = 1.0
_START_SECONDS = 60.0


class Stage(Outside):
    """Everything that a chaos run needs.

    Args:
        database: the address of a server; "": a file on a small disk.
        workers, webs: how many processes there are.
        paced: the bot writes no faster than GitHub allows.
        build_seconds: how long a build takes.

    Attributes:
        deliveries: the way from GitHub to the bot.
    """

    def __init__(
        self,
        folder: Path,
        database: str = "",
        workers: int = 1,
        webs: int = 1,
        paced: bool = True,
        build_seconds: float = _BUILD_SECONDS,
    ) -> None:
        super().__init__(folder, build_seconds)
        self._disk = folder / "disk"
        self._disk.mkdir()
        self.small_disk = not database and _mount(self._disk)
        self._clock = folder / "clock"
        self._clock.write_text("0")
        self.log = folder / "log"
        doors = [free_port() for _ in range(webs)]
        self.deliveries = Deliveries(*(f"http://127.0.0.1:{door}/webhook" for door in doors))
        app = self.hub.install_app(self.deliveries.url, _SECRET)
        (folder / "key.pem").write_text(app.private_key_pem)
        settings = {
            "GITHUB_APP_ID": str(app.app_id),
            "GITHUB_PRIVATE_KEY": str(folder / "key.pem"),
            "GITHUB_WEBHOOK_SECRET": _SECRET,
            "GITHUB_API_URL": self.hub.api_url,
            "OPENAI_BASE_URL": self.model.url,
            "OPENAI_MODEL": "fake",
            "DATABASE_URL": database or f"sqlite:///{self._disk}/runs.sqlite",
            "GPTDEPLOY_POLL_SECONDS": "2" if paced else "30",
        }
        self.webs = [
            Process("web", settings | {"GPTDEPLOY_BIND": f"127.0.0.1:{door}"}, self.log, self._clock) for door in doors
        ]
        for door in doors:
            _await_door(f"http://127.0.0.1:{door}/healthz")
        self.workers = [Process("worker", settings, self.log, self._clock, paced=paced) for _ in range(workers)]
        self.web, self.worker = self.webs[0], self.workers[0]

    def close(self) -> None:
        for process in (*self.workers, *self.webs):
            process.close()
        self.deliveries.close()
        super().close()
        if self.small_disk:
            subprocess.run(["umount", "--lazy", str(self._disk)], check=True)

    def set_clock(self, ahead: float) -> None:
        """Have the bot's clock be so many seconds ahead."""
        self._clock.write_text(str(ahead))

    @contextmanager
    def locked_database(self) -> Iterator[None]:
        """Keep the database from being read and written."""
        connection = sqlite3.connect(self._disk / "runs.sqlite", timeout=10, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Leave no room on the disk with the database."""
        ballast = self._disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        try:
            yield
        finally:
            ballast.unlink(missing_ok=True)


def _await_door(url: str) -> None:
    """Wait until the bot listens: GitHub's first deliveries come in at once."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")


def _mount(folder: Path) -> bool:
    """Put a small disk below a folder; return whether this machine lets us."""
    if shutil.which("mount") is None:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    return done.returncode == 0
