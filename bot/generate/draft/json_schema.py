"""The JSON schemas of a service's request and answer. They are made in code, because models write invalid ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.generate.draft.drafts import FieldDraft, FieldType
from bot.generate.draft.names import field_name, unused

_SCHEMAS: dict[FieldType, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "file": {"type": "string", "contentEncoding": "base64"},
    "list of text": {"type": "array", "items": {"type": "string"}},
    "list of numbers": {"type": "array", "items": {"type": "number"}},
    "rows of text": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    "rows of numbers": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    "list of objects": {"type": "array", "items": {"type": "object"}},
    "object": {"type": "object"},
}
_MEDIA_TYPE = re.compile(r"[a-z]+/(?:[a-z0-9][a-z0-9.+-]*|\*)")


def object_schema(fields: Sequence[FieldDraft]) -> dict[str, Any]:
    """Return the JSON schema of an object with `fields`, all of them required, under names that Python allows."""
    properties: dict[str, Any] = {}
    for field in fields:
        media = field.media_type.strip().lower()
        # A model may call a readable file a file. As text it needs no base64.
        kind: FieldType = "text" if field.type == "file" and media.startswith("text/") else field.type
        schema = dict(_SCHEMAS[kind])
        if kind == "file":
            schema["contentMediaType"] = media if _MEDIA_TYPE.fullmatch(media) else "application/octet-stream"
        elif kind == "text" and _MEDIA_TYPE.fullmatch(media) and media != "text/plain":
            schema["contentMediaType"] = media
        if field.description.strip():
            schema["description"] = field.description.strip()[:300]
        properties[unused(field_name(field.name), properties, "_")] = schema
    return {"type": "object", "properties": properties, "required": list(properties)}
