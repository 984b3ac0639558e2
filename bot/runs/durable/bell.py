"""Wake the worker, and runs that wait, without a look at the database: a ring from whoever has heard something.

A run that waits holds a thread and nothing else; polling the database for messages to 200 of them cost a fifth of a
core. A ring is only a hint, as a webhook is. One that gets lost while no worker listens costs a poll at most: the first
wait of a run in a new process returns at once, and the run asks GitHub. With a ring may come a hint: text that is kept
for whoever was rung for, as long as that is at work in this process.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from bot.runs.durable.lines import Line

_HINTS = 20
"""Hints that are kept for one run: there are as many as builds that it may still wait for."""


class Bell:
    """The worker's side: hears rings and lets whoever is named in them wait for theirs.

    Args:
        line: over which rings come.
        waiting: what surrounds a wait.
    """

    def __init__(self, line: Line, waiting: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._line = line
        self._waiting = waiting
        self._events: dict[str, threading.Event] = {}
        self._hints: dict[str, deque[str]] = {}
        self._lock = threading.Lock()
        line.listen(self.ring, self._ring_all)

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
            self._hints.pop(run, None)

    def close(self) -> None:
        """Hear no more."""
        self._line.close()

    def hints(self, run: str) -> list[str]:
        """Return what has come with the last rings for a run, the newest first."""
        with self._lock:
            return list(self._hints.get(run, ()))

    def ring(self, name: str, hint: str = "") -> None:
        """End the wait for `name`, or the next one."""
        with self._lock:
            event = self._events.get(name)
            if event is not None and hint:
                self._hints.setdefault(name, deque(maxlen=_HINTS)).appendleft(hint)
        if event is not None:
            event.set()

    def _event(self, name: str) -> threading.Event:
        with self._lock:
            if name not in self._events:
                event = self._events[name] = threading.Event()
                # Somebody may have rung before this process listened.
                event.set()
            return self._events[name]

    def _ring_all(self) -> None:
        with self._lock:
            events = list(self._events.values())
        for event in events:
            event.set()


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
