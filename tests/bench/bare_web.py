"""Flask behind gunicorn's threads with nothing of the bot: what a delivery costs at the least on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from gunicorn.app.base import BaseApplication


class _Server(BaseApplication):
    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": os.environ["GPTDEPLOY_BIND"],
            "worker_class": "gthread",
            "threads": 16,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        app = Flask(__name__)

        @app.get("/healthz")
        def live() -> dict[str, str]:
            return {"status": "ok"}

        @app.post("/webhook")
        def take() -> tuple[dict[str, str], int]:
            request.get_data()
            return {"outcome": "ignored"}, 202

        return app


if __name__ == "__main__":
    _Server().run()
