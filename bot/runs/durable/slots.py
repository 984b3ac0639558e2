"""What makes a worker the only one that carries out what it has begun: a lock on the file, or a slot on the server."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from typing import Protocol

from bot.errors import UserError
from bot.runs.durable.postgres import is_postgres
from bot.runs.durable.server_slot import Lease, ServerSlot
from bot.runs.durable.sqlite import lock_path, sqlite_path

_LOCK_TRIES = 5
_LOCK_SECONDS = 0.1


class Slot(Protocol):
    """A worker's right to carry out what is stored.

    Attributes:
        number: which one it is; 0 where there is only one.
        executor: by what the engine knows the worker.
        holder: by what other workers know it; another one after each start.
    """

    number: int
    executor: str
    holder: str

    def hold(self) -> None:
        """Return when this worker may begin something; at once, mostly."""

    def ready(self) -> None:
        """Let everybody see that work is taken now."""

    def beat(self) -> None:
        """Let everybody see that work is looked for."""

    def leads(self) -> bool:
        """Return whether this worker is the one that does what one of all does."""

    def abandoned(self) -> Iterator[int]:
        """Yield the slots with what nobody goes on with; as long as the caller looks at one, nobody else does."""

    def stop(self) -> None:
        """Let everybody see that no work is taken any more."""

    def give_back(self) -> None:
        """Let somebody else go on with everything."""


def take_slot(database_url: str, version: str, lease: Lease) -> Slot:
    """Return the right to carry out what is stored in a database.

    Raises:
        UserError: another worker has the only one.
    """
    return ServerSlot(database_url, version, lease) if is_postgres(database_url) else FileSlot(database_url)


class FileSlot:
    """A lock on a file, for the only worker; it is let go when the process ends, however it ends."""

    number = 0
    executor = "worker"
    holder = ""

    def __init__(self, database_url: str) -> None:
        path = sqlite_path(database_url)
        self._file = os.open(lock_path(database_url), os.O_CREAT | os.O_RDWR, 0o600)
        for left in reversed(range(_LOCK_TRIES)):
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                # Who looks whether there is a worker holds the lock for an instant (`readiness.py`).
                if not left:
                    os.close(self._file)
                    raise UserError(f"Another worker is using {path}: one worker a database.") from error
                time.sleep(_LOCK_SECONDS)
        os.ftruncate(self._file, 0)

    def hold(self) -> None:
        """See `Slot`."""

    def ready(self) -> None:
        """Write the process's id into the file."""
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def beat(self) -> None:
        """Touch the file."""
        os.utime(self._file)

    def leads(self) -> bool:
        """There is no other one."""
        return True

    def abandoned(self) -> Iterator[int]:
        """Nobody else has one."""
        return iter(())

    def stop(self) -> None:
        """Take the process's id out of the file."""
        os.ftruncate(self._file, 0)

    def give_back(self) -> None:
        """See `Slot`."""
        os.close(self._file)
