"""The demo's folder: the logs of its processes, and a record of what `--down` has to stop."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel

from bot.deploy import DEFAULT_NAME
from bot.errors import UserError

REQUEST_LOG = "logs/requests.json"


class Started(BaseModel):
    """What the demo itself has started. `--down` removes this and nothing else.

    Attributes:
        engine: the demo started the Docker engine.
        platform: the name of the platform.
        port: where the platform's ingress listens on loopback, 0 for none.
    """

    engine: bool = False
    platform: str = DEFAULT_NAME
    port: int = 0


class State:
    """The demo's folder, `.gptdeploy` in the current folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._file = self.root / "started.json"

    @property
    def started(self) -> Started:
        """Read what has been started."""
        return Started.model_validate_json(self._file.read_text()) if self._file.exists() else Started()

    def record(self, **changes: bool | int | str) -> None:
        """Remember what is about to be started. It is remembered first, so that nothing is forgotten in a crash."""
        self.root.mkdir(parents=True, exist_ok=True)
        data = self.started.model_dump() | changes
        self._file.write_text(json.dumps(data))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make this the only demo in the folder.

        Raises:
            UserError: another one is running.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError(f"Another demo is running in {self.root.parent}; end it with Ctrl-C first.") from error
            yield

    def fresh(self, name: str) -> Path:
        """Return an empty folder `name`; what an earlier demo left in it is removed."""
        folder = self.root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def clear(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.root, ignore_errors=True)


def end(pid: int, seconds: float = 10.0) -> None:
    """End a process of ours and wait until it is gone.

    Args:
        seconds: how long it may take after SIGTERM; then it gets SIGKILL.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if _gone(pid):
                return
            time.sleep(0.05)


def _gone(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return True
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
