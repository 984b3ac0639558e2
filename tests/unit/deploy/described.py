"""A service as its `service.json` describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

DESCRIBED: dict[str, Any] = {
    "slug": "qr-code",
    "title": "QR\ncode",
    "summary": "Draws one.",
    "issue": 7,
    "example": {"text": "it's"},
    "output_schema": {},
}


def service_folder(parent: Path, text: str, name: str = "qr-code") -> Path:
    """Return a new folder of a service whose `service.json` holds `text`."""
    folder = parent / name
    folder.mkdir()
    (folder / "service.json").write_text(text)
    return folder
