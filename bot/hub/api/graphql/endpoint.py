"""Where GraphQL requests arrive: they are read, checked against the schema, and answered as GitHub answers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from flask import Blueprint, Response, g
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from bot.hub.access import ApiError
from bot.hub.api.endpoints import identify, json_body, respond
from bot.hub.api.graphql.bounds import Bounds
from bot.hub.api.graphql.resolvers import Resolvers
from bot.hub.api.graphql.schema import SCHEMA
from bot.hub.parts import current_parts

# GitHub lets one name stand for fields of different types where only one of them can be meant.
_RULES = [*(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule), Bounds]
BLUEPRINT = Blueprint("graphql", __name__)


@BLUEPRINT.post("/api/graphql")
def graphql() -> Response:
    parts = current_parts()
    caller = identify(parts)
    g.kind = "read"
    if caller is None:
        raise ApiError(401, "This endpoint requires you to be authenticated.")
    body = json_body()
    document, faults = _read(str(body.get("query") or ""))
    if document is None:
        return respond({"errors": faults})
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if any(node.operation.value == "mutation" for node in operations):
        g.kind = "content"
    if faults:
        return respond({"errors": faults})
    with parts.state.lock:
        result = execute_sync(
            SCHEMA,
            document,
            root_value=Resolvers(parts, caller),
            variable_values=body.get("variables") or {},
            operation_name=body.get("operationName"),
        )
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_formatted(error) for error in result.errors]
    return respond(answer)


@lru_cache(maxsize=64)
def _read(query: str) -> tuple[DocumentNode | None, list[dict[str, Any]]]:
    """Return what a query says, and what is wrong with it; the bot sends the same few, with other variables."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [_formatted(error)]
    return document, [_formatted(error) for error in validate(SCHEMA, document, _RULES)]


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """GitHub puts an error's type beside its message, not into `extensions`."""
    data = dict(error.formatted)
    extensions = cast(dict[str, Any], data.pop("extensions", None) or {})
    return {**({"type": extensions["type"]} if "type" in extensions else {}), **data}
