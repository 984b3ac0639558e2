"""A delivery of GitHub's that starts a run: somebody has put the label on an issue."""

from __future__ import annotations

from typing import Any


def labelled(issue: int = 3) -> dict[str, Any]:
    """Return its payload, as far as the bot reads it."""
    return {
        "action": "labeled",
        "issue": {"number": issue},
        "label": {"name": "microservice"},
        "repository": {"id": 1, "full_name": "octo/services"},
        "installation": {"id": 42},
        "sender": {"login": "octo", "type": "User"},
    }
