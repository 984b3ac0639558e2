"""Over which line rings reach workers: a Unix socket beside a database file, LISTEN/NOTIFY of a PostgreSQL server.

A ring that gets lost costs whoever waits for it a poll, so that no line does more than try.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import psycopg

from bot.runs.durable.postgres import connect, is_postgres, why
from bot.runs.durable.sqlite import bell_path

log = logging.getLogger(__name__)

_LONGEST_DATAGRAM = 4096
"""Bytes of a ring with its hint."""
_LONGEST_NOTICE = 7999
"""The same on PostgreSQL: https://www.postgresql.org/docs/current/sql-notify.html"""
_CHANNEL = "gptdeploy_bell"
_TOGETHER_SECONDS = 0.01
"""For so long rings are gathered: at their commit, those who notify wait for each other."""
_AGAIN_SECONDS = 1.0
_LOOK_SECONDS = 5.0
_START_SECONDS = 5.0

Heard = Callable[[str, str], None]
"""Is given for whom it rings, and the hint."""


class Line(Protocol):
    """A way for rings."""

    def ring(self, name: str, hint: str = "") -> None:
        """Wake a run, or what else waits for `name`, in whatever worker that is; nobody may be listening.

        Args:
            hint: what is said with it, in one line; one that is too long is left out.
        """

    def listen(self, heard: Heard, missed: Callable[[], None]) -> None:
        """Have `heard` be called for each ring, and `missed` where some may have been lost; in another thread."""

    def close(self) -> None:
        """Hear no more."""


def open_line(database_url: str) -> Line:
    """Return the line of a database."""
    return Notices(database_url) if is_postgres(database_url) else Datagrams(bell_path(database_url))


class Datagrams:
    """A Unix socket at which the only worker of a database listens. One that a killed worker left is replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None

    def ring(self, name: str, hint: str = "") -> None:
        """See `Line`."""
        said = _said(name, hint, _LONGEST_DATAGRAM)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client, contextlib.suppress(OSError):
            client.setblocking(False)
            client.sendto(said.encode(), str(self._path))

    def listen(self, heard: Heard, missed: Callable[[], None]) -> None:  # noqa: ARG002 (nothing is lost while it is there)
        """See `Line`."""
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        threading.Thread(target=_take, args=(self._socket, heard), name="bell", daemon=True).start()

    def close(self) -> None:
        """See `Line`."""
        if self._socket is not None:
            self.ring("")
            self._path.unlink(missing_ok=True)


def _take(listening: socket.socket, heard: Heard) -> None:
    with listening:
        while said := listening.recv(_LONGEST_DATAGRAM).decode():
            name, _, hint = said.partition("\n")
            heard(name, hint)


class Notices:
    """LISTEN/NOTIFY: a ring reaches all workers. Rings are sent by a thread, together, and nobody waits for that."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._gathered: dict[str, None] = {}
        self._sender: threading.Thread | None = None
        self._closed = threading.Event()
        self._listens = threading.Event()

    def ring(self, name: str, hint: str = "") -> None:
        """See `Line`."""
        with self._lock:
            self._gathered[_said(name, hint, _LONGEST_NOTICE)] = None
            if self._sender is None:
                # A process may have been forked since this was made, and threads stay behind.
                self._sender = threading.Thread(target=self._send, name="rings", daemon=True)
                self._sender.start()
        self._some.set()

    def listen(self, heard: Heard, missed: Callable[[], None]) -> None:
        """See `Line`."""
        threading.Thread(target=self._listen, args=(heard, missed), name="bell", daemon=True).start()
        # Whoever begins to wait now is not missed by a ring.
        self._listens.wait(_START_SECONDS)

    def close(self) -> None:
        """See `Line`."""
        self._closed.set()
        self._some.set()

    def _send(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while True:
            self._some.wait()
            time.sleep(_TOGETHER_SECONDS)
            self._some.clear()
            with self._lock:
                gathered, self._gathered = list(self._gathered), {}
            try:
                if gathered:
                    connection = connection or connect(self._database_url, "rings")
                    connection.execute("SELECT pg_notify(%s, said) FROM unnest(%s::text[]) said", (_CHANNEL, gathered))
            except psycopg.Error as error:
                log.warning("%d rings are lost: %s", len(gathered), why(error))
                _ended(connection)
                connection = None
            if self._closed.is_set():
                _ended(connection)
                return

    def _listen(self, heard: Heard, missed: Callable[[], None]) -> None:
        while not self._closed.is_set():
            connection: psycopg.Connection[Any] | None = None
            try:
                connection = connect(self._database_url, "bell")
                connection.execute(f"LISTEN {_CHANNEL}")
                self._listens.set()
                # Whoever rang before was not heard.
                missed()
                while not self._closed.is_set():
                    for notice in connection.notifies(timeout=_LOOK_SECONDS):
                        name, _, hint = notice.payload.partition("\n")
                        heard(name, hint)
                    # A connection that is lost without a word is found out by a question.
                    connection.execute("SELECT 1")
            except psycopg.Error as error:
                if not self._closed.is_set():
                    log.warning("rings are not heard: %s", why(error))
            finally:
                _ended(connection)
            self._closed.wait(_AGAIN_SECONDS)


def _said(name: str, hint: str, longest: int) -> str:
    said = f"{name}\n{hint}" if hint else name
    return said if len(os.fsencode(said)) <= longest else name


def _ended(connection: psycopg.Connection[Any] | None) -> None:
    if connection is not None:
        connection.close()
