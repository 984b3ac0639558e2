"""Serve the web application with gunicorn, configured here and nowhere else."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from bot.config import Settings
from bot.logs import configuration
from bot.runs import Runs
from bot.web.app import create_app
from bot.web.reception import MOST, AtOnce, Reception
from bot.web.visitors import Visitors
from bot.web.webhook import Webhook

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


class _Log(Logger):
    """gunicorn's own lines, but none for each request: the webhook logs a line for each delivery itself."""

    def access(self, *_: object) -> None:
        pass


class Server(BaseApplication):
    """gunicorn around the application, which is made before the fork: its processes share what it takes in memory.

    Args:
        bind: address and port, or "fd://N" for a socket that listens already.
        before_fork: lets go of what processes cannot share, such as connections to a database.
        at_once: answers what needs no thread (see `Reception`).
    """

    def __init__(
        self,
        bind: str,
        app: Flask,
        before_fork: Callable[[], None] = lambda: None,
        at_once: AtOnce = lambda _arrival: None,
    ) -> None:
        self.at_once = at_once
        self._bind = bind
        self._app = app
        self._before_fork = before_fork
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
            "preload_app": True,
            "pre_fork": self._share,
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
        return self._app

    def _share(self, _arbiter: object, _worker: object) -> None:
        """Have the processes share all that is in memory before the fork, and nothing else.

        The collector writes into each object that it looks at, and a page that is written is copied for who writes.
        """
        self._before_fork()
        gc.collect()
        gc.freeze()
        _give_back()


def _give_back() -> None:
    """Give back to the system what the imports have left over, which glibc keeps; others do so by themselves.

    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def serve(settings: Settings, runs: Runs, visitors: Visitors | None = None, more: Sequence[Blueprint] = ()) -> None:
    """Serve until SIGTERM or Ctrl-C, answer the requests that have begun, and end the process."""
    app = create_app(settings, runs, visitors, more)
    webhook = cast(Webhook, app.wsgi_app)
    Server(settings.bind, app, runs.disconnect, webhook.at_once).run()
