"""Services that do nothing, made from the schemas alone: a test that passes on all of them shows nothing."""

import json
from typing import Any

KINDS = ("refusing", "empty", "echo")
"""In the order in which they are tried: most tests expect an answer, and fail where all is refused."""

_DEPTH = 20


def answer(kind: str, described: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    """Return status and body with which the hollow service of a kind answers a request.

    Args:
        kind: "refusing" answers 422, whatever it gets; "empty" answers the least that the schema of the output
            describes; "echo" puts what it gets into the output's fields, by name or else by type.
        described: what service.json says.
        body: of the request. It need not be valid: no hollow service refuses what a real one should.
    """
    if kind == "refusing":
        return 422, b'{"detail":"This is refused."}'
    schema = described["output_schema"]
    fields = empty(schema, schema)
    if kind == "echo":
        try:
            request = json.loads(body)
        except ValueError:
            request = {}
        fields = echo(fields, request)
    return 200, json.dumps(fields).encode()


def empty(schema: Any, root: dict[str, Any], depth: int = 0) -> Any:  # noqa: C901 (one case for each kind of schema)
    """Return the least value that a JSON schema describes: its default, or nothing, zero, false.

    Args:
        root: the whole schema, in which a `$ref` is looked up.
        depth: how many schemas this one is in; one that holds itself ends somewhere.
    """
    if not isinstance(schema, dict) or depth > _DEPTH:
        return None
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    if "$ref" in schema:
        return empty(_look_up(schema["$ref"], root), root, depth + 1)
    for word in ("anyOf", "oneOf", "allOf"):
        if schema.get(word):
            return empty(schema[word][0], root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "null")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        return {name: empty(field, root, depth + 1) for name, field in schema.get("properties", {}).items()}
    if kind == "array":
        return [empty(schema.get("items"), root, depth + 1)] * min(int(schema.get("minItems", 0)), 10)
    if kind in ("integer", "number"):
        return max(0, schema.get("minimum", 0))
    return {"string": "", "boolean": False}.get(kind)


def echo(fields: Any, request: Any) -> Any:
    """Return an empty answer filled with what was sent: the value of the same name, or the first of the same type."""
    if not isinstance(fields, dict) or not isinstance(request, dict):
        return fields
    return {
        name: request.get(name, next((sent for sent in request.values() if type(sent) is type(value)), value))
        for name, value in fields.items()
    }


def _look_up(reference: str, root: dict[str, Any]) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found
