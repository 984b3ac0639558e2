"""`GET /healthz`: the process answers. `GET /readyz`: the bot can do its work, or what keeps it from that.

GitHub is none of the causes: while it cannot be reached, the bot waits for it, and starting it anew changes nothing.
"""

from __future__ import annotations

from flask import Blueprint

from bot.runs import Runs


def health(runs: Runs) -> Blueprint:
    """Return what a supervisor asks. Both answer while deliveries wait, in threads of their own (`reception.py`)."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @blueprint.get("/readyz")
    def readyz() -> tuple[dict[str, str | dict[str, str]], int]:
        causes = runs.causes()
        if causes:
            return {"status": "unready", "causes": causes}, 503
        return {"status": "ready"}, 200

    return blueprint
