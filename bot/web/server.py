"""Serve the web application with gunicorn, configured here and nowhere else."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from bot.config import Settings
from bot.logs import configuration
from bot.runs import Runs
from bot.web.app import create_app
from bot.web.reception import MOST, Reception
from bot.web.visitors import Visitors

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


class _Log(Logger):
    """gunicorn's own lines, but none for each request: the webhook logs a line for each delivery itself."""

    def access(self, *_: object) -> None:
        pass


class Server(BaseApplication):
    """gunicorn around the application of one process.

    Args:
        bind: address and port, or "fd://N" for a socket that listens already.
        make: called once in each of gunicorn's processes, after the fork, because processes cannot share connections
            to the database or its threads.
    """

    def __init__(self, bind: str, make: Callable[[], Flask]) -> None:
        self._bind = bind
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "proc_name": "gptdeploy-web",
            # Threads, because a delivery waits for the database. One process, because SQLite takes one writer at a
            # time, and the writers of one process can wait for each other in a queue.
            "worker_class": Reception,
            "workers": 1,
            "threads": 16,
            # Where more come, gunicorn accepts no more; half of them may be arriving.
            "worker_connections": 2 * MOST,
            "timeout": 30,
            "graceful_timeout": 10,
            "pre_fork": _share,
            "logger_class": _Log,
            "logconfig_dict": configuration(),
            # Nobody controls the server from outside; gunicorn would put a socket for that into the home directory.
            "control_socket_disable": True,
        }
        if _SHARED_MEMORY.is_dir():
            # gunicorn touches this file as a sign of life; a slow disk would hold that up for seconds.
            options["worker_tmp_dir"] = str(_SHARED_MEMORY)
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        return self._make()


def _share(_arbiter: object, _worker: object) -> None:
    """Let the processes of gunicorn share what is in memory before the fork.

    The collector writes into each object that it looks at, and a page that is written is copied for who writes.
    """
    gc.collect()
    gc.freeze()


def serve(
    settings: Settings,
    runs_factory: Callable[[], Runs],
    visitors: Visitors | None = None,
    more: Sequence[Blueprint] = (),
) -> None:
    """Serve until SIGTERM or Ctrl-C, answer the requests that have begun, and end the process."""
    Server(settings.bind, lambda: create_app(settings, runs_factory(), visitors, more)).run()
