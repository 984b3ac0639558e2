"""What all payloads are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Json = dict[str, Any]


def stamp(time: datetime | None) -> str | None:
    """Return a time as GitHub writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None
