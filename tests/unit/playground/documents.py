"""OpenAPI documents of services."""

from __future__ import annotations

from typing import Any


def document(properties: dict[str, Any], example: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Input"},
        "examples": {"example": {"value": example or {}}},
    }
    return {
        "paths": {
            "/execute": {
                "post": {
                    "requestBody": {"content": {"application/json": content}},
                    "responses": {
                        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Output"}}}}
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Input": {"type": "object", "properties": properties, "required": more.get("required", [])},
                "Output": {"type": "object", "properties": properties},
                "Item": {
                    "type": "object",
                    "title": "Item",
                    "properties": {
                        "sku": {"type": "string"},
                        "price": {"type": "number", "exclusiveMinimum": 0},
                        "note": {"type": "string"},
                        "new": {"type": "boolean"},
                        "sizes": {"type": "array", "items": {"type": "integer"}},
                    },
                    "required": ["sku", "price"],
                },
                "Mode": {"enum": ["fast", "good"], "type": "string", "title": "Mode"},
            }
        },
    }
