"""Wake runs that wait, without a look at the database: a datagram from whoever has heard something.

A run that waits holds a thread and nothing else; polling the database for messages to 200 of them cost a fifth of a
core. A ring is only a hint, as a webhook is: one that gets lost while no worker listens costs nothing, because the
first wait of a run in a new process returns at once, and the run asks GitHub.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

_LONGEST = 1024


class Bell:
    """The worker's side: hears rings and lets runs wait for theirs.

    Args:
        path: of the Unix socket, beside the database. One that a killed worker left is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        threading.Thread(target=self._listen, name="bell", daemon=True).start()

    def wait(self, run: str, seconds: float) -> bool:
        """Wait until the run is rung for, at most `seconds`; return whether it was, or might have been meanwhile."""
        event = self._event(run)
        rung = event.wait(seconds)
        event.clear()
        return rung

    def forget(self, run: str) -> None:
        """Drop what is kept for a run that has ended."""
        with self._lock:
            self._events.pop(run, None)

    def close(self) -> None:
        """Hear no more."""
        ring(self._path, "")
        self._path.unlink(missing_ok=True)

    def _event(self, run: str) -> threading.Event:
        with self._lock:
            if run not in self._events:
                event = self._events[run] = threading.Event()
                # Somebody may have rung before this process listened.
                event.set()
            return self._events[run]

    def _listen(self) -> None:
        with self._socket:
            while run := self._socket.recv(_LONGEST).decode():
                with self._lock:
                    event = self._events.get(run)
                if event is not None:
                    event.set()


def ring(path: Path, run: str) -> None:
    """Wake a run in the worker that listens at `path`; nobody may be listening."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client, contextlib.suppress(OSError):
        client.setblocking(False)
        client.sendto(run.encode(), str(path))
