"""Serve the web application with gunicorn, configured here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from bot.config.settings import Settings
from bot.logs import configuration
from bot.runs import Runs
from bot.web.app import create_app

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


class Server(BaseApplication):
    """gunicorn around the application of one process.

    Args:
        runs_factory: called once in each worker process, after the fork: no connection or thread of the database is
            shared between processes.
    """

    def __init__(self, settings: Settings, runs_factory: Callable[[], Runs]) -> None:
        self._settings = settings
        self._runs_factory = runs_factory
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._settings.bind,
            "proc_name": "gptdeploy-web",
            # Threads, because a delivery waits for the database; one process, because SQLite takes one writer at a
            # time, and writers of one process can queue for it.
            "worker_class": "gthread",
            "workers": 1,
            "threads": 16,
            "timeout": 30,
            "graceful_timeout": 10,
            # One line a delivery is written by the webhook itself.
            "accesslog": None,
            "logconfig_dict": configuration(),
            # Nobody steers the server from outside, and a socket in the home directory would be in the way.
            "control_socket_disable": True,
        }
        if _SHARED_MEMORY.is_dir():
            # The heartbeat file must not be on a disk, which may block for seconds.
            options["worker_tmp_dir"] = str(_SHARED_MEMORY)
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        return create_app(self._settings, self._runs_factory())


def serve(settings: Settings, runs_factory: Callable[[], Runs]) -> None:
    """Serve until SIGTERM or Ctrl-C; requests under way are finished first. Ends the process."""
    Server(settings, runs_factory).run()
