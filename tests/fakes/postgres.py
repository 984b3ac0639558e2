"""A PostgreSQL server of Debian's, in a folder of its own, for as long as it is needed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg

from bot.demo.ports import free_port
from bot.errors import UserError
from tests.word.fetch import ensure_program

_USER = "postgres"
"""The server refuses to be root."""
PASSWORD = "not for logs"
_NOT_SYNCED = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class Server:
    """A server on loopback.

    Attributes:
        port: at 127.0.0.1.
    """

    def __init__(self, folder: Path, binaries: Path, options: Sequence[str]) -> None:
        self._folder = folder
        self._binaries = binaries
        self._options = options
        self._numbers = count()
        self._model = ""
        self._process: subprocess.Popen[bytes] | None = None
        # It keeps its port while it is away.
        self.port = free_port()

    def database(self, model: str = "template1") -> str:
        """Make a new database, and return its address.

        Args:
            model: the database of which it is a copy; nobody is connected to that.
        """
        name = f"runs_{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {model}")
        return self.address(name)

    def prepared(self) -> str:
        """Make a new database that has the bot's tables, and return its address.

        They are made once, and copied: to make them takes ten times as long.
        """
        # Every process of tests reads this module, and few of them need the engine.
        from bot.runs.durable.database import prepare

        if not self._model:
            self._model = self.database()
            prepare(self._model)
        return self.database(self._model.rpartition("/")[2])

    def address(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://{_USER}:{quote(PASSWORD)}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = ("-p", str(self.port), "-h", "127.0.0.1", "-k", "", *self._options)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                _as_user(self._binaries / "postgres", "-D", self._folder / "data", *options),
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> None:
        """End it: at once, with all connections."""
        assert self._process is not None
        # The process is the server itself, whoever it was before.
        self._process.send_signal(number)
        self._process.wait(timeout=30)


@contextmanager
def start_server(*, synced: bool = False) -> Iterator[Server]:
    """Start a server with nothing in it; it is gone at the end.

    Args:
        synced: a commit waits for the disk, as on a real one.

    Raises:
        UserError: there is none, and it cannot be installed.
    """
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="gptdeploy-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _USER, _USER)
    try:
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        made = subprocess.run(
            _as_user(
                *(binaries / "initdb", "-D", folder / "data", "-U", _USER, "--pwfile", folder / "password"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"),
            ),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise UserError(f"initdb: {made.stderr.strip()[-300:]}")
        server = Server(folder, binaries, () if synced else _NOT_SYNCED)
        server.start()
        try:
            yield server
        finally:
            # Nobody needs it any more: nothing is written down, as it would be for the next start.
            server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Debian keeps them apart for each version, and only a wrapper is on the path."""
    ensure_program("pg_config" if shutil.which("pg_config") else "pg_lsclusters", "postgresql")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    if initdb := shutil.which("initdb"):
        return Path(initdb).parent
    raise UserError("The tests need PostgreSQL's server: install the package postgresql.")


def _as_user(*command: str | Path) -> list[str]:
    """Return a command that runs as a user whom the server accepts, and ends with this process, however that ends."""
    by = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() == 0:
        user = pwd.getpwnam(_USER)
        by += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups"]
    return [*by, *(str(part) for part in command)]
