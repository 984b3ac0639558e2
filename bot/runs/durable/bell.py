"""Wake the worker, and runs that wait, without a look at the database: a datagram from whoever has heard something.

A run that waits holds a thread and nothing else; polling the database for messages to 200 of them cost a fifth of a
core. A ring is only a hint, as a webhook is. One that gets lost while no worker listens costs a poll at most: the first
wait of a run in a new process returns at once, and the run asks GitHub.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

_LONGEST = 1024


class Bell:
    """The worker's side: hears rings and lets whoever is named in them wait for theirs.

    Args:
        path: of the Unix socket, beside the database. One that a killed worker left is replaced.
        waiting: what surrounds a wait.
    """

    def __init__(self, path: Path, waiting: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._path = path
        self._waiting = waiting
        self._events: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        threading.Thread(target=self._listen, name="bell", daemon=True).start()

    def wait(self, name: str, seconds: float | None) -> bool:
        """Wait until somebody rings for `name`, at most `seconds`; return whether somebody did, or might have.

        Args:
            name: the id of a run, or a name of the worker's own; never empty.
            seconds: None for as long as it takes.
        """
        event = self._event(name)
        if seconds == 0:
            was_rung = event.is_set()
        else:
            with self._waiting():
                was_rung = event.wait(seconds)
        event.clear()
        return was_rung

    def forget(self, run: str) -> None:
        """Drop what is kept for a run that has ended."""
        with self._lock:
            self._events.pop(run, None)

    def close(self) -> None:
        """Hear no more."""
        ring(self._path, "")
        self._path.unlink(missing_ok=True)

    def ring(self, name: str) -> None:
        """End the wait for `name`, or the next one."""
        with self._lock:
            event = self._events.get(name)
        if event is not None:
            event.set()

    def _event(self, name: str) -> threading.Event:
        with self._lock:
            if name not in self._events:
                event = self._events[name] = threading.Event()
                # Somebody may have rung before this process listened.
                event.set()
            return self._events[name]

    def _listen(self) -> None:
        with self._socket:
            while name := self._socket.recv(_LONGEST).decode():
                self.ring(name)


class RungEvent(threading.Event):
    """An event whose `wait` also ends when somebody rings for `name`; what `wait` returns says which it was.

    Args:
        longest: how many seconds a wait takes at the most, whatever is asked for.
        beat: called at each wait, as a sign of life of whoever waits again and again.
    """

    def __init__(self, bell: Bell, name: str, longest: float, beat: Callable[[], None]) -> None:
        super().__init__()
        self._bell = bell
        self._name = name
        self._longest = longest
        self._beat = beat

    def wait(self, timeout: float | None = None) -> bool:
        """Wait at most `timeout` seconds; return whether the event is set."""
        self._beat()
        if not self.is_set():
            self._bell.wait(self._name, self._longest if timeout is None else min(timeout, self._longest))
        return self.is_set()

    def set(self) -> None:
        """Set the event and end its waits."""
        super().set()
        self._bell.ring(self._name)


def ring(path: Path, name: str) -> None:
    """Wake a run, or what else waits for `name`, in the worker that listens at `path`; nobody may be listening."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client, contextlib.suppress(OSError):
        client.setblocking(False)
        client.sendto(name.encode(), str(path))
