"""GitHub's descriptions of its API made plain JSON schemas.

They are OpenAPI 3.0, which has its own word for what may be null, and let every object have more properties than they
describe: https://spec.openapis.org/oas/v3.0.3#schema-object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_WORDS = ("description", "summary", "example", "examples", "externalDocs", "x-github", "x-octokit", "tags")
_KEPT = ("enum", "required", "default", "const", "discriminator")
_NAMED = ("properties", "patternProperties", "schemas", "parameters", "responses", "headers", "paths", "webhooks")


def distil(description: Json, *, closed: bool) -> Json:
    """Return what of a description tells right from wrong.

    Args:
        closed: objects have no more properties than those that are described, as is right for what is sent to GitHub;
            GitHub itself sends more than it describes.
    """
    described, paths = description["components"], description.get("paths", {})
    if installations := paths.get("/app/installations"):
        # Octokit's edition wants the account of each to be a person's and an enterprise's at once.
        answer = installations["get"]["responses"]["200"]["content"]["application/json"]
        answer["schema"]["items"] = {"$ref": "#/components/schemas/installation"}
    kept = {
        "paths": paths,
        "webhooks": description.get("webhooks", {}),
        "components": {kind: described[kind] for kind in ("schemas", "parameters", "responses") if kind in described},
    }
    return dict(_Distiller(described["schemas"], closed).of(kept))


class _Distiller:
    def __init__(self, schemas: Mapping[str, Json], closed: bool) -> None:
        self._schemas = schemas
        self._closed = closed

    def of(self, value: Any, *, part: bool = False, names: bool = False) -> Any:
        """Return a schema, or what holds some, without words.

        Args:
            part: it is one of several schemas of the same value, so that others may describe what it does not.
            names: the keys of `value` are names, not keywords.
        """
        if isinstance(value, list):
            return [self.of(each, part=part) for each in value]
        if not isinstance(value, dict):
            return value
        if names:
            return {name: self.of(each) for name, each in value.items()}
        if part and self._closed and "$ref" in value:
            # The component itself is closed.
            return self.of(self._schemas[value["$ref"].rpartition("/")[2]], part=True)
        closes = self._closed and not part and _leaves_open(value)
        found: Json = {}
        for key, each in value.items():
            if key in _KEPT:
                found[key] = each
            elif key == "oneOf":
                # What is open may well fit several of them.
                found["anyOf"] = self.of(each, part=part or closes)
            elif key not in _WORDS:
                shared = key == "allOf" or (key == "anyOf" and (part or closes))
                found[key] = self.of(each, part=shared, names=key in _NAMED)
        if closes:
            found["unevaluatedProperties"] = False
        return _nullable(found) if found.pop("nullable", False) else found


def _leaves_open(schema: Json) -> bool:
    return ("properties" in schema or "allOf" in schema) and "additionalProperties" not in schema


def _nullable(schema: Json) -> Json:
    if isinstance(schema.get("type"), str) and not schema.keys() & {"anyOf", "allOf"}:
        known = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [schema["type"], "null"], **known}
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema
