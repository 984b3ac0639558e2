"""Events as the router gets them."""

from __future__ import annotations

from typing import Any

from bot.web import events


def made(kind: type[Any], delivery: str = "guid", **fields: Any) -> Any:
    return kind(delivery=delivery, **{"repo": "octo/services", "repository": 1, "installation": 42, **fields})


def labeled(label: str = "microservice", delivery: str = "guid") -> events.LabelAdded:
    event: events.LabelAdded = made(events.LabelAdded, delivery, issue=3, label=label, actor="octo")
    return event
