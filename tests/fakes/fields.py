"""Fields as a model drafts them."""

from __future__ import annotations

from typing import Any

from bot.generate.draft import FieldDraft


def draft(name: str, kind: str = "text", **changes: Any) -> dict[str, Any]:
    """Return a required field as it stands in a model's answer."""
    plain = {
        "name": name,
        "type": kind,
        "required": True,
        "nullable": False,
        "default": "",
        "choices": [],
        "limits": [],
        "media_types": [],
        "description": "",
    }
    limits = [{"keyword": keyword, "value": str(value)} for keyword, value in changes.pop("limits", {}).items()]
    return plain | changes | {"limits": limits}


def field(name: str, kind: str = "text", **changes: Any) -> FieldDraft:
    """Return the same, read."""
    return FieldDraft.model_validate(draft(name, kind, **changes))
