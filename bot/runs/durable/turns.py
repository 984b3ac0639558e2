"""Who may write to the database next."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import TransientError

STORING_SECONDS = 2.0
_PAUSE_SECONDS = 5.0


class Turns:
    """SQLite takes one writer at a time and lets the others sleep for a while; here the threads of a process queue.

    A server takes many.

    Where the database cannot be written, whoever comes in the next seconds is told so without trying: threads that all
    wait for the same lock would be missing for everything else.

    Args:
        seconds: how long to wait for a turn; None for as long as it takes, and then nobody is turned away.
        at_once: how many may write at the same time.
    """

    def __init__(self, seconds: float | None, at_once: int = 1) -> None:
        self._seconds = seconds
        self._turns = threading.BoundedSemaphore(at_once)
        self._closed_until = 0.0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a turn.

        Raises:
            TransientError: it did not come in time, or the database could not be written just before.
        """
        self._refuse_while_closed()
        if not self._turns.acquire(timeout=self._seconds):
            raise TransientError("The database is being written, and no turn has come.")
        try:
            # Whoever had the turn before may have found it so.
            self._refuse_while_closed()
            try:
                yield
            except TransientError:
                self._closed_until = time.monotonic() + _PAUSE_SECONDS
                raise
        finally:
            self._turns.release()

    def _refuse_while_closed(self) -> None:
        if self._seconds is not None and time.monotonic() < self._closed_until:
            raise TransientError("The database could not be written just now.")
